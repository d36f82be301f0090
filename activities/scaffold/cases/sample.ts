/**
 * Values for fields: good ones (fresh by a placeholder, so that nothing can be hard-coded), and values just inside and
 * just outside of the stated bounds. Pure.
 */
import type { JsonValue } from '../../features/feature.js';
import type { FieldType, SpecField } from '../spec-model.js';
import { CannotArrange } from './arrangement.js';

/** A good value; `tag` tells the values of one case apart. References have none: they need a row. */
export function sampleValue(field: SpecField, tag: string): JsonValue {
  const { type } = field;
  switch (type.kind) {
    case 'string':
      return type.pattern ? fromPattern(type.pattern, tag) : textOf(type.min_length ?? 0, type.max_length ?? 255, tag);
    case 'text':
      return textOf(type.min_length ?? 0, type.max_length ?? 5000, tag);
    case 'email':
      return `{{email:${tag}}}`;
    case 'hex_colour':
      return `{{hex_color:${tag}}}`;
    case 'integer':
      return `{{int:${lowest(type.min, type.max)}:${highest(type.min, type.max)}:${tag}}}`;
    case 'decimal':
      return decimalOf(type, tag);
    case 'boolean':
      return field.default !== true;
    case 'datetime':
      return `{{future_datetime:${tag}}}`;
    case 'date':
      return `{{future_date:${tag}}}`;
    case 'enum':
      return type.values.find((value) => value !== field.default) ?? type.values[0] ?? '';
    case 'json':
      return { note: `{{word:${tag}}}` };
    case 'reference':
      return null;
  }
}

export interface BoundaryValue {
  /** `201 characters`, `below 0`. */
  readonly label: string;
  readonly value: JsonValue;
  readonly valid: boolean;
}

/** Values on both sides of each stated bound, and values of the wrong kind; the telling ones first. */
export function boundaryValues(field: SpecField, tag: string): BoundaryValue[] {
  const { type } = field;
  const wrongType = (value: JsonValue, label: string): BoundaryValue => ({ label, value, valid: false });
  switch (type.kind) {
    case 'string':
    case 'text':
      return [
        ...(type.kind === 'string' && type.pattern ? [] : lengthBounds(type, tag)),
        wrongType(7, 'a number instead of text'),
      ];
    case 'email':
      return [
        wrongType(`{{word:${tag}}}`, 'no address'),
        wrongType(`{{text:${type.max_length}:${tag}}}@example.com`, 'too long'),
      ];
    case 'hex_colour':
      return [wrongType('#12345G', 'no colour'), wrongType('#12345', 'five digits'), wrongType('123456', 'no hash')];
    case 'integer':
    case 'decimal':
      return [...numberBounds(type), wrongType(`{{word:${tag}}}`, 'a word instead of a number')];
    case 'boolean':
      return [wrongType(`{{word:${tag}}}`, 'a word instead of true or false')];
    case 'datetime':
    case 'date':
      return [wrongType(`{{word:${tag}}}`, 'no date')];
    case 'enum':
      return [wrongType(`{{word:${tag}}}`, 'none of its values')];
    case 'reference':
      return [wrongType(`{{word:${tag}}}`, 'no id')];
    case 'json':
      return [];
  }
}

function lengthBounds(type: { min_length: number | null; max_length: number | null }, tag: string): BoundaryValue[] {
  const text = (length: number): JsonValue => (length === 0 ? '' : `{{text:${length}:${tag}}}`);
  const bounds: BoundaryValue[] = [];
  if (type.max_length !== null) {
    bounds.push({ label: `${type.max_length + 1} characters`, value: text(type.max_length + 1), valid: false });
    bounds.push({ label: `${type.max_length} characters`, value: text(type.max_length), valid: true });
  }
  if (type.min_length !== null && type.min_length > 0) {
    bounds.push({ label: amount(type.min_length - 1), value: text(type.min_length - 1), valid: false });
    bounds.push({ label: amount(type.min_length), value: text(type.min_length), valid: true });
  }
  return bounds;
}

