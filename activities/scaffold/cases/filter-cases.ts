/**
 * Cases of a list's filters and its search. Pure. Each is asked of rows of which some belong in the answer and some
 * do not.
 */
import type { ListFilter } from '../spec-endpoints.js';
import type { SpecModel, SpecResource } from '../spec-model.js';
import { CannotArrange } from './arrangement.js';
import { inTurn, inWords, needField, oneOrEach, onlyFound } from './list-check.js';
import { type ListEndpoint, listScope } from './list-scope.js';
import { openFilterCases } from './open-list-cases.js';
import { type Check, type PlannedCase, plannedCase, refusedAs, type Tier } from './planned-case.js';
import type { Setup } from './setup.js';

export function filterCases(model: SpecModel, resource: SpecResource, endpoint: ListEndpoint): PlannedCase[] {
  const tier: Tier = endpoint.kind === 'list' ? 1 : 4;
  const { filters, search } = endpoint.list;
  const equals = filters.filter((filter) => filter.kind === 'equals');
  const ranges = filters.filter((filter) => filter.kind === 'before' || filter.kind === 'after');
  const together = (check: typeof equalsCheck) => (group: readonly ListFilter[]) =>
    plannedCase(model, tier, `filters by ${inWords(group.map((filter) => filter.param))}`, (setup) =>
      check(setup, resource, endpoint, group),
    );
  const equal = oneOrEach(equals, together(equalsCheck));
  return [
    ...(equal.length === 0 && endpoint.kind === 'list' ? openFilterCases(model, resource, endpoint) : equal),
    ...oneOrEach(ranges, together(rangeCheck)),
    ...filters.flatMap((filter) =>
      filter.kind === 'overdue' ? overdueCase(model, tier, resource, endpoint, filter) : [],
    ),
    ...oneOrEach(search?.fields ?? [], (names) =>
      plannedCase(model, tier, `searches in ${inWords(names)} without regard to case`, (setup) =>
        searchCheck(setup, resource, endpoint, search?.param ?? '', names),
      ),
    ),
    ...equals.slice(0, 1).flatMap((filter) => badFilter(model, resource, endpoint, filter)),
  ];
}

/** One row has all of the wanted values, another has none of them. */
function equalsCheck(
  setup: Setup,
  resource: SpecResource,
  endpoint: ListEndpoint,
  filters: readonly ListFilter[],
): Check {
  const scope = listScope(setup, resource, endpoint);
  const wanted = filters.flatMap((filter) => {
    if (filter.field === scope.narrowedBy) return [];
    const field = needField(scope, filter.field);
    const value = field.source === 'user' ? setup.user('holder') : setup.valueFor(field, `wanted_${field.name}`);
    return [{ param: filter.param, name: field.name, value }];
  });
  const hit = scope.add('hit', Object.fromEntries(wanted.map(({ name, value }) => [name, value])));
  const miss = scope.add('miss');
  const checks = wanted.map(({ param, value }) => onlyFound(setup, scope, endpoint, { [param]: String(value) }, [hit]));
  if (wanted.length === filters.length) return inTurn(checks);
  setup.row(scope.rows.name, 'outsider');
  return inTurn([...checks, onlyFound(setup, scope, endpoint, {}, [hit, miss])]);
}

/** Rows before and after a date, and one without. */
function rangeCheck(
  setup: Setup,
  resource: SpecResource,
  endpoint: ListEndpoint,
  filters: readonly ListFilter[],
): Check {
  const scope = listScope(setup, resource, endpoint);
  const field = needField(scope, filters[0]?.field ?? '');
  if (filters.some((filter) => filter.field !== field.name)) throw new CannotArrange('dates of several fields');
  const kind = field.type.kind === 'date' ? 'future_date' : 'future_datetime';
  const early = scope.add('early', { [field.name]: `{{${kind}:10}}` });
  const late = scope.add('late', { [field.name]: `{{${kind}:30}}` });
  if (field.create !== 'required') scope.add('dateless');
  const found = (filter: ListFilter) => (filter.kind === 'before' ? early : late);
  return inTurn(
    filters.map((filter) => onlyFound(setup, scope, endpoint, { [filter.param]: `{{${kind}:20}}` }, [found(filter)])),
  );
}

function overdueCase(
  model: SpecModel,
  tier: Tier,
  resource: SpecResource,
  endpoint: ListEndpoint,
  filter: Extract<ListFilter, { kind: 'overdue' }>,
): PlannedCase[] {
  return plannedCase(model, tier, `filters by ${filter.param}`, (setup) => {
    const scope = listScope(setup, resource, endpoint);
    const kind = needField(scope, filter.field).type.kind === 'date' ? 'date' : 'datetime';
    const past = { [filter.field]: `{{past_${kind}:10}}` };
    const hit = scope.add('late', past);
    const others = [scope.add('early', { [filter.field]: `{{future_${kind}:10}}` })];
    const done = filter.unless?.values[0];
    if (filter.unless && done !== undefined)
      others.push(scope.add('settled', { ...past, [filter.unless.field]: done }));
    return inTurn([
      onlyFound(setup, scope, endpoint, { [filter.param]: true }, [hit]),
      onlyFound(setup, scope, endpoint, { [filter.param]: false }, others),
    ]);
  });
}

/** One row for each field that is searched, found by its own word in capitals. */
function searchCheck(
  setup: Setup,
  resource: SpecResource,
  endpoint: ListEndpoint,
  param: string,
  names: readonly string[],
): Check {
  const scope = listScope(setup, resource, endpoint);
  const checks = names.map((name) => {
    const field = needField(scope, name);
    const { kind } = field.type;
    if (kind !== 'string' && kind !== 'text' && kind !== 'email') throw new CannotArrange(`${name} is no text`);
    const value = `{{word:${name}}}${kind === 'email' ? '@example.com' : ''}`;
    const hit = scope.add(`in_${name}`, { [name]: scope.text(field, value) });
    return onlyFound(setup, scope, endpoint, { [param]: `{{upper_word:${name}}}` }, [hit]);
  });
  scope.add('miss');
  return inTurn(checks);
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
