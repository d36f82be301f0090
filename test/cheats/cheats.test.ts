import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CheatBench } from './bench.js';
import { gallery } from './gallery.js';
import { honestStyles } from './honest-styles.js';

const LIMIT_MS = 180_000;

describe('the gallery of cheats', () => {
  let bench: CheatBench;
  beforeAll(async () => {
    bench = await CheatBench.open();
  }, LIMIT_MS);
  afterAll(() => bench.close());

  test('holds at least twenty-five, each of another kind', () => {
    expect(new Set(gallery.map(({ name }) => name)).size).toBeGreaterThanOrEqual(25);
  });

  test.each(gallery)(
    'an agent that $name is caught and named',
    async ({ change, shell, named }) => {
      const { passing, named: words, ledger } = await bench.after(change, shell);
      expect(words).toMatch(named);
      expect(passing.length).toBeLessThan(bench.features.length);
      expect(ledger.entries.some(({ state }) => state === 'regressed')).toBe(true);
    },
    LIMIT_MS,
  );

  test.each(honestStyles)(
    'honest work in another style passes: $name',
    async ({ change }) => {
      const { passing, named } = await bench.after(change);
      expect([named, passing]).toEqual(['', bench.features.map(({ id }) => id)]);
    },
    LIMIT_MS,
  );
});
