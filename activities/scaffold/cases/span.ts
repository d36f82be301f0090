/**
 * Values of two fields of a row of which one must not lie after the other, such as a start and an end. Pure.
 */
import type { JsonValue } from '../../features/feature.js';
import { fieldNamed, rulesOf, type SpecField, type SpecResource } from '../spec-model.js';
import type { Values } from './arrangement.js';

interface Pair {
  readonly first: SpecField;
  readonly second: SpecField;
}

/** Fields that rules put in an order. */
function pairsOf(resource: SpecResource): Pair[] {
  const named = [
    ...rulesOf(resource, 'order').map(({ first, second }) => [first, second] as const),
    ...rulesOf(resource, 'no_overlap').map(({ start, end }) => [start, end] as const),
  ];
  return named.flatMap(([low, high]) => {
    const first = fieldNamed(resource, low);
    const second = fieldNamed(resource, high);
    return first && second ? [{ first, second }] : [];
  });
}

/** The values in order; those in `given` are left alone. Rows with different slots have no time in common. */
export function inOrder(resource: SpecResource, values: Values, given: Values, slot: number): Values {
  const all: Record<string, JsonValue> = { ...values };
  for (const pair of pairsOf(resource)) Object.assign(all, settled(pair, all, given, slot));
  return all;
}

function settled({ first, second }: Pair, values: Values, given: Values, slot: number): Values {
  const named = [first, second].filter(({ name }) => name in given);
  const present = [first, second].every(({ name }) => name in values && values[name] !== null);
  if (named.length === 2 || !present) return {};
  const [fixed] = named;
  if (!fixed) return { [first.name]: sample(first, 10 + 2 * slot), [second.name]: sample(second, 11 + 2 * slot) };
  const value = given[fixed.name] ?? null;
  return fixed === first ? { [second.name]: after(second, value) } : { [first.name]: before(first, value) };
}

function sample({ type }: SpecField, step: number): JsonValue {
  if (type.kind !== 'integer' && type.kind !== 'decimal') return `{{future_${type.kind}:${step}}}`;
  const value = Math.min((type.min ?? 0) + step, type.max ?? step);
  return type.kind === 'decimal' ? value.toFixed(type.scale) : value;
}

const DAYS = /^\{\{(future|past)_\w+:(\d+)\}\}$/;

function after(field: SpecField, value: JsonValue): JsonValue {
  const days = DAYS.exec(String(value));
  if (field.type.kind === 'integer') return typeof value === 'number' ? value : (field.type.max ?? 2_000_000_000);
  if (field.type.kind === 'decimal') return String(value);
  if (days?.[1] === 'past') return `{{future_${field.type.kind}:1}}`;
  return `{{future_${field.type.kind}:${days ? Number(days[2]) + 1 : 9000}}}`;
}

function before(field: SpecField, value: JsonValue): JsonValue {
  const days = DAYS.exec(String(value));
  if (field.type.kind === 'integer') return typeof value === 'number' ? value : (field.type.min ?? 1);
  if (field.type.kind === 'decimal') return String(value);
  if (days?.[1] === 'past') return `{{past_${field.type.kind}:${Number(days[2]) + 1}}}`;
  return `{{future_${field.type.kind}:${days ? Math.max(1, Number(days[2]) - 1) : 1}}}`;
}
