/**
 * Values for the tests of a generated project, as Python expressions: good ones, two in order, and bad ones.
 */
import { rulesOf, type SpecField, type SpecModel, type SpecResource } from '../spec-model.js';
import { enumName } from './names.js';
import { memberName, pyString } from './python-text.js';

const PATTERN_CANDIDATES = [
  'abc',
  'ABC',
  'Abc',
  '123',
  'ABC-123',
  'abc-def',
  'ABC123',
  'AB',
  '12345',
  '+4915112345678',
  'SKU-0001',
  'A1',
  'abc_def',
  'ABC-1234',
  'AB-123',
  'a',
  '1',
  '12:30',
  '2030-01',
  'https://example.com',
  '1.0.0',
  'ABCD',
  '123456',
  'EUR',
];

const NAMES = ['Alpha', 'Beta'] as const;

/** The first value, the second, or one that lies after both. */
type Variant = 0 | 1 | 'later';

/** True for the second of two fields that a rule puts in an order. */
export function isLater(resource: SpecResource, field: SpecField): boolean {
  return (
    rulesOf(resource, 'order').some(({ second }) => second === field.name) ||
    rulesOf(resource, 'no_overlap').some(({ end }) => end === field.name)
  );
}

/** A good value as it stands in a JSON body and in a response. `variant` 1 sorts after 0 and differs from it. */
export function jsonValue(field: SpecField, which: Variant = 0): string {
  const { type } = field;
  const variant = which === 'later' ? 1 : which;
  if (which === 'later' && (type.kind === 'date' || type.kind === 'datetime'))
    return pyString(`2099-06-01${type.kind === 'date' ? '' : 'T12:00:00Z'}`);
  switch (type.kind) {
    case 'datetime':
      return pyString(`20${98 + variant - 1}-06-01T12:00:00Z`);
    case 'date':
      return pyString(`20${98 + variant - 1}-06-01`);
    case 'enum':
      return pyString(enumValues(type.values, variant));
    case 'decimal':
      return pyString(decimalText(type, variant));
    case 'integer':
      return String(integer(type, variant));
    case 'boolean':
      return variant === 1 ? 'True' : 'False';
    case 'json':
      return variant === 1 ? '{"level": 2}' : '{"level": 1}';
    case 'reference':
      return '1';
    default:
      return pyString(text(field, variant));
  }
}

/** The same value for a model's attribute. */
export function modelValue(resource: SpecResource, field: SpecField, which: Variant = 0): string {
  const { type } = field;
  const variant = which === 'later' ? 1 : which;
  const year = which === 'later' ? 2099 : 2097 + variant;
  switch (type.kind) {
    case 'datetime':
      return `datetime(${year}, 6, 1, 12, tzinfo=UTC)`;
    case 'date':
      return `date(${year}, 6, 1)`;
    case 'enum':
      return `${enumName(resource, field.name)}.${memberName(enumValues(type.values, variant))}`;
    case 'decimal':
      return `Decimal(${jsonValue(field, which)})`;
    default:
      return jsonValue(field, which);
  }
}

/** Values that a body must not hold for this field, each with a reason in a word or two. */
export function badValues(model: SpecModel, field: SpecField): { reason: string; value: string }[] {
  const { type } = field;
  switch (type.kind) {
    case 'string':
    case 'text':
      return [...badTexts(type), { reason: 'NUL', value: '"a\\x00b"' }, { reason: 'number', value: '5' }];
    case 'email':
      return [{ reason: 'no address', value: '"not-an-address"' }];
    case 'hex_colour':
      return [{ reason: 'no colour', value: '"red"' }];
    case 'integer':
      return [
        { reason: 'text', value: '"five"' },
        { reason: 'too small', value: String((type.min ?? -2147483648) - 1) },
        { reason: 'too large', value: String((type.max ?? 2147483647) + 1) },
      ];
    case 'decimal':
      return [
        { reason: 'text', value: '"five"' },
        ...(type.min === null ? [] : [{ reason: 'too small', value: String(type.min - 1) }]),
        ...(type.max === null ? [] : [{ reason: 'too large', value: String(type.max + 1) }]),
      ];
    case 'boolean':
      return [{ reason: 'text', value: '"yes"' }];
    case 'datetime':
    case 'date':
      return badMoments(model.validation.require_offset && type.kind === 'datetime');
    case 'enum':
      return [{ reason: 'unknown', value: '"no-such-choice"' }];
    case 'reference':
      return [{ reason: 'no id', value: '0' }];
    case 'json':
      return [];
  }
}

function badMoments(needsOffset: boolean) {
  const noOffset = { reason: 'no offset', value: '"2097-06-01T12:00:00"' };
  return [
    { reason: 'no date', value: '"tomorrow"' },
    { reason: 'number', value: '5' },
    ...(needsOffset ? [noOffset] : []),
  ];
}

function badTexts(type: { min_length: number | null; max_length: number | null }) {
  return [
    ...(type.min_length
      ? [{ reason: 'too short', value: type.min_length === 1 ? '""' : `"x" * ${type.min_length - 1}` }]
      : []),
    ...(type.max_length === null ? [] : [{ reason: 'too long', value: `"x" * ${type.max_length + 1}` }]),
  ];
}

function enumValues(values: readonly string[], variant: 0 | 1): string {
  return (variant === 1 ? values.at(-1) : values[0]) ?? '';
}

function integer(type: { min: number | null; max: number | null }, variant: 0 | 1): number {
  const low = Math.min(
    Math.max(type.min ?? 1, type.min === null || type.min < 1 ? 1 : type.min),
    type.max ?? 2147483646,
  );
  return variant === 1 && low < (type.max ?? 2147483647) ? low + 1 : low;
}

function decimalText(
  type: { min: number | null; max: number | null; scale: number; precision: number },
  variant: 0 | 1,
): string {
  return integer(
    { min: type.min === null ? null : Math.ceil(type.min), max: type.max === null ? 9 : Math.floor(type.max) },
    variant,
  ).toFixed(type.scale);
}

function text({ name, type }: SpecField, variant: 0 | 1): string {
  if (type.kind === 'email') return variant === 1 ? 'grace@example.com' : 'ada@example.com';
  if (type.kind === 'hex_colour') return variant === 1 ? '#FF8800' : '#00AA55';
  if (type.kind === 'string' && type.pattern !== null) return matching(type.pattern, variant);
  const limits = type.kind === 'string' || type.kind === 'text' ? type : { min_length: null, max_length: null };
  const words = name === 'name' ? NAMES[variant] : `${variant === 1 ? 'Second' : 'First'} ${name.replaceAll('_', ' ')}`;
  const long = words.padEnd(limits.min_length ?? 0, ' and more').slice(0, limits.max_length ?? 200);
  return long.trim().padEnd(limits.min_length ?? 0, 'x');
}

function matching(pattern: string, variant: 0 | 1): string {
  const whole = new RegExp(`^(?:${pattern})$`);
  const good = PATTERN_CANDIDATES.filter((candidate) => whole.test(candidate)).sort();
  return good[Math.min(variant, good.length - 1)] ?? PATTERN_CANDIDATES[0] ?? '';
}
