import { describe, expect, test } from '@jest/globals';
import type { JsonValue } from '../../../activities/features/feature.js';
import { matchBody, matches, shown, valueAt } from '../../../activities/features/matcher.js';

const page = {
  items: [
    { id: 3, name: 'b' },
    { id: 1, name: 'a' },
  ],
  total: 2,
  none: null,
};

describe('looking up a dotted path', () => {
  test('paths go through objects and arrays, and $ is the whole body', () => {
    expect(valueAt(page, 'items.0.id')).toBe(3);
    expect(valueAt(page, '$')).toBe(page);
    expect(valueAt([5], '0')).toBe(5);
    expect(valueAt(page, 'none')).toBeNull();
  });

  test('what is not there is undefined, inherited properties too', () => {
    for (const path of ['items.2.id', 'total.x', 'missing', 'constructor', 'items.length', '__proto__']) {
      expect(valueAt(page, path)).toBeUndefined();
    }
    expect(valueAt(undefined, 'a')).toBeUndefined();
  });
});

describe('matching a value', () => {
  const rows: [string, JsonValue, JsonValue | undefined, boolean][] = [
    ['equal literals', 'a', 'a', true],
    ['a number is no string', 1, '1', false],
    ['objects may hold more than is expected', { id: 3 }, { id: 3, name: 'b' }, true],
    ['arrays must be as long', [1], [1, 2], false],
    ['the same instant in another notation', '2026-12-03T08:00:00Z', '2026-12-03T08:00:00.000000+00:00', true],
    ['another instant', '2026-12-03T08:00:00Z', '2026-12-03T09:00:00Z', false],
    ['$type integer', { $type: 'integer' }, 3, true],
    ['$type integer of a fraction', { $type: 'integer' }, 3.5, false],
    ['$type datetime', { $type: 'datetime' }, '2026-12-03T08:00:00', true],
    ['$type datetime of a word', { $type: 'datetime' }, 'soon', false],
    ['$regex', { $regex: '^#[0-9A-F]{6}$' }, '#1A2B3C', true],
    ['an invalid $regex', { $regex: '(' }, '(', false],
    ['$gte and $lte together', { $gte: 1, $lte: 3 }, 2, true],
    ['$gte of dates', { $gte: '2026-01-01' }, '2026-06-01T00:00:00Z', true],
    ['$lte of mixed kinds', { $lte: 3 }, '2', false],
    ['$length', { $length: 2 }, page.items, true],
    ['$length by a matcher', { $length: { $gte: 3 } }, 'ab', false],
    ['$length of a number', { $length: 1 }, 1, false],
    ['$contains in an array', { $contains: { id: 1 } }, page.items, true],
    ['$contains in a string', { $contains: 'ell' }, 'hello', true],
    ['$absent', { $absent: true }, undefined, true],
    ['$absent of null', { $absent: true }, null, false],
    ['$not', { $not: 3 }, 4, true],
    ['$not of what is not there', { $not: 3 }, undefined, false],
    ['$every', { $every: { id: { $type: 'integer' } } }, page.items, true],
    ['$every of nothing', { $every: 1 }, [], false],
    ['$sorted', { $sorted: { by: 'id', order: 'desc' } }, page.items, true],
    ['$sorted the wrong way', { $sorted: { by: 'id' } }, page.items, false],
    ['$sorted of one item', { $sorted: 'asc' }, [1], false],
    ['$sorted leaves nulls aside', { $sorted: 'asc' }, [1, 2, null], true],
    ['an unknown matcher', { $like: 'a' }, 'a', false],
    ['an unknown $type', { $type: 'constructor' }, 'a', false],
  ];

  test.each(rows)('%s', (_title, expected, actual, holds) => {
    expect(matches(expected, actual)).toBe(holds);
  });

  test('a runaway pattern does not match instead of stopping the checks', () => {
    expect(matches({ $regex: '^(a+)+$' }, `${'a'.repeat(40)}!`)).toBe(false);
  });
});

describe('matching a body', () => {
  test('each mismatch names its path, what was expected and what was there', () => {
    expect(matchBody({ total: 3, 'items.0.name': 'b', 'items.9.id': 1 }, page)).toEqual([
      { path: 'total', expected: '3', actual: '2' },
      { path: 'items.9.id', expected: '1', actual: '(absent)' },
    ]);
  });

  test('values are shown in at most about 300 characters', () => {
    expect(shown('x'.repeat(5000)).length).toBeLessThan(330);
    expect(shown('x'.repeat(5000))).toContain('more');
  });
});
