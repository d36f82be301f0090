/**
 * Compares a response's JSON with what a test case expects. Pure. A mismatch is data, never an exception.
 * Matchers never hold vacuously: `$every` and `$sorted` need items, `$not` needs something to be there.
 */
import vm from 'node:vm';
import type { JsonValue } from './feature.js';

export interface Mismatch {
  /** Dotted path into the response JSON; `$` is the whole body. */
  readonly path: string;
  /** What the case expects there, as text of at most 300 characters. */
  readonly expected: string;
  /** What was there. */
  readonly actual: string;
}

/** Expected values by dotted path, already interpolated, against a body; `undefined` = the body is not JSON. */
export function matchBody(
  expected: Readonly<Record<string, JsonValue>>,
  body: JsonValue | undefined,
): readonly Mismatch[] {
  return Object.entries(expected).flatMap(([path, value]) => {
    const actual = valueAt(body, path);
    return matches(value, actual) ? [] : [{ path, expected: shown(value), actual: shown(actual) }];
  });
}

/** The value at a dotted path (`items.0.id`; `$` = all of it), or undefined when there is none. */
export function valueAt(body: JsonValue | undefined, path: string): JsonValue | undefined {
  if (path === '$') return body;
  let here = body;
  for (const key of path.split('.')) {
    if (here === null || typeof here !== 'object') return undefined;
    if (Array.isArray(here)) here = /^\d+$/.test(key) ? here[Number(key)] : undefined;
    else here = Object.hasOwn(here, key) ? here[key] : undefined;
  }
  return here;
}

/** True when the actual value is what is expected: a literal, an object of matchers, or an object holding those keys. */
export function matches(expected: JsonValue, actual: JsonValue | undefined): boolean {
  if (isObject(expected) && isMatcher(expected)) {
    return Object.entries(expected).every(([key, argument]) => matchers[key]?.(argument, actual) ?? false);
  }
  if (actual === undefined) return false;
  if (Array.isArray(expected)) {
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((item, index) => matches(item, actual[index]))
    );
  }
  if (expected !== null && typeof expected === 'object') {
    return isObject(actual) && Object.entries(expected).every(([key, inner]) => matches(inner, own(actual, key)));
  }
  return expected === actual || sameInstant(expected, actual);
}

/** A value as a person reads it, cut to 300 characters. */
export function shown(value: JsonValue | undefined): string {
  const text = value === undefined ? '(absent)' : JSON.stringify(value);
  return text.length <= 300 ? text : `${text.slice(0, 240)} … ${text.length - 290} more … ${text.slice(-50)}`;
}

function isMatcher(value: { [key: string]: JsonValue }): boolean {
  return Object.keys(value).some((key) => key.startsWith('$'));
}

type Matcher = (argument: JsonValue, actual: JsonValue | undefined) => boolean;

const matchers: Readonly<Record<string, Matcher>> = {
  $type: (type, actual) => typeof type === 'string' && Object.hasOwn(types, type) && types[type]?.(actual) === true,
  $regex: (pattern, actual) => typeof pattern === 'string' && typeof actual === 'string' && regexHolds(pattern, actual),
  $gte: (bound, actual) => (order(actual, bound) ?? -1) >= 0,
  $lte: (bound, actual) => (order(actual, bound) ?? 1) <= 0,
  $length: (expected, actual) =>
    (typeof actual === 'string' || Array.isArray(actual)) &&
    matches(expected, typeof actual === 'string' ? [...actual].length : actual.length),
  $contains: (item, actual) => {
    if (typeof actual === 'string') return typeof item === 'string' && actual.includes(item);
    return Array.isArray(actual) && actual.some((element) => matches(item, element));
  },
  $absent: (absent, actual) => (actual === undefined) === (absent === true),
  $not: (inner, actual) => actual !== undefined && !matches(inner, actual),
  $sorted: (how, actual) => Array.isArray(actual) && sortedBy(how, actual),
  $every: (inner, actual) =>
    Array.isArray(actual) && actual.length > 0 && actual.every((element) => matches(inner, element)),
  $one_of: (choices, actual) => Array.isArray(choices) && choices.some((choice) => matches(choice, actual)),
  $within: (span, actual) => isObject(span) && typeof actual === 'string' && near(span, actual),
  $page: (shape, actual) => isObject(shape) && actual !== undefined && isObject(actual) && isPage(shape, actual),
};

