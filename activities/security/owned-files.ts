/**
 * The files of a project that only Nightshift writes, each with the reason: refused to commands and to the editor by the
 * same table. What changes them all the same is put back at the next checkpoint (workspace/harness-files.ts).
 */

export const POLICY_FILE = 'nightshift.policy.json';

/** By path in the project. */
const OWNED: ReadonlyMap<string, string> = new Map([
  ['feature_list.json', 'the list is locked and `passes` is measured by Nightshift, never written by hand'],
  ['claude-progress.txt', 'Nightshift appends to it at the end of each session; say it in your last message'],
  ['app_spec.txt', 'the spec is what the person ordered'],
  ['.claude_settings.json', 'it states the rules that bound you'],
  ['.claude/settings.json', 'it states the rules that bound you'],
  [POLICY_FILE, 'a person extends the policy, with nightshift policy --use'],
]);

/** What is made by its own program only, by first path segment. */
const MADE_BY: ReadonlyMap<string, string> = new Map([
  ['.git', 'only git itself writes there'],
  ['.venv', 'only pip and python -m venv write there'],
  ['venv', 'only pip and python -m venv write there'],
]);

export const ownedFiles: readonly string[] = [...OWNED.keys()];

/** Why nobody but Nightshift (or the program named) writes this path, relative to the project; null when anyone may. */
export function ownedBecause(relative: string): string | null {
  const [first = ''] = relative.split('/');
  const because = OWNED.get(relative) ?? MADE_BY.get(first);
  if (because !== undefined) return because;
  return ownedFiles.some((file) => file.startsWith(`${relative}/`)) ? 'it holds what belongs to Nightshift' : null;
}

/** An environment may be thrown away as a whole; the repository and owned files may not. */
export function keptBecause(relative: string): string | null {
  return MADE_BY.get(relative)?.includes('venv') === true ? null : ownedBecause(relative);
}
