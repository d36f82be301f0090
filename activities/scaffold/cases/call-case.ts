/**
 * Cases that every endpoint has in the same way: the plain call, an unknown id, a value that it does not take. Pure.
 */
import type { JsonValue } from '../../features/feature.js';
import type { SpecEndpoint } from '../spec-endpoints.js';
import type { SpecModel } from '../spec-model.js';
import { filledPath, MISSING_ID, type Values } from './arrangement.js';
import { type Call, callOf } from './call.js';
import { type Check, invalidField, type PlannedCase, plannedCase, refusedAs } from './planned-case.js';

/** The plain call and its proof. */
export function simple(model: SpecModel, endpoint: SpecEndpoint, name: string): PlannedCase[] {
  return plannedCase(model, 1, name, (setup) => callOf(setup, endpoint.id).success);
}

/** The call with an id in the path that no row has. */
export function missing(model: SpecModel, endpoint: SpecEndpoint): PlannedCase[] {
  return plannedCase(model, 1, 'answers 404 for an id that no row has', (setup) => {
    const call = callOf(setup, endpoint.id);
    const ids = endpoint.params.map((_param, index) => (index === 0 ? MISSING_ID : secondId(call, endpoint)));
    const request = { ...call.request, path: filledPath(endpoint, ids) };
    return { request, as: call.actor, ...refusedAs(model, 'not_found') };
  });
}

/** The call refused for what it asks, with proof that nothing happened. */
export function refusal(call: Call, expected: Partial<Check> & Pick<Check, 'expected_status'>): Check {
  return { request: call.request, as: call.actor, ...expected, afterwards: call.untouched };
}

function secondId(call: Call, endpoint: SpecEndpoint): JsonValue {
  const pattern = endpoint.path.replace(/\{[a-z0-9_]+\}/g, '([^/]+)');
  return new RegExp(`^${pattern}$`).exec(call.request.path)?.[2] ?? MISSING_ID;
}

/** The call with a value that the field does not take. */
export function wrongValue(model: SpecModel, endpoint: SpecEndpoint, field: string, wrong: JsonValue): PlannedCase[] {
  const name =
    wrong === MISSING_ID ? `refuses a ${field} that points at no row` : `refuses a ${field} that is none of its values`;
  return plannedCase(model, 2, name, (setup) => {
    const call = callOf(setup, endpoint.id);
    const json = { ...(call.request.json as Values), [field]: wrong };
    return refusal({ ...call, request: { ...call.request, json } }, invalidField(model, field));
  });
}
