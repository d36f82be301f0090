/**
 * One test function of a generated project: a name that states behaviour, and the lines of its body.
 */
import type { Refusal } from '../spec-rules.js';
import type { Build } from './build.js';
import { renderTemplate } from './template.js';

export interface PythonTest {
  /** Sentence in snake case, without `test_`. */
  readonly name: string;
  readonly lines: readonly string[];
  /** `("field", "value")` and its rows, for `pytest.mark.parametrize`. */
  readonly parameters?: {
    readonly names: readonly string[];
    readonly rows: readonly (readonly string[])[];
    readonly ids?: readonly string[];
  };
}

const PARAMETER_TYPES: Record<string, string> = { field: 'str', page_number: 'int', size: 'int', row_id: 'object' };

/** Text of a test; it takes the fixtures that its lines use. */
export function testFunction({ name, lines, parameters }: PythonTest): string {
  const first = lines.findIndex((line) => line !== '');
  const used = lines.slice(Math.max(first, 0)).map((line) => withoutUnused(line, lines));
  const text = used.join('\n');
  const fixtures = [
    ...(/\bclient\b/.test(text) ? ['client: AsyncClient'] : []),
    ...(/\bsession\b/.test(text) ? ['session: AsyncSession'] : []),
    ...(parameters?.names ?? []).map((parameter) => `${parameter}: ${PARAMETER_TYPES[parameter] ?? 'Any'}`),
  ];
  return renderTemplate('resource/test_function.py', { name, lines: used, parameters: parameters ?? null, fixtures });
}

/** A row that no other line looks at gets no name. */
function withoutUnused(line: string, lines: readonly string[]): string {
  const name = /^(\w+) = await create_/.exec(line)?.[1];
  const isUsed = lines.some((other) => other !== line && new RegExp(`\\b${name}\\b`).test(other));
  return name === undefined || isUsed ? line : line.replace(/^\w+ = /, '');
}

/** `assert response.status_code == 404` and the code of the envelope. */
export function expectError(status: number, codeKey: string, code: string): string[] {
  return [`assert response.status_code == ${status}`, `assert response.json()["${codeKey}"] == "${code}"`];
}

/** The answer that a rule gives. */
export function refusedBy(build: Build, { status, error_code }: Refusal): string[] {
  return expectError(status, build.model.errors.keys.code, error_code);
}

/** The lines of a test: what must be there, one request, what its answer is. */
export function exchange(before: readonly string[], call: string, asserts: readonly string[]): string[] {
  return [...before, '', `response = ${call}`, '', ...asserts];
}
