/**
 * Requests that prove the effect of another one, or its absence: what was stored is read back. Pure.
 */
import type { JsonValue } from '../../features/feature.js';
import { fieldNamed, type SpecResource } from '../spec-model.js';
import { endpointOf, filledPath, needEndpoint, type Values } from './arrangement.js';
import type { FollowUp } from './planned-case.js';
import type { Row, Setup } from './setup.js';

/** A GET of the row, expecting these values; empty when no endpoint reads one row. */
export function readBack(_setup: Setup, resource: SpecResource, id: JsonValue, expected: Values): FollowUp[] {
  const get = endpointOf(resource, 'get');
  if (!get) return [];
  const request = { method: get.method, path: filledPath(get, [id]) };
  return [{ request, expected_status: get.status, expected_json: { id, ...expected } }];
}

/** The list of links of a row holds exactly these. */
export function linked(setup: Setup, resource: SpecResource, left: Row, rights: readonly Row[]): FollowUp[] {
  const list = endpointOf(resource, 'link_list');
  if (!list) return [];
  const { items, total } = setup.model.page;
  const found = rights.map((right) => [items, { $contains: { id: right.id } }] as const);
  const expected_json = { [total]: rights.length, ...Object.fromEntries(found) };
  return [
    {
      request: { method: list.method, path: filledPath(list, [left.id]) },
      expected_status: list.status,
      expected_json,
    },
  ];
}

/** What shows that a row is deleted: 404, or its flag. */
export function afterDelete(setup: Setup, resource: SpecResource, row: Row): FollowUp[] {
  if (resource.soft_delete?.kind === 'flag')
    return readBack(setup, resource, row.id, { [resource.soft_delete.field]: false });
  const again = needEndpoint(resource, 'get', 'delete');
  const request = { method: again.method, path: filledPath(again, [row.id]) };
  return [
    {
      request,
      expected_status: 404,
      expected_json: { [setup.model.errors.keys.code]: setup.model.errors.codes.not_found },
    },
  ];
}

/** Those of the values that responses show. */
export function readable(resource: SpecResource, values: Values): Record<string, JsonValue> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => fieldNamed(resource, name)?.readable ?? false));
}