function amount(length: number): string {
  return length === 1 ? '1 character' : `${length} characters`;
}

function numberBounds(type: Extract<FieldType, { kind: 'integer' | 'decimal' }>): BoundaryValue[] {
  const written = (value: number): JsonValue => (type.kind === 'decimal' ? value.toFixed(type.scale) : value);
  const step = type.kind === 'decimal' ? 10 ** -type.scale : 1;
  const bounds: BoundaryValue[] = [];
  if (type.min !== null) {
    bounds.push({ label: `below ${type.min}`, value: written(type.min - step), valid: false });
    bounds.push({ label: `exactly ${type.min}`, value: written(type.min), valid: true });
  }
  if (type.max !== null) {
    bounds.push({ label: `above ${type.max}`, value: written(type.max + step), valid: false });
    bounds.push({ label: `exactly ${type.max}`, value: written(type.max), valid: true });
  }
  return bounds;
}

/** A fresh word where it fits, else letters of a length that does. */
function textOf(min: number, max: number, tag: string): string {
  if (min <= 12 && max >= 12) return `{{word:${tag}}}`;
  return `{{text:${min > 12 ? min : max}:${tag}}}`;
}

function lowest(min: number | null, max: number | null): number {
  return Math.ceil(min ?? Math.min(1, max ?? 1));
}

function highest(min: number | null, max: number | null): number {
  return Math.floor(max ?? Math.max(1_000_000, (min ?? 0) + 1_000));
}

function decimalOf(type: Extract<FieldType, { kind: 'decimal' }>, tag: string): string {
  const low = lowest(type.min, type.max);
  const digits = type.precision - type.scale;
  const high = Math.min(highest(type.min, type.max) - 1, 10 ** Math.min(digits, 9) - 1);
  const whole = `{{int:${low}:${Math.max(low, high)}:${tag}}}`;
  return type.scale === 0 ? whole : `${whole}.${'25'.padEnd(type.scale, '0').slice(0, type.scale)}`;
}

const CLASSES: Readonly<Record<string, string>> = {
  '[A-Z]': 'capitals',
  '[a-z]': 'letters',
  '[A-Za-z]': 'letters',
  '[a-zA-Z]': 'letters',
  '[A-Z0-9]': 'capitals',
  '[a-z0-9]': 'letters',
  '[A-Za-z0-9]': 'letters',
  '[a-zA-Z0-9]': 'letters',
  '\\w': 'letters',
  '[0-9]': 'digits',
  '\\d': 'digits',
};

const PIECE =
  /(\[A-Z\]|\[a-z\]|\[A-Za-z\]|\[a-zA-Z\]|\[A-Z0-9\]|\[a-z0-9\]|\[A-Za-z0-9\]|\[a-zA-Z0-9\]|\[0-9\]|\\[wd]|\\[-.#/_]|[A-Za-z0-9 _/#:-])(\{(\d+)(?:,(\d*))?\}|[+*?])?/y;

/** A fresh value of a simple pattern (classes, counts, plain characters). Throws `CannotArrange` for any other. */
function fromPattern(pattern: string, tag: string): JsonValue {
  const source = pattern.replace(/^\^|\$$/g, '').replace(/\(\?:[^()]*\)[*?]/g, '');
  let out = '';
  PIECE.lastIndex = 0;
  for (let piece = 0; PIECE.lastIndex < source.length; piece += 1) {
    const match = PIECE.exec(source);
    if (!match) throw new CannotArrange(`no value can be made for the pattern ${pattern}`);
    const [, unit = '', count, exact] = match;
    const length = exact !== undefined ? Number(exact) || 1 : count === undefined || count === '?' ? 1 : 6;
    const kind = CLASSES[unit];
    out += kind ? `{{${kind}:${length}:${tag}${piece}}}` : unit.replace('\\', '').repeat(length);
  }
  return out;
}
