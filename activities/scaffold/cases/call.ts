/**
 * A call of any endpoint that a right implementation answers with success, with what proves that it did (and what
 * proves that nothing happened when it is refused). Rules and failures are shown by varying one thing of it. Pure.
 */
import type { CaseRequest } from '../../features/feature.js';
import type { EndpointOf } from '../spec-endpoints.js';
import { fieldNamed, resourceNamed, type SpecField, type SpecResource } from '../spec-model.js';
import { CannotArrange, endpointById, filledPath, freelyUpdatable, type Values } from './arrangement.js';
import type { Check, FollowUp } from './planned-case.js';
import { afterDelete, linked, readable, readBack } from './proof.js';
import { ADMIN, type Row, type Setup } from './setup.js';
import { openParent } from './state-path.js';
import { type CallOptions, newValue, parentOf, storedValue, subjectOf } from './subject.js';

export interface Call {
  readonly request: CaseRequest;
  readonly actor: string;
  /** The row it is about: parent, left side, or the row itself; null for a plain create or list. */
  readonly row: Row | null;
  readonly success: Check;
  /** Requests that show, after a refusal, that nothing changed. */
  readonly untouched: FollowUp[];
}

/** Arranges the rows and composes the call of this endpoint. */
export function callOf(setup: Setup, endpointId: string, options: CallOptions = {}): Call {
  const { resource, endpoint } = endpointById(setup.model, endpointId);
  switch (endpoint.kind) {
    case 'create':
    case 'nested_create':
      return createCall(setup, resource, endpoint, options);
    case 'update':
    case 'set_field':
    case 'assign':
    case 'bulk_set':
      return changeCall(setup, resource, endpoint, options);
    case 'action':
      return actionCall(setup, resource, endpoint, options);
    case 'get':
    case 'delete':
      return rowCall(setup, resource, endpoint, options);
    case 'link_add':
    case 'link_remove':
      return linkCall(setup, resource, endpoint, options);
    case 'list':
    case 'nested_list':
    case 'link_list':
    case 'me':
      return readCall(setup, resource, endpoint, options);
  }
}

function createCall(
  setup: Setup,
  resource: SpecResource,
  endpoint: EndpointOf<'create' | 'nested_create'>,
  options: CallOptions,
): Call {
  const parent = endpoint.kind === 'nested_create' ? openParentOf(setup, resource, endpoint, options) : null;
  const fixed: Values = endpoint.kind === 'nested_create' && parent ? { [endpoint.field]: parent.id } : {};
  const alias = `new_${resource.singular}`;
  const given = { ...fixed, ...options.body };
  const wanted = options.body
    ? { ...setup.required(resource, alias, given), ...given }
    : setup.allowed(resource, { ...setup.required(resource, alias, fixed), ...fixed }, {});
  const values = setup.settled(resource, wanted, given);
  const actor = options.actor ?? creatorOf(setup, resource, endpoint, values);
  const request = setup.createRequest(resource, endpoint, values);
  const shown = readable(resource, { ...values, ...setup.userFields(resource, actor) });
  const id = `{{${alias}_id}}`;
  const success: Check = {
    request,
    as: actor,
    expected_status: endpoint.status,
    expected_json: { id: { $type: 'integer' }, ...shown },
    capture: { [`${alias}_id`]: 'id' },
    afterwards: readBack(setup, resource, id, shown),
  };
  return { request, actor, row: parent, success, untouched: [] };
}

function openParentOf(
  setup: Setup,
  resource: SpecResource,
  endpoint: EndpointOf<'nested_create'>,
  options: CallOptions,
): Row {
  const state = openParent(resourceNamed(setup.model, endpoint.parent), resource, endpoint.field);
  return parentOf(setup, endpoint.parent, { ...options, about: { ...state, ...options.about } });
}

function creatorOf(
  setup: Setup,
  resource: SpecResource,
  endpoint: EndpointOf<'create' | 'nested_create'>,
  values: Values,
): string {
  const asAdmin = { ...values, ...setup.userFields(resource, ADMIN) };
  if (setup.permitted(resource, endpoint, ADMIN, asAdmin)) return ADMIN;
  throw new CannotArrange(`the admin may not ${endpoint.id}`);
}

function changeCall(
  setup: Setup,
  resource: SpecResource,
  endpoint: EndpointOf<'update' | 'set_field' | 'assign' | 'bulk_set'>,
  options: CallOptions,
): Call {
  const row = subjectOf(setup, resource, endpoint, options);
  const body = options.body ?? changeOf(setup, resource, endpoint, row);
  const json = endpoint.kind === 'bulk_set' ? { [endpoint.ids_param]: [row.id], ...body } : { ...body };
  const ids = endpoint.kind === 'bulk_set' ? [] : [row.id];
  const request = { method: endpoint.method, path: filledPath(endpoint, ids), json };
  const actor = options.actor ?? setup.actorFor(resource, endpoint, row);
  const old = Object.fromEntries(Object.keys(body).map((name) => [name, storedValue(resource, row, name)]));
  const success: Check = {
    request,
    as: actor,
    expected_status: endpoint.status,
    expected_json: endpoint.returns === 'count' ? { updated: 1 } : { id: row.id, ...readable(resource, body) },
    afterwards: readBack(setup, resource, row.id, readable(resource, body)),
  };
  return { request, actor, row, success, untouched: readBack(setup, resource, row.id, readable(resource, old)) };
}

