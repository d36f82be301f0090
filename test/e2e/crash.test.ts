/** kill -9 of the worker in the middle of a tool, and nobody types anything. Every other process: test/chaos. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { NotesBuild, toolCalledIn } from '../support/build-fixture.js';
import { expectNothingLost, killChild } from '../support/kill.js';
import { NightshiftProcess } from '../support/nightshift-process.js';
import { type Undisturbed, undisturbedBuild } from '../support/undisturbed-build.js';

const BUILD_MS = 600_000;

let nightshift: NightshiftProcess;
let undisturbed: Undisturbed;
beforeAll(async () => {
  nightshift = NightshiftProcess.fresh();
  undisturbed = await undisturbedBuild();
  await nightshift.run(['start', '--project-dir', 'first']); // brings the servers up for the bare workflow start below
  await nightshift.run(['stop', '--project-dir', 'first']);
}, BUILD_MS);
afterAll(async () => {
  await nightshift.close();
  await undisturbed.close();
}, 240_000);

it(
  'a build whose worker was killed ends by itself, with every feature passing and the tree of an undisturbed one',
  async () => {
    const build = new NotesBuild(nightshift, 'worker');
    expect(await build.startByTemporal({ heartbeatSeconds: 4, delaySeconds: 0 })).toMatchObject({ exitCode: 0 });
    await build.reaches('session 3 has code to test', toolCalledIn(3, 'scaffold'));
    await killChild(nightshift, 'worker');
    await build.ends();
    const resumed = build.events().filter((event) => event.kind === 'session' && event.resumed);
    expect(resumed[0]).toMatchObject({ session: 3 }); // a slow machine may miss a beat in a later one as well
    expectNothingLost(build, undisturbed);
  },
  BUILD_MS,
);
