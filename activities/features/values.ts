/**
 * The `{{…}}` placeholders of test cases: captured names and fresh values. Pure, given seed, case name and clock.
 * Fresh values follow from seed + case name, so a run can be replayed and no literal can be hard-coded against.
 */
import { createHash } from 'node:crypto';
import type { JsonValue } from './feature.js';

/** What one run of one case knows: fresh values are stable within it, captured values grow with its responses. */
export interface ValueScope {
  readonly seed: string;
  readonly caseName: string;
  readonly now: Date;
  readonly captured: Map<string, JsonValue>;
}

/** A placeholder that is neither captured nor a generator: the case is wrong, not the app. */
export class UnknownPlaceholder extends Error {
  override readonly name = 'UnknownPlaceholder';
  constructor(readonly placeholder: string) {
    super(
      `{{${placeholder}}} is neither captured by an earlier step nor a generator; generators: ${generatorNames.join(', ')}`,
    );
  }
}

const PLACEHOLDER = /\{\{\s*([a-z][a-z0-9_]*)((?::[A-Za-z0-9_+-]+)*)\s*\}\}/g;
const WHOLE = /^\{\{\s*([a-z][a-z0-9_]*)((?::[A-Za-z0-9_+-]+)*)\s*\}\}$/;

/** Longest `{{text:N}}`: enough for any stated bound + 1, small enough for a request. */
export const MAX_TEXT = 100_000;

export function newScope(seed: string, caseName: string, now: Date = new Date()): ValueScope {
  return { seed, caseName, now, captured: new Map() };
}

/**
 * The value with every placeholder replaced, in object keys too. A string that is one placeholder takes on the JSON
 * type of its value (a captured number stays a number). Throws `UnknownPlaceholder`.
 */
export function interpolate(value: JsonValue, scope: ValueScope): JsonValue {
  if (typeof value === 'string') {
    const whole = WHOLE.exec(value);
    return whole ? resolved(whole[1] ?? '', whole[2] ?? '', scope) : interpolateText(value, scope);
  }
  if (Array.isArray(value)) return value.map((item) => interpolate(item, scope));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [interpolateText(key, scope), interpolate(inner, scope)]),
  );
}

/** The text with every placeholder replaced; values that are not strings appear as JSON. */
export function interpolateText(text: string, scope: ValueScope): string {
  return text.replace(PLACEHOLDER, (_match, name: string, suffix: string) => {
    const value = resolved(name, suffix, scope);
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
}

/** Names (without suffix) of the placeholders in a value, in order of appearance. */
export function placeholdersIn(value: unknown): string[] {
  return [...(JSON.stringify(value) ?? '').matchAll(PLACEHOLDER)].map((match) => match[1] ?? '');
}

/** True for a name that makes a fresh value; such a name must not be captured. */
export function isGenerator(name: string): boolean {
  return Object.hasOwn(generators, name);
}

function resolved(name: string, suffix: string, scope: ValueScope): JsonValue {
  const parts = suffix.split(':').slice(1);
  const captured = parts.length === 0 ? scope.captured.get(name) : undefined;
  if (captured !== undefined) return captured;
  const generator = isGenerator(name) ? generators[name] : undefined;
  if (generator === undefined) throw new UnknownPlaceholder(`${name}${suffix}`);
  return generator(parts, scope);
}

type Generator = (suffix: readonly string[], scope: ValueScope) => JsonValue;

/**
 * A suffix tells several values of one case apart (`{{email:a}}`, `{{email:b}}`). In dates a whole number is an
 * exact distance in days (`{{future_date:10}}` lies before `{{future_date:20}}`); `{{text:201}}`, `{{digits:4}}`,
 * `{{letters:4}}` and `{{capitals:4}}` have that many characters; `{{int:1:100}}` lies within these bounds.
 */
const generators: Readonly<Record<string, Generator>> = {
  email: (suffix, scope) => `${word(suffix, scope, 'email')}@example.com`,
  word: (suffix, scope) => word(suffix, scope, 'word'),
  /** The word of the same suffix in capitals: for uniqueness without case. */
  upper_word: (suffix, scope) => word(suffix, scope, 'word').toUpperCase(),
  int: (suffix, scope) => wholeNumber(suffix, scope),
  digits: (suffix, scope) => characters('0123456789', suffix, scope),
  letters: (suffix, scope) => characters('abcdefghijklmnopqrstuvwxyz', suffix, scope),
  capitals: (suffix, scope) => characters('ABCDEFGHIJKLMNOPQRSTUVWXYZ', suffix, scope),
  hex_color: (suffix, scope) => `#${digest('color', suffix, scope).toString('hex', 0, 3).toUpperCase()}`,
  uuid: (suffix, scope) => uuid(digest('uuid', suffix, scope)),
  text: (suffix, scope) => filler(suffix, scope),
  future_date: (suffix, scope) => moment(suffix, scope, 1).slice(0, 10),
  past_date: (suffix, scope) => moment(suffix, scope, -1).slice(0, 10),
  future_datetime: (suffix, scope) => moment(suffix, scope, 1),
  past_datetime: (suffix, scope) => moment(suffix, scope, -1),
};

const generatorNames = Object.keys(generators);

function digest(kind: string, suffix: readonly string[], scope: ValueScope): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([scope.seed, scope.caseName, kind, suffix]))
    .digest();
}

