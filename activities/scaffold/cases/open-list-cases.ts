/**
 * Cases of a list that nothing narrows to the rows of one case: neither a search nor a filter by a fresh row. They look
 * at the end of the list where new rows stand, and never at exact totals. Pure.
 */
import type { CaseRequest, JsonValue } from '../../features/feature.js';
import type { EndpointOf } from '../spec-endpoints.js';
import { fieldNamed, type SpecModel, type SpecResource } from '../spec-model.js';
import { CannotArrange, type Values } from './arrangement.js';
import { inTurn } from './list-check.js';
import { type Check, type PlannedCase, plannedCase } from './planned-case.js';
import { readable } from './proof.js';
import type { Row, Setup } from './setup.js';

type OpenList = EndpointOf<'list'>;

export function openListCases(model: SpecModel, resource: SpecResource, endpoint: OpenList): PlannedCase[] {
  const { items, total, page, page_size } = model.page;
  const at = (number: number): Check => ({
    request: { method: endpoint.method, path: endpoint.path, query: { [page_size]: 1, [page]: number } },
    expected_status: endpoint.status,
    expected_json: { [total]: { $gte: 2 }, [page]: number, [page_size]: 1, [items]: { $length: 1 } },
  });
  return [
    ...plannedCase(model, 1, 'lists the rows that were created', (setup) => {
      const rows = ['first', 'second'].map((alias) => setup.row(resource.name, alias));
      return inTurn(rows.map((row) => found(setup, endpoint, {}, row, row.values)));
    }),
    ...plannedCase(model, 1, 'cuts the list into pages', (setup) => {
      for (const alias of ['first', 'second']) setup.row(resource.name, alias);
      return inTurn([at(2), at(1)]);
    }),
  ];
}

/** Equality filters of such a list: the wanted row is there, and every row has the wanted value. */
export function openFilterCases(model: SpecModel, resource: SpecResource, endpoint: OpenList): PlannedCase[] {
  return endpoint.list.filters.flatMap((filter) =>
    filter.kind !== 'equals'
      ? []
      : plannedCase(model, 1, `filters by ${filter.param}`, (setup) => {
          const field = fieldNamed(resource, filter.field);
          if (!field) throw new CannotArrange(`no field ${filter.field}`);
          const value = setup.valueFor(field, 'wanted');
          const hit = setup.row(resource.name, 'hit', { [field.name]: value });
          const miss = setup.row(resource.name, 'miss');
          const check = found(setup, endpoint, { [filter.param]: String(value) }, hit, {});
          const { items } = setup.model.page;
          const none = { $not: { $contains: { id: miss.id } }, $every: { [field.name]: value } };
          const wanted = check.expected_json?.[items] as Values;
          return { ...check, expected_json: { ...check.expected_json, [items]: { ...wanted, ...none } } };
        }),
  );
}

/** The row stands on the page where new rows are. */
function found(setup: Setup, endpoint: OpenList, query: Record<string, string>, row: Row, values: Values): Check {
  const { items, total } = setup.model.page;
  const holds: JsonValue = { $contains: { id: row.id, ...readable(row.resource, values) } };
  return {
    request: newestPage(setup, endpoint, query),
    expected_status: endpoint.status,
    expected_json: { [total]: { $gte: 1 }, [items]: holds },
  };
}

/** The first page where the newest come first, else the last one, whose number an earlier request tells. */
function newestPage(setup: Setup, endpoint: OpenList, query: Record<string, string>): CaseRequest {
  const { page, page_size, total_pages } = setup.model.page;
  const { sort } = endpoint.list;
  const all = { ...query, [page_size]: endpoint.list.page_size.max };
  const request = (more: Record<string, string | number>): CaseRequest => ({
    method: endpoint.method,
    path: endpoint.path,
    query: { ...all, ...more },
  });
  const byTime = ['id', 'created_at'];
  const sortable = sort.fields.find((field) => byTime.includes(field.name));
  if (sort.param !== null && sortable) return request({ [sort.param]: `-${sortable.name}` });
  if (!byTime.includes(sort.default.field)) throw new CannotArrange(`new rows stand anywhere in ${endpoint.id}`);
  if (sort.default.descending) return request({});
  const name = `last_page_${setup.given.length}`;
  setup.given.push({ request: request({}), expected_status: endpoint.status, capture: { [name]: total_pages } });
  return request({ [page]: `{{${name}}}` });
}
