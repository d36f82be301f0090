/**
 * Cases of requests that no well-meaning client sends: without a known user, malformed, with fields, ids and methods
 * that are not there. Pure. None of them may ever be a server error.
 */
import type { HttpMethod, JsonValue } from '../../features/feature.js';
import type { SpecEndpoint } from '../spec-endpoints.js';
import type { SpecField, SpecModel, SpecResource } from '../spec-model.js';
import { filledPath } from './arrangement.js';
import { callOf } from './call.js';
import { refusal } from './call-case.js';
import { invalidField, type PlannedCase, plannedCase, refused, refusedAs, type Tier } from './planned-case.js';

/** Every endpoint refuses an unknown user; of each kind of access one is always shown. */
export function authenticationCases(model: SpecModel, resource: SpecResource): PlannedCase[] {
  const firsts = new Set(['GET', 'POST', 'PATCH', 'PUT', 'DELETE'].map((method) => firstOf(resource, method)));
  const unknown = resource.endpoints
    .filter((endpoint) => endpoint.kind !== 'me')
    .flatMap((endpoint) => {
      const write = endpoint.method !== 'GET';
      const tier: Tier = !firsts.has(endpoint.id) ? 4 : write ? 2 : 1;
      return plannedCase(model, tier, `${endpoint.id} answers 401 to an unknown user`, (setup) =>
        refusal({ ...callOf(setup, endpoint.id), actor: 'unknown' }, refusedAs(model, 'unauthorized')),
      );
    });
  return [...unknown, ...badTokenCase(model, resource)];
}

/** A header that is no token of the mock authentication. */
function badTokenCase(model: SpecModel, resource: SpecResource): PlannedCase[] {
  const [endpoint] = resource.endpoints.filter((known) => known.method === 'GET' && known.params.length === 0);
  if (!endpoint) return [];
  const headers = { authorization: 'Bearer {{word:token}}' };
  return plannedCase(model, 3, `${endpoint.id} answers 401 to a malformed token`, () => ({
    request: { method: endpoint.method, path: endpoint.path, headers },
    ...refusedAs(model, 'unauthorized'),
  }));
}

export function badInputCases(model: SpecModel, resource: SpecResource): PlannedCase[] {
  const writers = resource.endpoints.filter((endpoint) => endpoint.method !== 'GET' && endpoint.method !== 'DELETE');
  return [
    ...writers.flatMap((endpoint, index) => bodyCases(model, resource, endpoint, index === 0)),
    ...idCases(model, resource),
    ...methodCase(model, resource),
  ];
}

function bodyCases(model: SpecModel, resource: SpecResource, endpoint: SpecEndpoint, first: boolean): PlannedCase[] {
  const text = textOf(resource, endpoint);
  return [
    ...plannedCase(model, first ? 1 : 4, `${endpoint.id} answers 400 to a body that is not JSON`, (setup) => {
      const call = callOf(setup, endpoint.id);
      const { json: _json, ...request } = call.request;
      return refusal({ ...call, request: { ...request, raw_body: '{"broken": ' } }, refusedAs(model, 'malformed'));
    }),
    ...(model.validation.reject_unknown_fields
      ? plannedCase(model, first ? 2 : 4, `${endpoint.id} refuses a field that it does not take`, (setup) => {
          const call = callOf(setup, endpoint.id);
          const json = { ...(call.request.json as Record<string, JsonValue>), unheard_of: '{{word:unheard}}' };
          return refusal({ ...call, request: { ...call.request, json } }, invalidField(model, 'unheard_of'));
        })
      : []),
    ...(text
      ? plannedCase(model, first ? 3 : 4, `${endpoint.id} refuses a NUL character in ${text}`, (setup) => {
          const call = callOf(setup, endpoint.id);
          const json = { ...(call.request.json as Record<string, JsonValue>), [text]: '{{word:nul}}\u0000' };
          return refusal({ ...call, request: { ...call.request, json } }, invalidField(model, text));
        })
      : []),
    ...plannedCase(model, first ? 3 : 4, `${endpoint.id} refuses a body that is a list`, (setup) => {
      const call = callOf(setup, endpoint.id);
      return refusal({ ...call, request: { ...call.request, json: ['{{word:item}}'] } }, refusedAs(model, 'invalid'));
    }),
  ];
}

/** A text that the body of the endpoint may hold. */
function textOf(resource: SpecResource, endpoint: SpecEndpoint): string | undefined {
  if (endpoint.kind !== 'create' && endpoint.kind !== 'nested_create' && endpoint.kind !== 'update') return undefined;
  const taken = (field: SpecField) => (endpoint.kind === 'update' ? field.update : field.create !== 'never');
  return resource.fields.find((field) => taken(field) && ['string', 'text'].includes(field.type.kind))?.name;
}

/** Ids in the path that are no row's by their form. */
function idCases(model: SpecModel, resource: SpecResource): PlannedCase[] {
  const endpoint = resource.endpoints.find((known) => known.kind === 'get') ?? resource.endpoints.find(hasId);
  if (endpoint?.method !== 'GET') return [];
  const withId = (id: JsonValue) =>
    filledPath(
      endpoint,
      endpoint.params.map(() => id),
    );
  return [
    ...plannedCase(model, 2, `${endpoint.id} refuses an id that is no number`, () => ({
      request: { method: endpoint.method, path: withId('{{word:id}}') },
      ...refusedAs(model, 'invalid'),
    })),
    ...plannedCase(model, 3, `${endpoint.id} refuses an id that no integer column holds`, () => ({
      request: { method: endpoint.method, path: withId('99999999999999999999') },
      ...refusedAs(model, 'invalid'),
    })),
  ];
}

/** A method that the collection does not have. */
function methodCase(model: SpecModel, resource: SpecResource): PlannedCase[] {
  const endpoint = resource.endpoints.find((known) => known.kind === 'list' || known.kind === 'nested_list');
  const taken = model.resources
    .flatMap((known) => known.endpoints)
    .filter((known) => known.path === endpoint?.path)
    .map((known) => known.method);
  const free = (['PUT', 'DELETE', 'PATCH'] satisfies HttpMethod[]).find((method) => !taken.includes(method));
  if (!endpoint || !free || endpoint.params.length > 0) return [];
  return plannedCase(model, 3, `${free} ${endpoint.path} is answered with 405`, () => ({
    request: { method: free, path: endpoint.path },
    ...refused(model, 405, model.errors.codes.method_not_allowed),
  }));
}

function firstOf(resource: SpecResource, method: string): string | undefined {
  return resource.endpoints.find((endpoint) => endpoint.method === method && endpoint.kind !== 'me')?.id;
}

function hasId(endpoint: SpecEndpoint): boolean {
  return endpoint.method === 'GET' && endpoint.params.length > 0;
}
