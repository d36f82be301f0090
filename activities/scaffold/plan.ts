/**
 * The reading of a spec as a person sees it: every statement with what became of it, what will be built, what was
 * guessed, what is left for a model. Pure. `scaffold plan` and `nightshift plan` show the same text.
 */
import type { SpecModel, SpecStatement, StatementClass } from './spec-model.js';

export interface PlanResource {
  readonly name: string;
  readonly fields: number;
  readonly endpoints: number;
  readonly rules: number;
}

export interface SpecPlan {
  readonly project: string;
  readonly counts: Readonly<Record<StatementClass, number>>;
  /** In build order. */
  readonly resources: readonly PlanResource[];
  /** In the order of the spec. */
  readonly statements: readonly SpecStatement[];
}

/** The plan as data (for `--json`). */
export function planOf(model: SpecModel): SpecPlan {
  const count = (wanted: StatementClass): number => model.statements.filter((one) => one.class === wanted).length;
  return {
    project: model.project.name,
    counts: { GENERATED: count('GENERATED'), INFERRED: count('INFERRED'), UNRESOLVED: count('UNRESOLVED') },
    resources: model.resources.map((resource) => ({
      name: resource.name,
      fields: resource.fields.length,
      endpoints: resource.endpoints.length,
      rules: resource.rules.length,
    })),
    statements: model.statements,
  };
}

export interface PlanWidth {
  /** Characters of a statement's text before it is cut with `…`. */
  readonly text: number;
}

/** The plan as text: the counts, a line for each resource, then one line for each statement with its notes below. */
export function renderPlan(model: SpecModel, width: PlanWidth = { text: 100 }): string {
  const plan = planOf(model);
  const { GENERATED, INFERRED, UNRESOLVED } = plan.counts;
  return [
    `${plan.project}: ${plan.statements.length} statements: ${GENERATED} generated, ${INFERRED} inferred, ${UNRESOLVED} unresolved`,
    '',
    ...table(
      ['resource', 'fields', 'endpoints', 'rules'],
      plan.resources.map((one) => [one.name, String(one.fields), String(one.endpoints), String(one.rules)]),
    ),
    '',
    ...table(
      ['line', 'class', 'rule', 'statement'],
      plan.statements.flatMap((statement) => statementRows(statement, width.text)),
    ),
    ...(UNRESOLVED === 0
      ? []
      : ['', 'UNRESOLVED statements become features for a model; no code is written for them.']),
  ].join('\n');
}

function statementRows(statement: SpecStatement, width: number): string[][] {
  const row = [String(statement.line), statement.class, statement.rule ?? '-', shortened(statement.text, width)];
  return statement.note === null ? [row] : [row, ['', '', '', `  > ${shortened(statement.note, width * 2)}`]];
}

/** One line, without control characters, at most `width` characters. */
function shortened(text: string, width: number): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  const characters = [...line];
  return characters.length <= width ? line : `${characters.slice(0, Math.max(1, width - 1)).join('')}…`;
}

/** Columns padded to their widest cell, the last one not. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === head.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(head), ...rows.map(line)];
}