/** Twelve lower-case letters that can be said aloud: 100^6 of them. */
function word(suffix: readonly string[], scope: ValueScope, kind: string): string {
  const bytes = digest(kind, suffix, scope);
  const syllable = (index: number) =>
    `${'bcdfghjklmnprstvwzqx'[(bytes[index * 2] ?? 0) % 20]}${'aeiou'[(bytes[index * 2 + 1] ?? 0) % 5]}`;
  return Array.from({ length: 6 }, (_, index) => syllable(index)).join('');
}

function wholeNumber(suffix: readonly string[], scope: ValueScope): number {
  const random = digest('int', suffix, scope).readUIntBE(0, 6);
  const [low, high] = suffix.slice(0, 2).map(Number);
  if (low === undefined || high === undefined || !Number.isInteger(low) || !Number.isInteger(high)) {
    return 1_000 + (random % 2_000_000_000);
  }
  return low + (random % (Math.max(high - low, 0) + 1));
}

function characters(alphabet: string, suffix: readonly string[], scope: ValueScope): string {
  const length = Number(suffix[0]);
  if (!Number.isInteger(length) || length < 1 || length > 32)
    throw new UnknownPlaceholder(`digits:${suffix.join(':')}`);
  const bytes = digest(alphabet, suffix, scope);
  return Array.from({ length }, (_, index) => alphabet[(bytes[index] ?? 0) % alphabet.length]).join('');
}

function filler(suffix: readonly string[], scope: ValueScope): string {
  const length = Number(suffix[0]);
  if (!Number.isInteger(length) || length < 0 || length > MAX_TEXT) {
    throw new UnknownPlaceholder(['text', ...suffix].join(':'));
  }
  const start = word(suffix, scope, 'text');
  return start.repeat(Math.ceil(length / start.length)).slice(0, length);
}

/** Whole seconds in UTC, days away from now: those of the suffix, else 30 to 329. */
function moment(suffix: readonly string[], scope: ValueScope, sign: 1 | -1): string {
  const stated = /^\d{1,5}$/.test(suffix[0] ?? '') ? Number(suffix[0]) : undefined;
  const days = stated ?? 30 + (digest('days', suffix, scope).readUInt16BE(0) % 300);
  return `${new Date(scope.now.getTime() + sign * days * 86_400_000).toISOString().slice(0, 19)}Z`;
}

function uuid(bytes: Buffer): string {
  const hex = bytes.toString('hex', 0, 16);
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
