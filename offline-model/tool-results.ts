/**
 * The machine-readable lines in tool results that the rules act on. Everything else in a result is for a reader.
 * Names are matched strictly, because they go into shell commands.
 */

export type NextFeature = { readonly kind: 'feature'; readonly id: string; readonly resource: string };

/** `resources: users, tags, tasks` from `scaffold plan`, in build order; null when the line isn't there. */
export function plannedResources(result: string): readonly string[] | null {
  return namesAfter(/^resources:[ \t]*(.*)$/m, result);
}

/** `also propose: general` from `scaffold plan`: statements that belong to no resource; none when there is no line. */
export function furtherProposals(result: string): readonly string[] {
  return namesAfter(/^also propose:[ \t]*(.*)$/m, result) ?? [];
}

/** `features propose` has nothing to propose: a resource that only others' endpoints show. Not a fault. */
export function hasNoFeatures(result: string): boolean {
  return result.startsWith('The compiler derived no features');
}

function namesAfter(line: RegExp, result: string): readonly string[] | null {
  const listed = line.exec(result)?.[1];
  if (listed === undefined) return null;
  const names = listed
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'none');
  return names.every((name) => /^[a-z][a-z0-9_]{0,62}$/.test(name)) ? names : null;
}

/** `next: <feature id> (resource <name>)` or `next: none` from `features next`; null when neither is there. */
export function nextFeature(result: string): NextFeature | { readonly kind: 'none' } | null {
  if (/^next: none\b/m.test(result)) return { kind: 'none' };
  const match = /^next: ([a-z][a-z0-9-]{2,79}) \(resource ([a-z][a-z0-9_]{0,62})\)/m.exec(result);
  const [, id, resource] = match ?? [];
  return id !== undefined && resource !== undefined ? { kind: 'feature', id, resource } : null;
}

/** `cases: 29 of 31 passing` from `check`; null when the line isn't there. */
export function checkedCases(result: string): { readonly passing: number; readonly total: number } | null {
  const match = /^cases: (\d+) of (\d+) passing\b/m.exec(result);
  const [, passing, total] = match ?? [];
  return passing !== undefined && total !== undefined ? { passing: Number(passing), total: Number(total) } : null;
}
