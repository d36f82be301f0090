/**
 * Records the kept histories anew, from real builds of the code as it is: `npx tsc && node dist/test/replay/record.js`.
 * Do so when the workflow has changed on purpose so that builds that run meanwhile would be lost anyway (before a
 * release), never to make a red replay test green: that test is what protects the builds of people who upgrade.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { NotesBuild, toolCalledIn } from '../support/build-fixture.js';
import { NightshiftProcess } from '../support/nightshift-process.js';
import { HISTORIES, type History, withoutMachine } from './history.js';

async function undisturbed(build: NotesBuild): Promise<void> {
  await build.nightshift.run(build.command('build'));
}

async function pausedAndSteered(build: NotesBuild): Promise<void> {
  const { nightshift, name } = build;
  const command = nightshift.start(build.command('build'));
  await build.reaches('session 2 writes code', toolCalledIn(2, 'scaffold'));
  command.signal('SIGINT');
  await command.ended;
  await nightshift.run(['steer', 'Keep it simple.', '--project-dir', name]);
  await nightshift.run(['resume', '--project-dir', name]);
  await nightshift.run(build.command('build'));
}

async function workerKilled(build: NotesBuild): Promise<void> {
  await build.startByTemporal({ heartbeatSeconds: 4 });
  await build.reaches('session 3 writes code', toolCalledIn(3, 'scaffold'));
  await build.nightshift.kill(await build.nightshift.child('worker'));
}

async function record(nightshift: NightshiftProcess, name: string, run: (build: NotesBuild) => Promise<void>) {
  const build = new NotesBuild(nightshift, name);
  await run(build);
  const { progress } = await build.ends();
  if (progress?.status !== 'done') throw new Error(`${name} ended ${progress?.status}: nothing is kept of it`);
  const shown = await nightshift.run(['temporal', 'workflow', 'show', '-w', build.workflowId, '-o', 'json']);
  const history = withoutMachine(JSON.parse(shown.stdout) as History, nightshift.directory);
  writeFileSync(path.join(HISTORIES, `${name}.json`), `${JSON.stringify(history, null, 1)}\n`);
  process.stdout.write(`${name}: ${history.events.length} events\n`);
}

mkdirSync(HISTORIES, { recursive: true });
const nightshift = NightshiftProcess.fresh();
try {
  await record(nightshift, 'undisturbed', undisturbed);
  await record(nightshift, 'paused-and-steered', pausedAndSteered);
  await record(nightshift, 'worker-killed', workerKilled);
} finally {
  await nightshift.close();
}
