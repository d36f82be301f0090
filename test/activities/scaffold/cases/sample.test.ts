import { describe, expect, test } from '@jest/globals';
import { interpolate, newScope } from '../../../../activities/features/values.js';
import { CannotArrange } from '../../../../activities/scaffold/cases/arrangement.js';
import { boundaryValues, sampleValue } from '../../../../activities/scaffold/cases/sample.js';
import type { FieldType, SpecField } from '../../../../activities/scaffold/spec-model.js';

const field = (type: FieldType, more: Partial<SpecField> = {}): SpecField => ({
  name: 'value',
  type,
  source: 'client',
  create: 'required',
  update: true,
  nullable: false,
  readable: true,
  line: 1,
  ...more,
});
const fresh = (type: FieldType) => interpolate(sampleValue(field(type), 'a'), newScope('s', 'n'));
const labels = (type: FieldType) => boundaryValues(field(type), 'a').map((bound) => `${bound.label}: ${bound.valid}`);

describe('good values for a field', () => {
  test('text fits its bounds', () => {
    const length = (min: number, max: number) =>
      String(fresh({ kind: 'string', min_length: min, max_length: max, pattern: null })).length;
    expect(length(1, 200)).toBe(12);
    expect(length(1, 5)).toBe(5);
    expect(length(30, 40)).toBe(30);
  });

  test('simple patterns are met, others can not be arranged', () => {
    const made = (pattern: string) => String(fresh({ kind: 'string', min_length: null, max_length: null, pattern }));
    for (const pattern of ['^[A-Z]{3}-\\d{4}$', '^[a-z0-9]+$', '^\\d{13}$', '^INV_[0-9]{2,6}$']) {
      expect(made(pattern)).toMatch(new RegExp(pattern));
    }
    expect(() => made('^(a|b)+$')).toThrow(CannotArrange);
  });

  test('numbers lie within their bounds, decimals with their scale', () => {
    expect(fresh({ kind: 'integer', min: 1, max: 5 })).toBeGreaterThanOrEqual(1);
    expect(fresh({ kind: 'integer', min: 1, max: 5 })).toBeLessThanOrEqual(5);
    expect(fresh({ kind: 'decimal', precision: 8, scale: 2, min: 0, max: null })).toMatch(/^\d{1,6}\.25$/);
  });

  test('an enum and a boolean give what is not the default', () => {
    expect(sampleValue(field({ kind: 'enum', values: ['a', 'b'] }, { default: 'a' }), 'x')).toBe('b');
    expect(sampleValue(field({ kind: 'boolean' }, { default: true }), 'x')).toBe(false);
  });
});

describe('values around the bounds', () => {
  test('text has both sides of each stated length', () => {
    expect(labels({ kind: 'string', min_length: 1, max_length: 200, pattern: null })).toEqual([
      '201 characters: false',
      '200 characters: true',
      '0 characters: false',
      '1 character: true',
      'a number instead of text: false',
    ]);
  });

  test('numbers have both sides of each stated bound, decimals one step of their scale away', () => {
    expect(labels({ kind: 'integer', min: 1, max: 5 })).toEqual([
      'below 1: false',
      'exactly 1: true',
      'above 5: false',
      'exactly 5: true',
      'a word instead of a number: false',
    ]);
    const bounds = boundaryValues(field({ kind: 'decimal', precision: 6, scale: 2, min: 0, max: null }), 'a');
    expect(bounds[0]).toMatchObject({ value: '-0.01', valid: false });
  });
});
