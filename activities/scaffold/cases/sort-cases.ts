/**
 * Cases of a list's order. Pure. Rows are made so that neither their ids nor their order of creation give the right
 * answer by chance.
 */
import type { JsonValue } from '../../features/feature.js';
import type { FieldType, SpecField, SpecModel, SpecResource } from '../spec-model.js';
import { CannotArrange } from './arrangement.js';
import { inTurn, inWords, needField, oneOrEach, ordered } from './list-check.js';
import { type ListEndpoint, type ListScope, listScope } from './list-scope.js';
import { type Check, type PlannedCase, plannedCase } from './planned-case.js';
import type { Row, Setup } from './setup.js';

export function sortCases(model: SpecModel, resource: SpecResource, endpoint: ListEndpoint): PlannedCase[] {
  const { sort } = endpoint.list;
  const plain = endpoint.kind === 'list';
  const names = sort.param === null ? [] : sort.fields.map((field) => field.name);
  return [
    ...oneOrEach(names, (group) =>
      plannedCase(model, plain ? 1 : 4, `sorts by ${inWords(group)} in both directions`, (setup) =>
        sortCheck(setup, resource, endpoint, group),
      ),
    ),
    ...plannedCase(model, plain ? 2 : 3, `is sorted by ${sort.default.field} when nothing is asked`, (setup) => {
      const scope = listScope(setup, resource, endpoint);
      const [low, high] = rowsInOrder(setup, scope, endpoint, [sort.default.field])(sort.default.field);
      return ordered(setup, scope, endpoint, {}, sort.default.descending ? [high, low] : [low, high]);
    }),
  ];
}

/** Two rows, of which one is first by every value; each field is asked for both ways. */
function sortCheck(setup: Setup, resource: SpecResource, endpoint: ListEndpoint, names: readonly string[]): Check {
  const scope = listScope(setup, resource, endpoint);
  const param = endpoint.list.sort.param ?? '';
  const rows = rowsInOrder(setup, scope, endpoint, names);
  return inTurn(
    names.flatMap((name) => {
      const [low, high] = rows(name);
      return [
        ordered(setup, scope, endpoint, { [param]: name }, [low, high]),
        ordered(setup, scope, endpoint, { [param]: `-${name}` }, [high, low]),
      ];
    }),
  );
}

/** The row that is first and the one that is last by a field. By value the last is made first, so ids don't help. */
function rowsInOrder(
  setup: Setup,
  scope: ListScope,
  endpoint: ListEndpoint,
  names: readonly string[],
): (name: string) => [Row, Row] {
  const fields = names.map((name) => needField(scope, name));
  const byTime = (field: SpecField) => ['created', 'updated', 'key'].includes(field.source);
  const values = fields
    .filter((field) => !byTime(field))
    .map((field) => {
      const declared = endpoint.list.sort.fields.some(
        (known) => known.name === field.name && known.order === 'declared',
      );
      return [field.name, orderedValues(setup, scope, field, declared)] as const;
    });
  const made = (place: 0 | 1) => Object.fromEntries(values.map(([name, pair]) => [name, pair[place]]));
  const high = scope.add('high', made(1));
  const low = scope.add('low', made(0));
  return (name) => (fields.some((field) => field.name === name && byTime(field)) ? [high, low] : [low, high]);
}

function orderedValues(setup: Setup, scope: ListScope, field: SpecField, declared: boolean): [JsonValue, JsonValue] {
  const { type } = field;
  switch (type.kind) {
    case 'string':
    case 'text':
      if (type.kind === 'string' && type.pattern) throw new CannotArrange('no order among the values of a pattern');
      return [scope.text(field, 'a{{word:low}}'), scope.text(field, 'b{{word:high}}')];
    case 'email':
      return ['a{{word:low}}@example.com', 'b{{word:high}}@example.com'];
    case 'datetime':
    case 'date':
      return [`{{future_${type.kind}:10}}`, `{{future_${type.kind}:30}}`];
    case 'boolean':
      return [false, true];
    case 'integer':
    case 'decimal':
      return numbersInOrder(type);
    case 'enum':
      return enumsInOrder(declared ? type.values : [...type.values].sort());
    case 'reference':
      return [setup.valueFor(field, 'low_ref'), setup.valueFor(field, 'high_ref')];
    default:
      throw new CannotArrange(`no order among values of ${type.kind}`);
  }
}

function numbersInOrder(type: Extract<FieldType, { kind: 'integer' | 'decimal' }>): [JsonValue, JsonValue] {
  const low = Math.ceil(type.min ?? Math.min(1, type.max ?? 1));
  const high = Math.min(low + 7, Math.floor(type.max ?? low + 7));
  if (high <= low) throw new CannotArrange('no two numbers within the bounds');
  return type.kind === 'integer' ? [low, high] : [low.toFixed(type.scale), high.toFixed(type.scale)];
}

function enumsInOrder(values: readonly string[]): [JsonValue, JsonValue] {
  const [low, high] = [values[0], values.at(-1)];
  if (low === undefined || high === undefined || low === high) throw new CannotArrange('an enum of one value');
  return [low, high];
}
