/** A few of the cheats of test/cheats (`npm run test:cheats` runs every one), one of each family. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CheatBench } from '../../cheats/bench.js';
import { gallery } from '../../cheats/gallery.js';

const FEW = ['deletes a test', 'catches everything around each test in conftest', 'keeps its rows in memory'];
const LIMIT_MS = 120_000;

describe('dishonest work', () => {
  let bench: CheatBench;
  beforeAll(async () => {
    bench = await CheatBench.open();
  }, LIMIT_MS);
  afterAll(() => bench.close());

  test(
    'starts from an honest project, which passes with evidence',
    async () => {
      const { ledger } = await bench.before();
      expect(ledger.entries.map(({ state, failures }) => [state, failures])).toEqual([
        ['passing', []],
        ['passing', []],
      ]);
      expect(ledger.entries[0]?.evidence).toMatchObject({
        nodes: ['tests/test_notes.py::test_a_note_is_stored'],
        cases: [{ name: 'a note is stored', passed: true, requests: expect.stringMatching(/^[0-9a-f]{16}$/) }, {}],
      });
    },
    LIMIT_MS,
  );

  test.each(gallery.filter(({ name }) => FEW.includes(name)))(
    'of an agent that $name is caught and named',
    async ({ change, shell, named }) => {
      const { passing, named: words } = await bench.after(change, shell);
      expect(words).toMatch(named);
      expect(passing.length).toBeLessThan(bench.features.length);
    },
    LIMIT_MS,
  );
});
