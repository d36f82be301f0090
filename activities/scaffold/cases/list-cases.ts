/**
 * Cases of a list endpoint: what it finds, counts, pages, and refuses. Filters and sorts: filter-cases.ts, sort-cases.ts. Pure.
 */
import type { CaseRequest, JsonValue } from '../../features/feature.js';
import type { SpecModel, SpecResource } from '../spec-model.js';
import { missing } from './call-case.js';
import { inTurn } from './list-check.js';
import { type ListEndpoint, listScope } from './list-scope.js';
import { openListCases } from './open-list-cases.js';
import { type FollowUp, type PlannedCase, plannedCase, refusedAs, type Tier } from './planned-case.js';
import { readable } from './proof.js';

export function listCases(model: SpecModel, resource: SpecResource, endpoint: ListEndpoint): PlannedCase[] {
  const narrowed = [...findsRows(model, resource, endpoint), ...pages(model, resource, endpoint)];
  const open = narrowed.length === 0 && endpoint.kind === 'list';
  return [
    ...(open ? openListCases(model, resource, endpoint) : narrowed),
    ...(endpoint.kind === 'list' ? [] : missing(model, endpoint)),
    ...(endpoint.kind === 'list' ? [] : findsNone(model, resource, endpoint)),
    ...refusals(model, resource, endpoint),
  ];
}

function findsRows(model: SpecModel, resource: SpecResource, endpoint: ListEndpoint): PlannedCase[] {
  const { items, total } = model.page;
  return plannedCase(model, 1, 'lists the rows that belong in it and counts them', (setup) => {
    const scope = listScope(setup, resource, endpoint);
    const first = scope.add('first');
    const second = scope.add('second');
    setup.row(scope.rows.name, 'outsider');
    const expected_json: Record<string, JsonValue> = {
      [total]: 2,
      [items]: { $length: 2, $contains: { id: first.id, ...readable(scope.rows, first.values) } },
      [model.page.page]: 1,
      [model.page.page_size]: endpoint.list.page_size.default,
      [model.page.total_pages]: 1,
    };
    const again: FollowUp = {
      request: scope.request(),
      expected_status: endpoint.status,
      expected_json: { [items]: { $contains: { id: second.id } } },
    };
    return {
      request: scope.request(),
      as: scope.actor,
      expected_status: endpoint.status,
      expected_json,
      afterwards: [again],
    };
  });
}

function pages(model: SpecModel, resource: SpecResource, endpoint: ListEndpoint): PlannedCase[] {
  const { items, total, page, page_size, total_pages } = model.page;
  const tier: Tier = endpoint.kind === 'list' ? 1 : 3;
  return plannedCase(model, tier, 'cuts the list into pages', (setup) => {
    const scope = listScope(setup, resource, endpoint);
    const rows = ['first', 'second', 'third'].map((alias) => scope.add(alias));
    const at = (number: number, length: number): FollowUp => ({
      request: scope.request({ [page_size]: 2, [page]: number }),
      expected_status: endpoint.status,
      expected_json: {
        [total]: rows.length,
        [page]: number,
        [page_size]: 2,
        [total_pages]: 2,
        [items]: { $length: length },
      },
    });
    return { ...at(2, 1), as: scope.actor, afterwards: [at(1, 2), at(3, 0)] };
  });
}

function findsNone(model: SpecModel, resource: SpecResource, endpoint: ListEndpoint): PlannedCase[] {
  const { items, total, total_pages } = model.page;
  return plannedCase(model, 3, 'is empty where nothing belongs in it', (setup) => {
    const scope = listScope(setup, resource, endpoint);
    const expected_json = { [items]: [], [total]: 0, [total_pages]: 0 };
    return { request: scope.request(), as: scope.actor, expected_status: endpoint.status, expected_json };
  });
}

function refusals(model: SpecModel, resource: SpecResource, endpoint: ListEndpoint): PlannedCase[] {
  const { page, page_size } = model.page;
  const { max } = endpoint.list.page_size;
  const { param } = endpoint.list.sort;
  const refusal = (name: string, tier: Tier, queries: readonly Record<string, string | number>[]) =>
    plannedCase(model, tier, name, (setup) => {
      const scope = endpoint.kind === 'list' ? undefined : listScope(setup, resource, endpoint);
      const as = scope?.actor ?? setup.actorFor(resource, endpoint, null);
      const request = (query: Record<string, string | number>): CaseRequest =>
        scope?.request(query) ?? { method: endpoint.method, path: endpoint.path, query };
      return inTurn(queries.map((query) => ({ request: request(query), as, ...refusedAs(model, 'invalid') })));
    });
  const plain = endpoint.kind === 'list';
  const outside = [
    { [page_size]: max + 1 },
    { [page_size]: 0 },
    { [page]: 0 },
    { [page]: '{{word:page}}' },
    { [page]: '99999999999999999999' },
  ];
  return [
    ...refusal(`refuses pages that are none and page sizes outside 1 to ${max}`, plain ? 1 : 3, outside),
    ...(param === null
      ? []
      : refusal('refuses to sort by an unknown field', plain ? 2 : 4, [{ [param]: '{{word:sort}}' }])),
  ];
}
