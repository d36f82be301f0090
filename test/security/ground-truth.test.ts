import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { describeSandboxed, places } from '../activities/security/sandbox-fixture.js';
import { openRange } from './canary.js';
import { HOSTILE_TEMPLATES } from './constructs.js';
import { corpusRows } from './corpus.js';
import { hostileCommand } from './hostile-grammar.js';
import { damagedCommand } from './mutation.js';
import { tellCases } from './tally.js';

/** On a quiet machine each takes under 15 s. */
const BUSY_MACHINE_MS = 240_000;
/** The place of a forbidden program in a template. */
const PROGRAM = /X(?!DG_)/g;

describeSandboxed('what the policy allows, run in a real bash where every forbidden program leaves a mark', () => {
  const at = places();

  test('the range is live: what is forbidden, run plainly, is caught', async () => {
    const { run } = await openRange(at);
    const caught = await run([
      ...['canary', 'ls $(canary)', 'git -c alias.x=!canary x', 'nobody-thought-of-this', 'cat outward/secret'],
      ...[
        'cp outward/secret b.txt',
        'echo x > feature_list.json',
        'echo x > dangling',
        'echo x > .git/hooks/post-commit',
      ],
      ...['git reset -q --hard HEAD~1', 'cp evil/ls .venv/bin/ls', 'canary &'],
    ]);
    expect(new Set(caught.map((line) => line.replace(/": .*/s, ''))).size).toBe(12);
    expect(await run(['ls', 'git status', 'cat a.txt', 'git commit -q --allow-empty -m x'])).toEqual([]);
  });

  test(
    'no known construct gets one past it, alone or in another',
    async () => {
      const { allows, run } = await openRange(at);
      const alone = HOSTILE_TEMPLATES.map((template) => template.replaceAll(PROGRAM, 'canary'));
      const nested = HOSTILE_TEMPLATES.flatMap((outer) => alone.map((inner) => outer.replaceAll(PROGRAM, () => inner)));
      const allowed = [...new Set([...alone, ...nested])].filter(allows);
      tellCases(
        'real bash: constructs, nested two deep',
        alone.length + nested.length,
        `${allowed.length} allowed and run`,
      );
      expect(await run(allowed)).toEqual([]);
    },
    BUSY_MACHINE_MS,
  );

  test(
    'no generated command does',
    async () => {
      const { allows, run } = await openRange(at);
      const generated = fc.sample(fc.oneof(hostileCommand, damagedCommand), { numRuns: 10_000, seed: 20_261_123 });
      const allowed = generated.filter(allows);
      tellCases('real bash: generated and damaged', generated.length, `${allowed.length} allowed and run`);
      expect(allowed.length).toBeGreaterThan(500);
      expect(await run(allowed)).toEqual([]);
    },
    BUSY_MACHINE_MS,
  );

  test(
    'nor does any command of the corpus that passes',
    async () => {
      const { allows, run } = await openRange(at);
      const rows = corpusRows();
      const allowed = rows.map(({ cmd }) => cmd).filter(allows);
      tellCases('real bash: the corpus', rows.length, `${allowed.length} allowed and run`);
      expect(await run(allowed)).toEqual([]);
    },
    BUSY_MACHINE_MS,
  );
});
