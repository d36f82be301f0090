/**
 * How a field of a row comes from one value to another: which endpoints, in which order. Pure.
 */
import type { JsonValue } from '../../features/feature.js';
import type { SpecEndpoint } from '../spec-endpoints.js';
import { fieldNamed, rulesOf, type SpecResource } from '../spec-model.js';
import type { RuleOf } from '../spec-rules.js';
import { CannotArrange, endpointOf, type Values } from './arrangement.js';

export interface StateChange {
  readonly endpoint: SpecEndpoint;
  /** Null for an action, which takes no body. */
  readonly json: Values | null;
}

/** The requests that bring the field to the value; throws `CannotArrange` when nothing does. */
export function stepsTo(resource: SpecResource, values: Values, name: string, value: JsonValue): StateChange[] {
  const setter = resource.endpoints.find(
    (endpoint) => (endpoint.kind === 'set_field' || endpoint.kind === 'assign') && endpoint.field === name,
  );
  const endpoint = setter ?? (fieldNamed(resource, name)?.update ? endpointOf(resource, 'update') : undefined);
  if (endpoint) return [{ endpoint, json: { [name]: value } }];
  const from = values[name] ?? fieldNamed(resource, name)?.default ?? null;
  const path = actionPath(resource, name, from, value);
  if (!path) throw new CannotArrange(`nothing brings ${resource.name}.${name} to ${String(value)}`);
  return path.map((action) => ({ endpoint: action, json: null }));
}

/** The shortest chain of actions, breadth first. */
function actionPath(resource: SpecResource, name: string, from: JsonValue, to: JsonValue): SpecEndpoint[] | null {
  const queue: { at: JsonValue; path: SpecEndpoint[] }[] = [{ at: from, path: [] }];
  const seen = new Set<JsonValue>([from]);
  for (let next = queue.shift(); next; next = queue.shift()) {
    if (next.at === to) return next.path;
    for (const action of resource.endpoints) {
      if (action.kind !== 'action' || action.field !== name || seen.has(action.value)) continue;
      if (isBlocked(resource, action, name, next.at)) continue;
      seen.add(action.value);
      queue.push({ at: action.value, path: [...next.path, action] });
    }
  }
  return null;
}

function isBlocked(resource: SpecResource, action: SpecEndpoint, field: string, value: JsonValue): boolean {
  return rulesOf(resource, 'guard_status').some(
    ({ endpoints, blocked }) =>
      endpoints.includes(action.id) && blocked.field === field && blocked.values.some((one) => one === value),
  );
}

/** Guards that want a related row to be there. */
export function unmetGuards(resource: SpecResource, endpoint: SpecEndpoint): RuleOf<'guard_related'>[] {
  return rulesOf(resource, 'guard_related').filter((rule) => rule.absent && rule.endpoints.includes(endpoint.id));
}

/** The state in which a parent takes new rows, where its default does not. */
export function openParent(parent: SpecResource, resource: SpecResource, through: string): Values {
  const state: Record<string, JsonValue> = {};
  const makers = resource.endpoints.filter(({ kind }) => kind === 'create' || kind === 'nested_create');
  for (const rule of rulesOf(resource, 'guard_parent')) {
    const field = fieldNamed(parent, rule.blocked.field);
    if (rule.through !== through || !makers.some(({ id }) => rule.endpoints.includes(id))) continue;
    if (field?.type.kind !== 'enum' || !rule.blocked.values.includes(field.default ?? null)) continue;
    const open = field.type.values.find((value) => !rule.blocked.values.includes(value));
    if (open !== undefined) state[field.name] = open;
  }
  return state;
}
