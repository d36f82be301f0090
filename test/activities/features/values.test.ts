import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  interpolate,
  interpolateText,
  isGenerator,
  newScope,
  placeholdersIn,
  UnknownPlaceholder,
} from '../../../activities/features/values.js';

const now = new Date('2026-11-23T08:00:00Z');
const scope = (seed = 's', name = 'case') => newScope(seed, name, now);

describe('placeholders of test cases', () => {
  test('a placeholder that is the whole string keeps the JSON type of its value', () => {
    const known = scope();
    known.captured.set('task_id', 7);
    known.captured.set('tags', [1, 2]);
    expect(interpolate({ id: '{{task_id}}', tags: '{{tags}}', path: '/tasks/{{task_id}}' }, known)).toEqual({
      id: 7,
      tags: [1, 2],
      path: '/tasks/7',
    });
  });

  test('a captured null stays null and is not taken for missing', () => {
    const known = scope();
    known.captured.set('due', null);
    expect(interpolate('{{due}}', known)).toBeNull();
  });

  test('an unknown name says what is wrong and which generators there are', () => {
    expect(() => interpolate('{{nobody}}', scope())).toThrow(UnknownPlaceholder);
    expect(() => interpolate('{{nobody}}', scope())).toThrow(/\{\{nobody\}\} is neither captured .* email, word/);
    expect(() => interpolate('{{constructor}}', scope())).toThrow(UnknownPlaceholder);
  });

  test('the same suffix gives the same value within a case, another suffix another value', () => {
    const known = scope();
    expect(interpolate(['{{email:a}}', '{{email:a}}'], known)).toEqual([
      interpolate('{{email:a}}', known),
      interpolate('{{email:a}}', known),
    ]);
    expect(interpolate('{{email:a}}', known)).not.toBe(interpolate('{{email:b}}', known));
  });

  test('a text has exactly the length that is asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 6000 }), (length) => {
        expect(String(interpolate(`{{text:${length}}}`, scope()))).toHaveLength(length);
      }),
    );
    expect(() => interpolate('{{text:many}}', scope())).toThrow(UnknownPlaceholder);
  });

  test('dates lie on the side of now that their name says, a number being the distance in days', () => {
    expect(interpolate('{{future_datetime:10}}', scope())).toBe('2026-12-03T08:00:00Z');
    expect(interpolate('{{past_date:3}}', scope())).toBe('2026-11-20');
    expect(String(interpolate('{{future_date:x}}', scope())) > '2026-11-23').toBe(true);
    expect(String(interpolate('{{past_datetime}}', scope())) < '2026-11-23').toBe(true);
  });

  test('the capitals of a word are the word of the same suffix', () => {
    const known = scope();
    expect(interpolate('{{upper_word:a}}', known)).toBe(String(interpolate('{{word:a}}', known)).toUpperCase());
  });

  test('an integer stays within the bounds that are given', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1000, max: 1000 }), fc.nat(1000), fc.string(), (low, width, seed) => {
        const value = Number(interpolate(`{{int:${low}:${low + width}:a}}`, scope(seed)));
        expect(value).toBeGreaterThanOrEqual(low);
        expect(value).toBeLessThanOrEqual(low + width);
      }),
    );
  });

  test('values follow from seed and case name, and differ with either', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.constantFrom('email', 'word', 'hex_color', 'uuid'),
        (seed, name, kind) => {
          const text = `{{${kind}:a}}`;
          expect(interpolate(text, scope(seed, name))).toBe(interpolate(text, scope(seed, name)));
          expect(interpolate(text, scope(`${seed}x`, name))).not.toBe(interpolate(text, scope(seed, name)));
          expect(interpolate(text, scope(seed, `${name}x`))).not.toBe(interpolate(text, scope(seed, name)));
        },
      ),
    );
  });

  test('values without placeholders are left as they are', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(!JSON.stringify(value).includes('{{') && !JSON.stringify(value).includes('__proto__'));
        const plain = JSON.parse(JSON.stringify(value));
        expect(interpolate(plain, scope())).toEqual(plain);
      }),
    );
  });

  test('every name in a value is found, in order', () => {
    expect(placeholdersIn({ a: '{{word:x}} {{task_id}}', b: ['{{int:1:2}}'] })).toEqual(['word', 'task_id', 'int']);
    expect(isGenerator('email')).toBe(true);
    expect(isGenerator('task_id')).toBe(false);
  });

  test('a value inside a longer text is written as JSON', () => {
    const known = scope();
    known.captured.set('flag', true);
    expect(interpolateText('is {{flag}}', known)).toBe('is true');
  });
});