const types: Readonly<Record<string, (actual: JsonValue | undefined) => boolean>> = {
  string: (actual) => typeof actual === 'string',
  integer: (actual) => Number.isInteger(actual),
  number: (actual) => typeof actual === 'number',
  boolean: (actual) => typeof actual === 'boolean',
  null: (actual) => actual === null,
  array: (actual) => Array.isArray(actual),
  object: (actual) => actual !== undefined && isObject(actual),
  datetime: (actual) => typeof actual === 'string' && instant(actual) !== undefined && actual.length > 10,
  date: (actual) => typeof actual === 'string' && /^\d{4}-\d\d-\d\d$/.test(actual),
};

/** Names of the types that `$type` knows. */
export const matcherTypes: readonly string[] = Object.keys(types);

/** `asc`, `desc`, or `{by, order}`; one item proves no order; nulls may stand at either end. */
function sortedBy(how: JsonValue, items: readonly JsonValue[]): boolean {
  const by = isObject(how) && typeof how.by === 'string' ? how.by : '$';
  const descending = (isObject(how) ? how.order : how) === 'desc';
  const keys = items.map((item) => valueAt(item, by)).filter((key) => key !== null);
  if (keys.length < 2 || keys.includes(undefined)) return false;
  return keys.slice(1).every((key, index) => {
    const sign = order(key, keys[index] ?? null);
    return sign !== undefined && (descending ? sign <= 0 : sign >= 0);
  });
}

/** Sign of left - right for two numbers, two points in time or two strings (by code unit); else undefined. */
function order(left: JsonValue | undefined, right: JsonValue): number | undefined {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left !== 'string' || typeof right !== 'string') return undefined;
  const [a, b] = [instant(left), instant(right)];
  if (a !== undefined && b !== undefined) return a - b;
  return left < right ? -1 : Number(left > right);
}

/** The same moment may be written in several ways (`Z`, `+00:00`, fractions); without a zone it is UTC. */
function sameInstant(left: JsonValue, right: JsonValue): boolean {
  if (typeof left !== 'string' || typeof right !== 'string' || left.length <= 10 || right.length <= 10) return false;
  const moment = instant(left);
  return moment !== undefined && moment === instant(right);
}

/** `{"seconds": 60, "of": "2026-01-01T00:00:00Z"}`; without `of` it is the time of the check. */
function near(span: { [key: string]: JsonValue }, actual: string): boolean {
  const centre = typeof span.of === 'string' ? instant(span.of) : Date.now();
  const moment = actual.length > 10 ? instant(actual) : undefined;
  if (centre === undefined || moment === undefined || typeof span.seconds !== 'number') return false;
  return Math.abs(moment - centre) <= span.seconds * 1000;
}

/** A list envelope: an array at `items`, at most `size` long, and a whole number at `total` that covers it. */
function isPage(shape: { [key: string]: JsonValue }, actual: { [key: string]: JsonValue }): boolean {
  const items = own(actual, typeof shape.items === 'string' ? shape.items : 'items');
  const total = own(actual, typeof shape.total === 'string' ? shape.total : 'total');
  if (!Array.isArray(items) || typeof total !== 'number' || !Number.isInteger(total)) return false;
  return total >= items.length && (typeof shape.size !== 'number' || items.length <= shape.size);
}

function instant(text: string): number | undefined {
  const match = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/.exec(text);
  if (!match) return undefined;
  const zoned = text.length === 10 || match[1] !== undefined ? text : `${text}Z`;
  const parsed = Date.parse(zoned.replace(' ', 'T'));
  return Number.isNaN(parsed) ? undefined : parsed;
}

const regexContext = vm.createContext(Object.create(null));
const regexTest = new vm.Script('new RegExp(pattern, "u").test(subject)');

/** A pattern comes from a model: invalid or runaway ones (200 ms) do not match instead of stopping the worker. */
function regexHolds(pattern: string, subject: string): boolean {
  try {
    Object.assign(regexContext, { pattern, subject: subject.slice(0, 10_000) });
    return regexTest.runInContext(regexContext, { timeout: 200 }) === true;
  } catch {
    return false;
  }
}

function isObject(value: JsonValue): value is { [key: string]: JsonValue } {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function own(value: { [key: string]: JsonValue }, key: string): JsonValue | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}
