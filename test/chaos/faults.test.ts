/** Every fault of the table once, each in the middle of a build of its own; see stage.ts for what is proved after it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { type ChaosFault, FAULTS } from './faults.js';
import { processesOf, Stage } from './stage.js';

const BUILD_MS = 600_000;

let stage: Stage;
beforeAll(async () => {
  stage = Stage.open();
  await stage.reference();
}, BUILD_MS);
afterAll(() => stage.close(), 240_000);

describe('a build ends by itself with the tree of an undisturbed one when', () => {
  it.each(FAULTS.map((fault, index) => [fault.name, fault, index] as const))(
    '%s',
    async (_name, fault, index) => {
      await proves(fault, `fault-${index}`);
    },
    BUILD_MS,
  );
});

/** Begins a build, has it disturbed, and holds what it left against an undisturbed one. */
async function proves(fault: ChaosFault, name: string): Promise<void> {
  const build = await stage.begin(name);
  await fault.run(stage, build, () => 0.5);
  const { progress } = await build.ends();
  expect(progress).toMatchObject({ status: 'done', attention: null });
  expect(await stage.leftBy(build)).toEqual(await stage.reference());
  expect(await stage.repeatedCalls(build)).toBeLessThanOrEqual(fault.repeats);
  expect(build.git('status', '--porcelain')).toBe('');
  await eventually('the lease is released', () => stage.leaseReleased(build), { limitMs: 30_000 });
  await eventually('no process is left', () => processesOf(build).length === 0, { limitMs: 30_000 });
}
