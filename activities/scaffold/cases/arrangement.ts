/**
 * Look-ups in the spec model that arranging a test case needs: who may do what, which endpoint does it. Pure.
 */
import type { JsonValue } from '../../features/feature.js';
import type { EndpointKind, EndpointOf, SpecEndpoint } from '../spec-endpoints.js';
import { rulesOf, type SpecField, type SpecModel, type SpecResource } from '../spec-model.js';
import type { Grant, RuleOf } from '../spec-rules.js';

/** The model gives no way to bring a case about (no endpoint creates the row, nobody may call it): no case then. */
export class CannotArrange extends Error {
  override readonly name = 'CannotArrange';
}

/** An id that no row has, within int4. The acting user `unknown` of the checks is another one. */
export const MISSING_ID = 2_147_470_000;

export type Values = Readonly<Record<string, JsonValue>>;

/** The resource's endpoint of one of these kinds, or undefined. */
export function endpointOf<K extends EndpointKind>(resource: SpecResource, ...kinds: K[]): EndpointOf<K> | undefined {
  return resource.endpoints.find((endpoint): endpoint is EndpointOf<K> => kinds.some((kind) => kind === endpoint.kind));
}

/** The same, where a case can't do without. */
export function needEndpoint<K extends EndpointKind>(resource: SpecResource, ...kinds: K[]): EndpointOf<K> {
  const found = endpointOf(resource, ...kinds);
  if (!found) throw new CannotArrange(`${resource.name} has no ${kinds.join(' or ')} endpoint`);
  return found;
}

/** Endpoint and its resource by id. */
export function endpointById(model: SpecModel, id: string): { resource: SpecResource; endpoint: SpecEndpoint } {
  for (const resource of model.resources) {
    const endpoint = resource.endpoints.find((known) => known.id === id);
    if (endpoint) return { resource, endpoint };
  }
  throw new CannotArrange(`no endpoint ${id}`);
}

/** The path with its parameters filled in, in order of appearance. */
export function filledPath(endpoint: SpecEndpoint, ids: readonly JsonValue[]): string {
  return endpoint.params.reduce(
    (path, param, index) => path.replace(`{${param.name}}`, String(ids[index])),
    endpoint.path,
  );
}

export function permitOn(resource: SpecResource, endpoint: SpecEndpoint): RuleOf<'permit'> | undefined {
  return rulesOf(resource, 'permit').find((rule) => rule.endpoints.includes(endpoint.id));
}

/** Fields that an update takes and any caller who may update may change. */
export function freelyUpdatable(resource: SpecResource): SpecField[] {
  const guarded = new Set(rulesOf(resource, 'field_permit').flatMap((rule) => rule.fields));
  return resource.fields.filter((field) => field.update && field.type.kind !== 'reference' && !guarded.has(field.name));
}

/** Values of a row as stored, for defaults the model states. */
export function withDefaults(resource: SpecResource, values: Values): Record<string, JsonValue> {
  const stored: Record<string, JsonValue> = {};
  for (const field of resource.fields) {
    const value = values[field.name] ?? field.default ?? (field.nullable ? null : undefined);
    if (value !== undefined) stored[field.name] = value;
  }
  return stored;
}

/** True when these values hold all terms of a forbidden combination. */
export function isForbidden(resource: SpecResource, values: Values): boolean {
  const stored = withDefaults(resource, values);
  return rulesOf(resource, 'forbidden_combination').some((rule) =>
    rule.terms.every((term) => stored[term.field] === term.value),
  );
}

/** Roles of a permit's grants that name roles. */
export function grantedRoles(allow: readonly Grant[]): string[] {
  return allow.flatMap((grant) => (grant.kind === 'role' ? grant.roles : []));
}

/** A role that none of the grants names: the last of the spec (the least mighty as a rule), or undefined. */
export function roleOutside(model: SpecModel, allow: readonly Grant[]): string | undefined {
  const granted = new Set(grantedRoles(allow));
  return model.auth.roles.findLast((role) => !granted.has(role));
}