function changeOf(
  setup: Setup,
  resource: SpecResource,
  endpoint: EndpointOf<'update' | 'set_field' | 'assign' | 'bulk_set'>,
  row: Row,
): Values {
  const field =
    endpoint.kind === 'update' ? freelyUpdatable(resource).find(isPlain) : fieldNamed(resource, endpoint.field);
  if (!field) throw new CannotArrange(`${endpoint.id} takes no field that anyone may change`);
  return { [field.name]: newValue(setup, row, field, `${row.alias}_new`) };
}

/** An action on a row that is in a state from which it may be taken. */
function actionCall(setup: Setup, resource: SpecResource, endpoint: EndpointOf<'action'>, options: CallOptions): Call {
  const row = subjectOf(setup, resource, endpoint, options);
  if (!options.row) setup.prepare(row, endpoint);
  const request = { method: endpoint.method, path: filledPath(endpoint, [row.id]) };
  const actor = options.actor ?? setup.actorFor(resource, endpoint, row);
  const done = { [endpoint.field]: endpoint.value };
  const old = { [endpoint.field]: storedValue(resource, row, endpoint.field) };
  const success: Check = {
    request,
    as: actor,
    expected_status: endpoint.status,
    expected_json: { id: row.id, ...done },
    afterwards: readBack(setup, resource, row.id, done),
  };
  return { request, actor, row, success, untouched: readBack(setup, resource, row.id, old) };
}

/** Text first: it can be told from any default. */
function isPlain(field: SpecField, _index: number, all: readonly SpecField[]): boolean {
  const texts = ['string', 'text', 'email'];
  return texts.includes(field.type.kind) || !all.some((other) => texts.includes(other.type.kind));
}

function rowCall(
  setup: Setup,
  resource: SpecResource,
  endpoint: EndpointOf<'get' | 'delete'>,
  options: CallOptions,
): Call {
  const row = subjectOf(setup, resource, endpoint, options);
  const request = { method: endpoint.method, path: filledPath(endpoint, [row.id]) };
  const actor = options.actor ?? setup.actorFor(resource, endpoint, row);
  const shown = readable(resource, row.values);
  const base = { request, as: actor, expected_status: endpoint.status };
  const success: Check =
    endpoint.kind === 'get'
      ? { ...base, expected_json: { id: row.id, ...shown } }
      : { ...base, afterwards: afterDelete(setup, resource, row) };
  return { request, actor, row, success, untouched: readBack(setup, resource, row.id, shown) };
}

function linkCall(
  setup: Setup,
  resource: SpecResource,
  endpoint: EndpointOf<'link_add' | 'link_remove'>,
  options: CallOptions,
): Call {
  if (!resource.link) throw new CannotArrange(`${resource.name} is no link`);
  const left = parentOf(setup, resource.link.left, options);
  const right = setup.row(resource.link.right, `${resource.singular}_target`);
  const actor = options.actor ?? setup.actorFor(resource, endpoint, left);
  if (endpoint.kind === 'link_remove') setup.link(resource, left, right);
  const adds = endpoint.kind === 'link_add';
  const request: CaseRequest = adds
    ? { method: endpoint.method, path: filledPath(endpoint, [left.id]), json: { [endpoint.ids_param]: [right.id] } }
    : { method: endpoint.method, path: filledPath(endpoint, [left.id, right.id]) };
  const success: Check = {
    request,
    as: actor,
    expected_status: endpoint.status,
    ...(adds ? { expected_json: { $: { $length: 1 }, '0.id': right.id } } : {}),
    afterwards: linked(setup, resource, left, adds ? [right] : []),
  };
  return { request, actor, row: left, success, untouched: linked(setup, resource, left, adds ? [] : [right]) };
}

function readCall(
  setup: Setup,
  resource: SpecResource,
  endpoint: EndpointOf<'list' | 'nested_list' | 'link_list' | 'me'>,
  options: CallOptions,
): Call {
  const parentName = endpoint.kind === 'nested_list' ? endpoint.parent : resource.link?.left;
  const nested = endpoint.kind === 'nested_list' || endpoint.kind === 'link_list';
  const row = nested && parentName !== undefined ? parentOf(setup, parentName, options) : null;
  const request = { method: endpoint.method, path: filledPath(endpoint, row ? [row.id] : []) };
  const actor = options.actor ?? setup.actorFor(resource, endpoint, row);
  const expected_json: Values =
    endpoint.kind === 'me'
      ? { id: setup.idOf(actor) }
      : { [setup.model.page.page]: 1, [setup.model.page.items]: { $type: 'array' } };
  return {
    request,
    actor,
    row,
    success: { request, as: actor, expected_status: endpoint.status, expected_json },
    untouched: [],
  };
}
