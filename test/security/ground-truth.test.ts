import { chmodSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createPolicy } from '../../activities/security/policy.js';
import type { Sandbox } from '../../activities/security/sandbox.js';
import { describeSandboxed, places, shell } from '../activities/security/sandbox-fixture.js';
import { runUnderCanary, stockPrograms, stockProject } from './canary.js';
import { HOSTILE_TEMPLATES } from './constructs.js';
import { hostileCommand } from './hostile-grammar.js';

interface Range {
  readonly sandbox: Sandbox;
  readonly programs: string;
  readonly allows: (command: string) => boolean;
}

describeSandboxed('what the policy allows, run in a real bash where every forbidden program leaves a mark', () => {
  const at = places();

  async function range(): Promise<Range> {
    const projectDir = at.directory();
    const programs = at.directory();
    chmodSync(programs, 0o755);
    stockProject(projectDir);
    stockPrograms(programs);
    const sandbox = await at.open({ projectDir, readOnly: [programs] });
    await shell(sandbox, 'git init -q && git add -A && git commit -qm one && git commit -q --allow-empty -m two');
    const policy = await createPolicy({ projectDir });
    return { sandbox, programs, allows: (command) => policy.check(command).verdict === 'allow' };
  }

  test('the range is live: a forbidden program, run plainly, is caught', async () => {
    const { sandbox, programs } = await range();
    expect(
      await runUnderCanary(sandbox, programs, ['canary', 'ls $(canary)', 'git -c alias.x=!canary x']),
    ).toHaveLength(3);
  });

  test('no known construct gets one past it, alone or nested in another', async () => {
    const { sandbox, programs, allows } = await range();
    const alone = HOSTILE_TEMPLATES.map((template) => template.replaceAll('X', 'canary'));
    const nested = HOSTILE_TEMPLATES.flatMap((outer) =>
      HOSTILE_TEMPLATES.filter((_, index) => index % 7 === 0).map((inner) =>
        outer.replaceAll('X', inner.replaceAll('X', 'canary')),
      ),
    );
    const allowed = [...alone, ...nested].filter(allows);
    expect(await runUnderCanary(sandbox, programs, allowed)).toEqual([]);
  });

  test('no generated command does', async () => {
    const { sandbox, programs, allows } = await range();
    const allowed = fc.sample(hostileCommand, { numRuns: 4_000, seed: 20_261_123 }).filter(allows);
    expect(allowed.length).toBeGreaterThan(100);
    expect(await runUnderCanary(sandbox, programs, allowed.slice(0, 500))).toEqual([]);
  });

  test('no command of the corpus that should be refused is among them', async () => {
    const { allows } = await range();
    const rows = readFileSync(new URL('../../../test/corpus/commands.jsonl', import.meta.url), 'utf8')
      .trim()
      .split('\n');
    const blocked = rows
      .map((row) => JSON.parse(row) as { cmd: string; expect: string })
      .filter((row) => row.expect === 'block');
    expect(blocked.filter((row) => allows(row.cmd)).map((row) => row.cmd)).toEqual([]);
  });
});
