/** The corpus of commands (test/corpus/*.jsonl), each row with its family: what must pass, what must not, and why. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface FamilyRow {
  readonly cmd: string;
  readonly expect: 'allow' | 'block' | 'either';
  readonly why: string;
  readonly family: string;
}

const directory = fileURLToPath(new URL('../../../test/corpus', import.meta.url));

/** Families of the rows that came without one (commands.jsonl), by their first program or by what they show. */
const FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/docker/, 'docker'],
  [/\b(pytest|coverage)\b/, 'pytest'],
  [/\bgit\b/, 'git'],
  [/\b(pip3?|pip)\b/, 'pip'],
  [/\b(python3?|alembic|uvicorn|black|mypy)\b/, 'python'],
  [/\b(node|npm|npx)\b/, 'node'],
  [/\bcurl\b/, 'curl'],
  [/\b(pkill|kill|ps)\b/, 'processes'],
  [/\/etc|\.\.|\/root|~|\/dev\/|\/proc/, 'paths'],
];

/** Every row of every file; a file other than commands.jsonl is a family of its own. */
export function corpusRows(): readonly FamilyRow[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .flatMap((name) => rowsOf(name));
}

function rowsOf(name: string): FamilyRow[] {
  const text = readFileSync(`${directory}/${name}`, 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Omit<FamilyRow, 'family'>)
    .map((row) => ({ ...row, family: name === 'commands.jsonl' ? familyOf(row.cmd) : name.replace('.jsonl', '') }));
}

function familyOf(command: string): string {
  return FAMILIES.find(([pattern]) => pattern.test(command))?.[1] ?? 'shell';
}
