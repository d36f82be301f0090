/**
 * kill -9 of each process in the middle of a build, at a point with a name, and nobody types anything: the build ends
 * with every feature passing and with the tree of a build that nothing disturbed. The worker's turn is in
 * test/e2e/crash.test.ts, which every `npm test` runs.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isAlive } from '../../scripts/host-process.js';
import { NOTES_SESSIONS, NotesBuild, toolCalledIn } from '../support/build-fixture.js';
import { eventually } from '../support/eventually.js';
import { expectNothingLost, killChild } from '../support/kill.js';
import { NightshiftProcess } from '../support/nightshift-process.js';
import { type Undisturbed, undisturbedBuild } from '../support/undisturbed-build.js';

const BUILD_MS = 600_000;
/** A dead worker is noticed after this many seconds without a heartbeat: the least that the contract allows. */
const QUICK = { heartbeatSeconds: 4, delaySeconds: 0 } as const;

let nightshift: NightshiftProcess;
let undisturbed: Undisturbed;
beforeAll(async () => {
  nightshift = NightshiftProcess.fresh();
  undisturbed = await undisturbedBuild();
}, BUILD_MS);
afterAll(async () => {
  await nightshift.close();
  await undisturbed.close();
}, 240_000);

describe('a build goes on by itself after kill -9', () => {
  it(
    'of the command that started it, watched from elsewhere',
    async () => {
      const build = new NotesBuild(nightshift, 'command');
      const command = nightshift.start(build.command('build'));
      await build.reaches('session 2 works', toolCalledIn(2), command);
      command.signal('SIGKILL');
      expect((await command.ended).exitCode).toBeNull();
      await build.ends();
      const { stdout } = await nightshift.run(['status', '--json', '--project-dir', build.name]);
      expect(JSON.parse(stdout).builds[0].snapshot).toMatchObject({
        execution: 'COMPLETED',
        progress: { status: 'done', session: NOTES_SESSIONS },
      });
      expectNothingLost(build, undisturbed);
    },
    BUILD_MS,
  );

  it(
    'of the Temporal server, while a session is verified',
    async () => {
      const build = new NotesBuild(nightshift, 'server');
      expect(await build.startByTemporal(QUICK)).toMatchObject({ exitCode: 0 });
      await build.stands('session 2 is verified', ({ progress }) => {
        return progress?.status === 'verifying' && progress.session === 2;
      });
      await killChild(nightshift, 'temporal');
      await build.ends();
      expectNothingLost(build, undisturbed);
    },
    BUILD_MS,
  );

  it(
    'of PostgreSQL, in a session and again in a verification',
    async () => {
      const build = new NotesBuild(nightshift, 'database');
      expect(await build.startByTemporal(QUICK)).toMatchObject({ exitCode: 0 });
      await build.reaches('session 2 has code to test', toolCalledIn(2, 'scaffold'));
      await killChild(nightshift, 'postgres');
      await build.stands('session 3 is verified', ({ progress }) => {
        return progress?.status === 'verifying' && progress.session === 3;
      });
      await killChild(nightshift, 'postgres');
      await build.ends();
      expectNothingLost(build, undisturbed);
    },
    BUILD_MS,
  );
});

describe('a build whose supervisor was killed', () => {
  it(
    'goes on, and the next command adopts what still runs',
    async () => {
      const build = new NotesBuild(nightshift, 'supervisor');
      expect(await nightshift.run(build.command('start'))).toMatchObject({ exitCode: 0 });
      await build.reaches('session 2 works', toolCalledIn(2));
      const before = nightshift.runFile();
      await nightshift.kill(before.supervisor);
      expect(await nightshift.run(build.command('build'))).toMatchObject({ exitCode: 0 });
      const after = nightshift.runFile();
      expect(after.supervisor.pid).not.toBe(before.supervisor.pid);
      expect(await eventually('it is alive', () => isAlive(after.supervisor))).toBe(true);
      expect(after.children.map(({ process }) => process)).toEqual(before.children.map(({ process }) => process));
      expectNothingLost(build, undisturbed);
    },
    BUILD_MS,
  );
});
