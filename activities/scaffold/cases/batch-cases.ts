/**
 * Success and failure of the endpoints that take a list of ids: bulk updates and adding links. Pure.
 */
import type { JsonValue } from '../../features/feature.js';
import type { EndpointOf } from '../spec-endpoints.js';
import { rulesOf, type SpecModel, type SpecResource } from '../spec-model.js';
import { MISSING_ID, type Values } from './arrangement.js';
import { type Call, callOf } from './call.js';
import { missing, refusal, simple, wrongValue } from './call-case.js';
import { invalidField, type PlannedCase, plannedCase, type Tier } from './planned-case.js';
import { linked, readable, readBack } from './proof.js';

export function bulkCases(model: SpecModel, resource: SpecResource, endpoint: EndpointOf<'bulk_set'>): PlannedCase[] {
  return [
    ...plannedCase(model, 1, `sets ${endpoint.field} of several rows`, (setup) => {
      const call = callOf(setup, endpoint.id);
      const second = setup.row(resource.name, 'second', readable(resource, rowState(call)));
      const value = (call.request.json as Values)[endpoint.field] ?? null;
      const json = { ...(call.request.json as Values), [endpoint.ids_param]: [call.row?.id ?? null, second.id] };
      const both = [call.row?.id ?? null, second.id].flatMap((id) =>
        readBack(setup, resource, id, { [endpoint.field]: value }),
      );
      return { ...call.success, request: { ...call.request, json }, expected_json: { updated: 2 }, afterwards: both };
    }),
    ...plannedCase(model, 3, 'counts an id that is sent twice once', (setup) => {
      const call = withIds(callOf(setup, endpoint.id), endpoint, (id) => [id, id]);
      return { ...call.success, request: call.request };
    }),
    ...badIds(model, endpoint, 'refuses an empty list of ids', 1, () => []),
    ...badIds(model, endpoint, `refuses more than ${endpoint.max} ids`, 2, () => manyIds(endpoint.max)),
    ...wrongValue(model, endpoint, endpoint.field, '{{word:wrong}}'),
  ];
}

export function linkAddCases(
  model: SpecModel,
  resource: SpecResource,
  endpoint: EndpointOf<'link_add'>,
): PlannedCase[] {
  const right = resource.link?.right ?? '';
  return [
    ...simple(model, endpoint, 'adds the link, as the list shows'),
    ...plannedCase(model, 2, 'adds several links at once and answers with all of them', (setup) => {
      const call = callOf(setup, endpoint.id);
      const first = setup.row(right, 'first');
      const second = setup.row(right, 'second');
      const json = { [endpoint.ids_param]: [first.id, second.id] };
      const held = (id: JsonValue) => ({ $contains: { id } });
      return {
        ...call.success,
        request: { ...call.request, json },
        expected_json: { $: { $length: 2, ...held(first.id) } },
        afterwards: call.row ? linked(setup, resource, call.row, [first, second]) : [],
      };
    }),
    ...missing(model, endpoint),
    ...badIds(model, endpoint, 'refuses an empty list of ids', 2, () => []),
    ...badIds(model, endpoint, 'refuses an id that no row has and links nothing', 1, (id) => [id, MISSING_ID]),
    ...badIds(model, endpoint, `refuses more than ${endpoint.max} ids`, 3, () => manyIds(endpoint.max)),
  ];
}

function badIds(
  model: SpecModel,
  endpoint: EndpointOf<'link_add' | 'bulk_set'>,
  name: string,
  tier: Tier,
  ids: (id: JsonValue) => JsonValue[],
): PlannedCase[] {
  return plannedCase(model, tier, name, (setup) =>
    refusal(withIds(callOf(setup, endpoint.id), endpoint, ids), invalidField(model, endpoint.ids_param)),
  );
}

function withIds(call: Call, endpoint: EndpointOf<'link_add' | 'bulk_set'>, ids: (id: JsonValue) => JsonValue[]): Call {
  const body = call.request.json as Values;
  const sent = body[endpoint.ids_param];
  const first = Array.isArray(sent) ? (sent[0] ?? null) : null;
  return { ...call, request: { ...call.request, json: { ...body, [endpoint.ids_param]: ids(first) } } };
}

function manyIds(max: number): JsonValue[] {
  return Array.from({ length: max + 1 }, (_, index) => MISSING_ID + index);
}

/** The state that the first row was given so that the call succeeds, without its own texts. */
function rowState(call: Call): Values {
  const guards = call.row ? rulesOf(call.row.resource, 'guard_status') : [];
  const fields = new Set(guards.map((rule) => rule.blocked.field));
  return Object.fromEntries(Object.entries(call.row?.values ?? {}).filter(([name]) => fields.has(name)));
}
