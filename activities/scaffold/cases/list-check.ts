/**
 * What a list must answer with: exactly these rows, or these in this order; several questions in one case. Pure.
 */
import { fieldNamed, type SpecField } from '../spec-model.js';
import { CannotArrange, type Values } from './arrangement.js';
import type { ListEndpoint, ListScope } from './list-scope.js';
import type { Check, PlannedCase } from './planned-case.js';
import type { Row, Setup } from './setup.js';

/** The list holds exactly these rows. */
export function onlyFound(
  setup: Setup,
  scope: ListScope,
  endpoint: ListEndpoint,
  query: Record<string, string | number | boolean>,
  rows: readonly Row[],
): Check {
  const { items, total } = setup.model.page;
  const [first] = rows;
  return {
    request: scope.request(query),
    as: scope.actor,
    expected_status: endpoint.status,
    expected_json: {
      [total]: rows.length,
      [items]: { $length: rows.length, ...(first ? { $contains: { id: first.id } } : {}) },
    },
  };
}

/** The list begins with these rows and has no others. */
export function ordered(
  setup: Setup,
  scope: ListScope,
  endpoint: ListEndpoint,
  query: Record<string, string>,
  rows: readonly Row[],
): Check {
  const { items, total } = setup.model.page;
  const places: Values = Object.fromEntries(rows.map((row, index) => [`${items}.${index}.id`, row.id]));
  return {
    request: scope.request(query),
    as: scope.actor,
    expected_status: endpoint.status,
    expected_json: { [total]: rows.length, ...places },
  };
}

/** The first check, with the others as requests that follow. */
export function inTurn(checks: readonly Check[]): Check {
  const [first, ...rest] = checks;
  if (!first) throw new CannotArrange('nothing to check');
  const afterwards = rest.slice(0, 10).map(({ request, as, expected_status, expected_error, expected_json }) => ({
    request,
    ...(as !== undefined && as !== 'admin' ? { as } : {}),
    expected_status,
    ...(expected_error !== undefined ? { expected_error } : {}),
    ...(expected_json ? { expected_json } : {}),
  }));
  return { ...first, afterwards };
}

/** One case for all of them where that can be arranged, else one for each. */
export function oneOrEach<T>(all: readonly T[], plan: (group: readonly T[]) => PlannedCase[]): PlannedCase[] {
  if (all.length === 0) return [];
  const together = plan(all);
  return together.length > 0 ? together : all.flatMap((one) => plan([one]));
}

/** `a, b and c` */
export function inWords(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

export function needField(scope: ListScope, name: string): SpecField {
  const field = fieldNamed(scope.rows, name);
  if (!field) throw new CannotArrange(`${scope.rows.name} has no field ${name}`);
  return field;
}
