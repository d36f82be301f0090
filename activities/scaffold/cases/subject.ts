/**
 * The row that a call is about, in a state that lets the call succeed, and new values for its fields. Pure.
 */
import type { JsonValue } from '../../features/feature.js';
import type { SpecEndpoint } from '../spec-endpoints.js';
import { fieldNamed, rulesOf, type SpecField, type SpecResource } from '../spec-model.js';
import { CannotArrange, isForbidden, type Values } from './arrangement.js';
import { sampleValue } from './sample.js';
import type { Row, Setup } from './setup.js';

export interface CallOptions {
  /** Values of the row that the call is about (of the parent, where it is reached through one). */
  readonly about?: Values;
  /** That row itself, when it is arranged already. */
  readonly row?: Row;
  /** Replaces the body. */
  readonly body?: Values;
  /** Replaces the actor, allowed or not. */
  readonly actor?: string;
}

/** A row of a resource whose state does not stop the endpoint. */
export function subjectOf(setup: Setup, resource: SpecResource, endpoint: SpecEndpoint, options: CallOptions): Row {
  if (options.row) return options.row;
  const guards = rulesOf(resource, 'guard_status').filter((rule) => rule.endpoints.includes(endpoint.id));
  const free: Record<string, JsonValue> = {};
  for (const { blocked } of guards) {
    const field = fieldNamed(resource, blocked.field);
    if (!blocked.values.includes(field?.default ?? null)) continue;
    const open = field?.type.kind === 'enum' && field.type.values.find((value) => !blocked.values.includes(value));
    if (open) free[blocked.field] = open;
  }
  return setup.row(resource.name, resource.singular, { ...free, ...options.about });
}

/** A value for a field that differs from the row's and breaks no combination; a reference gets a new row. */
export function newValue(setup: Setup, row: Row, field: SpecField, tag: string): JsonValue {
  const { type } = field;
  const current = row.values[field.name] ?? field.default ?? null;
  if (type.kind === 'enum') {
    const found = type.values.find(
      (value) => value !== current && !isForbidden(row.resource, { ...row.values, [field.name]: value }),
    );
    if (found === undefined) throw new CannotArrange(`${field.name} has no other value`);
    return found;
  }
  if (type.kind === 'boolean') return current !== true;
  return type.kind === 'reference' ? setup.valueFor(field, tag) : sampleValue(field, tag);
}

/** The row that a nested endpoint is reached through. */
export function parentOf(setup: Setup, name: string, options: CallOptions): Row {
  return options.row ?? setup.row(name, 'parent', options.about ?? {});
}

/** What the row holds in a field as far as the model tells. */
export function storedValue(resource: SpecResource, row: Row, name: string): JsonValue {
  return row.values[name] ?? fieldNamed(resource, name)?.default ?? null;
}
