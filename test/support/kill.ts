/** What the crash tests share: kill -9 of a child of the supervisor, and what "nothing was lost" means. */
import { expect } from '@jest/globals';
import { NOTES_SESSIONS, type NotesBuild } from './build-fixture.js';
import type { NightshiftProcess } from './nightshift-process.js';
import type { Undisturbed } from './undisturbed-build.js';

/** Every feature passes, in the sessions and the tree of an undisturbed build: nothing was lost, nothing done twice. */
export function expectNothingLost(build: NotesBuild, undisturbed: Undisturbed): void {
  const { passing, total } = build.features();
  expect(passing).toBe(total);
  expect(build.git('tag', '--list').split('\n')).toHaveLength(NOTES_SESSIONS);
  expect(build.git('status', '--porcelain')).toBe('');
  expect(build.files()).toEqual(undisturbed.build.files());
  expect(build.tree()).toBe(undisturbed.build.tree());
}

/** Kills a child and waits until the supervisor has it back. */
export async function killChild(nightshift: NightshiftProcess, name: string): Promise<void> {
  const before = await nightshift.child(name);
  await nightshift.kill(before);
  const after = await nightshift.child(name);
  expect(after.pid).not.toBe(before.pid);
}
