/**
 * Ruff, as WebAssembly: drops unused imports, sorts the rest and formats, so that templates may over-import and never
 * care about wrapping. Pure: source text in, source text out.
 */
import { type Diagnostic, PositionEncoding, Workspace } from '@astral-sh/ruff-wasm-nodejs';

/** Also what `[tool.ruff]` of the generated pyproject.toml says: the two must agree. */
const SHARED = {
  'line-length': 100,
  'target-version': 'py311',
  isort: { 'known-first-party': ['app', 'tests'], 'known-third-party': ['alembic'] },
};
const MAX_ROUNDS = 20;
const MAX_REMEMBERED = 1000;
const workspaces = new Map<string, Workspace>();
/** Most files of a project are the same from one rendering to the next. */
const remembered = new Map<string, string>();

/** The same program as a person would leave it. Throws on a syntax error, which is a defect of a template. */
export function formattedPython(source: string): string {
  const known = remembered.get(source);
  if (known !== undefined) return known;
  const formatted = workspaceFor('I001').format(fixedBy('I001', fixedBy('F401', source)));
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(source, formatted);
  return formatted;
}

function fixedBy(rule: string, source: string): string {
  let text = source;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const next = withFixes(text, workspaceFor(rule).check(text) as Diagnostic[]);
    if (next === text) return text;
    text = next;
  }
  return text;
}

function workspaceFor(rule: string): Workspace {
  const existing = workspaces.get(rule);
  if (existing) return existing;
  const { isort, ...options } = SHARED;
  const workspace = new Workspace({ ...options, lint: { select: [rule], isort } }, PositionEncoding.Utf16);
  workspaces.set(rule, workspace);
  return workspace;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly content: string;
}

/** Applies every fix that does not overlap an earlier one; the rest comes in the next round. */
function withFixes(source: string, diagnostics: readonly Diagnostic[]): string {
  const offsets = lineOffsets(source);
  const edits = diagnostics
    .flatMap(({ fix }) => fix?.edits ?? [])
    .map((edit): Edit => {
      const at = ({ row, column }: { row: number; column: number }) => (offsets[row - 1] ?? source.length) + column - 1;
      return { start: at(edit.location), end: at(edit.end_location), content: edit.content ?? '' };
    })
    .sort((a, b) => a.start - b.start || a.end - b.end);
  let text = '';
  let done = 0;
  for (const { start, end, content } of edits) {
    if (start < done) continue;
    text += source.slice(done, start) + content;
    done = end;
  }
  return text + source.slice(done);
}

function lineOffsets(source: string): number[] {
  const offsets = [0];
  for (let index = source.indexOf('\n'); index !== -1; index = source.indexOf('\n', index + 1)) offsets.push(index + 1);
  return offsets;
}
