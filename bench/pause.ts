/**
 * Seconds from the signal `pause` to a build that is paused, on the product as a person has it: wherever the build is at
 * that moment, in mid-stream, in the middle of a command, or in a verification. Option: how many pauses (50).
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { type BuildHandle, buildHandle } from '../scripts/build-handle.js';
import { connectTemporal } from '../scripts/client.js';
import { readRuntime } from '../scripts/supervisor/run-file.js';
import { NotesBuild } from '../test/support/build-fixture.js';
import { NightshiftProcess } from '../test/support/nightshift-process.js';
import { printMachine, printTable, quantile } from './environment.js';

export interface PauseTime {
  readonly ms: number;
  /** What ran when the signal was sent. */
  readonly during: string;
}

export async function pause([count = '50']: readonly string[]): Promise<void> {
  printMachine();
  const times = await pauseTimes(Number(count));
  const kinds = ['command', 'other tool', 'model or between', 'verification'];
  const rows = kinds.map((kind) =>
    row(
      kind,
      times.filter(({ during }) => during === kind),
    ),
  );
  printTable(
    ['paused in the middle of', 'times', 'median s', '95 % below s', 'longest s'],
    [...rows, row('all', times)],
  );
}

/** So many pauses and resumes of builds of the notes spec, one build after the other. */
export async function pauseTimes(count: number): Promise<readonly PauseTime[]> {
  const nightshift = NightshiftProcess.fresh();
  const times: PauseTime[] = [];
  try {
    for (let round = 1; times.length < count; round += 1) {
      const build = new NotesBuild(nightshift, `paused-${round}`);
      const started = await nightshift.run(build.command('start'));
      if (started.exitCode !== 0) throw new Error(started.stderr);
      const { client, close } = await connectTemporal(
        nightshift.config,
        readRuntime(nightshift.config)?.temporalAddress ?? null,
      );
      await pauseAgainAndAgain(buildHandle(client, build.workflowId), times, count);
      await close();
    }
  } finally {
    await nightshift.close();
  }
  return times;
}

/** Until there are enough, or the build has ended. */
async function pauseAgainAndAgain(handle: BuildHandle, times: PauseTime[], count: number): Promise<void> {
  while (times.length < count) {
    await delay(500 + ((times.length * 619) % 2_500)); // another moment each time
    const { execution, progress, heartbeat } = await handle.snapshot();
    if (execution !== 'RUNNING') return;
    if (progress === null || progress.status === 'preparing' || progress.status === 'paused') continue;
    const asked = performance.now();
    await handle.pause();
    while ((await handle.progress())?.status !== 'paused') {
      if (!(await handle.running())) return;
      await delay(20);
    }
    times.push({ ms: performance.now() - asked, during: kindOf(heartbeat?.activity, heartbeat?.lastTool ?? '') });
    await handle.resume();
  }
  await handle.stop();
}

function kindOf(activity: string | undefined, lastTool: string): string {
  if (activity !== 'session') return 'verification';
  if (lastTool.startsWith('bash')) return 'command';
  return lastTool === '' ? 'model or between' : 'other tool';
}

function row(title: string, times: readonly PauseTime[]): (string | number)[] {
  const seconds = [0.5, 0.95, 1].map((share) =>
    (
      quantile(
        times.map(({ ms }) => ms),
        share,
      ) / 1_000
    ).toFixed(2),
  );
  return [title, times.length, ...seconds];
}
