/**
 * Cases of a list's filters, search and sorts. Pure. Rows are made so that neither their ids nor their order of
 * creation give the right answer by chance.
 */
import type { JsonValue } from '../../features/feature.js';
import type { ListFilter } from '../spec-endpoints.js';
import { type FieldType, fieldNamed, type SpecField, type SpecModel, type SpecResource } from '../spec-model.js';
import { CannotArrange, type Values } from './arrangement.js';
import { type ListEndpoint, type ListScope, listScope } from './list-scope.js';
import { type Check, type PlannedCase, plannedCase, refusedAs, type Tier } from './planned-case.js';
import type { Row, Setup } from './setup.js';

export function filterCases(model: SpecModel, resource: SpecResource, endpoint: ListEndpoint): PlannedCase[] {
  const tier: Tier = endpoint.kind === 'list' ? 1 : 4;
  const { filters, search } = endpoint.list;
  return [
    ...filters.flatMap((filter) =>
      plannedCase(model, tier, `filters by ${filter.param}`, (setup) => filterCheck(setup, resource, endpoint, filter)),
    ),
    ...filters.slice(0, 1).flatMap((filter) => badFilter(model, resource, endpoint, filter)),
    ...(search?.fields ?? []).flatMap((name) =>
      plannedCase(model, endpoint.kind === 'list' ? 2 : 4, `searches in ${name} without regard to case`, (setup) =>
        searchCheck(setup, resource, endpoint, search?.param ?? '', name),
      ),
    ),
  ];
}

export function sortCases(model: SpecModel, resource: SpecResource, endpoint: ListEndpoint): PlannedCase[] {
  const { sort } = endpoint.list;
  const tier: Tier = endpoint.kind === 'list' ? 2 : 4;
  const { param } = sort;
  return [
    ...plannedCase(
      model,
      endpoint.kind === 'list' ? 2 : 3,
      `is sorted by ${sort.default.field} when nothing is asked`,
      (setup) => {
        const scope = listScope(setup, resource, endpoint);
        const [low, high] = rowsInOrder(setup, scope, endpoint, sort.default.field);
        return ordered(setup, scope, endpoint, {}, sort.default.descending ? [high, low] : [low, high]);
      },
    ),
    ...(param === null ? [] : sort.fields).flatMap((field) =>
      plannedCase(model, tier, `sorts by ${field.name} in both directions`, (setup) => {
        const scope = listScope(setup, resource, endpoint);
        const [low, high] = rowsInOrder(setup, scope, endpoint, field.name);
        const down = ordered(setup, scope, endpoint, { [param ?? '']: `-${field.name}` }, [high, low]);
        return {
          ...ordered(setup, scope, endpoint, { [param ?? '']: field.name }, [low, high]),
          afterwards: [
            { request: down.request, expected_status: endpoint.status, expected_json: down.expected_json ?? {} },
          ],
        };
      }),
    ),
  ];
}

function filterCheck(setup: Setup, resource: SpecResource, endpoint: ListEndpoint, filter: ListFilter): Check {
  const scope = listScope(setup, resource, endpoint);
  const field = needField(scope, filter.field);
  if (filter.kind === 'overdue') return overdueCheck(setup, scope, endpoint, filter);
  if (filter.kind === 'equals') {
    const value = field.source === 'user' ? setup.user('holder') : setup.valueFor(field, 'wanted');
    const hit = scope.add('hit', { [field.name]: value });
    scope.add('miss');
    return onlyFound(setup, scope, endpoint, { [filter.param]: String(value) }, [hit]);
  }
  const kind = field.type.kind === 'date' ? 'future_date' : 'future_datetime';
  const early = scope.add('early', { [field.name]: `{{${kind}:10}}` });
  const late = scope.add('late', { [field.name]: `{{${kind}:30}}` });
  if (field.create !== 'required') scope.add('dateless');
  const hit = filter.kind === 'before' ? early : late;
  return onlyFound(setup, scope, endpoint, { [filter.param]: `{{${kind}:20}}` }, [hit]);
}

function overdueCheck(
  setup: Setup,
  scope: ListScope,
  endpoint: ListEndpoint,
  filter: Extract<ListFilter, { kind: 'overdue' }>,
): Check {
  const kind = needField(scope, filter.field).type.kind === 'date' ? 'date' : 'datetime';
  const past = { [filter.field]: `{{past_${kind}:10}}` };
  const hit = scope.add('late', past);
  const others = [scope.add('early', { [filter.field]: `{{future_${kind}:10}}` })];
  const done = filter.unless?.values[0];
  if (filter.unless && done !== undefined) others.push(scope.add('settled', { ...past, [filter.unless.field]: done }));
  const check = onlyFound(setup, scope, endpoint, { [filter.param]: true }, [hit]);
  const rest = onlyFound(setup, scope, endpoint, { [filter.param]: false }, others);
  return {
    ...check,
    afterwards: [{ request: rest.request, expected_status: endpoint.status, expected_json: rest.expected_json ?? {} }],
  };
}

function badFilter(
  model: SpecModel,
  resource: SpecResource,
  endpoint: ListEndpoint,
  filter: ListFilter,
): PlannedCase[] {
  return plannedCase(
    model,
    endpoint.kind === 'list' ? 2 : 4,
    `refuses a ${filter.param} of the wrong kind`,
    (setup) => {
      const scope = listScope(setup, resource, endpoint);
      const { kind } = needField(scope, filter.field).type;
      if (kind === 'string' || kind === 'text' || kind === 'email')
        throw new CannotArrange('any text is of the right kind');
      return {
        request: scope.request({ [filter.param]: '{{word:bad}}' }),
        as: scope.actor,
        ...refusedAs(model, 'invalid'),
      };
    },
  );
}

/** The list holds exactly these rows. */
function onlyFound(
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

function searchCheck(setup: Setup, resource: SpecResource, endpoint: ListEndpoint, param: string, name: string): Check {
  const scope = listScope(setup, resource, endpoint);
  const field = needField(scope, name);
  if (field.type.kind !== 'string' && field.type.kind !== 'text' && field.type.kind !== 'email') {
    throw new CannotArrange(`${name} is no text`);
  }
  const value = field.type.kind === 'email' ? '{{word:needle}}@example.com' : '{{word:needle}}';
  const hit = scope.add('hit', { [name]: scope.text(field, value) });
  scope.add('miss');
  return onlyFound(setup, scope, endpoint, { [param]: '{{upper_word:needle}}' }, [hit]);
}

/** The row that sorts first and the one that sorts last; where values decide, the last is made first. */
function rowsInOrder(setup: Setup, scope: ListScope, endpoint: ListEndpoint, name: string): [Row, Row] {
  const field = needField(scope, name);
  if (field.source === 'created' || field.source === 'updated' || field.source === 'key') {
    const low = scope.add('low');
    return [low, scope.add('high')];
  }
  const declared = endpoint.list.sort.fields.some((known) => known.name === name && known.order === 'declared');
  const [lowest, highest] = orderedValues(setup, scope, field, declared);
  const high = scope.add('high', { [name]: highest });
  return [scope.add('low', { [name]: lowest }), high];
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

function ordered(
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

function needField(scope: ListScope, name: string): SpecField {
  const field = fieldNamed(scope.rows, name);
  if (!field) throw new CannotArrange(`${scope.rows.name} has no field ${name}`);
  return field;
}
