/**
 * The table of faults: each a name, what is done to a running build at a named point, and how many model calls it may
 * repeat. Used once each by faults.test.ts, at random for hours by soak.ts. Nobody types anything after a fault.
 */

import { watch } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { faultScript, type Fault as ModelFault } from '../../offline-model/faults.js';
import { startOfflineModel } from '../../offline-model/server.js';
import { freePort } from '../../scripts/free-port.js';
import { signalProcess } from '../../scripts/host-process.js';
import { type NotesBuild, toolCalledIn } from '../support/build-fixture.js';
import { type Act, KILL } from './fault.js';
import { canMount, type SmallDisk, smallDisk } from './small-disk.js';
import type { Stage } from './stage.js';

export interface ChaosFault {
  readonly name: string;
  /** Calls beyond those that are in the journals: a killed stream is paid twice. */
  readonly repeats: number;
  /** Why this machine cannot have it, or undefined. */
  readonly impossible?: string;
  /** What must be there before the build begins; what it returns is called after the proof. */
  prepare?(stage: Stage, name: string): () => void;
  /** Resolves when the fault has been carried out and what was taken away is back. `random` is in [0, 1). */
  run(stage: Stage, build: NotesBuild, random: () => number): Promise<void>;
}

/** Arms a fault of the worker in session 2 and waits for it. */
async function inWorker(stage: Stage, build: NotesBuild, fault: Parameters<Stage['arm']>[0]): Promise<void> {
  await build.reaches('session 2 begins', (events) =>
    events.some((one) => one.kind === 'session' && one.session === 2),
  );
  stage.arm(fault);
  await stage.fired();
}

const entry = (kind: string): string => `"kind":"${kind}"`;
const upTo = (random: () => number, most: number): number => 1 + Math.floor(random() * most);

const killed = (
  name: string,
  repeats: number,
  fault: (random: () => number, build: NotesBuild) => Parameters<Stage['arm']>[0],
): ChaosFault => ({ name, repeats, run: (stage, build, random) => inWorker(stage, build, fault(random, build)) });

const lockOf = (build: NotesBuild): Act => ({
  kind: 'lock-and-kill',
  lock: path.join(build.projectDir, '.git', 'index.lock'),
});

const WORKER_KILLS: readonly ChaosFault[] = [
  killed('the worker is killed in the middle of the model stream', 1, (random) => ({
    ...{ point: 'in-stream', nth: upTo(random, 4), act: KILL },
  })),
  killed('the worker is killed between a response and its journal entry', 1, (random) => ({
    ...{ point: 'before-entry', text: entry('model_response'), nth: upTo(random, 4), act: KILL },
  })),
  killed('the worker is killed when a command has begun', 0, () => ({
    ...{ point: 'after-entry', text: `${entry('tool_started')},"turn":`, nth: 3, act: KILL },
  })),
  killed('the worker is killed with the ledger written and not in place', 0, () => ({
    ...{ point: 'before-rename', to: 'ledger.json', nth: 1, act: KILL },
  })),
  killed('the worker is killed before a session is recorded as ended', 0, () => ({
    ...{ point: 'before-rename', to: 'build.json', nth: 1, act: KILL },
  })),
  killed("the worker is killed and git's lock is left", 0, (_random, build) => ({
    ...{ point: 'after-entry', text: entry('tool_started'), nth: 2, act: lockOf(build) },
  })),
  killed('the worker is killed and the journal is torn at a random byte', 1, (random) => ({
    ...{ point: 'after-entry', text: entry('model_response'), nth: 2 },
    act: { kind: 'tear-and-kill', bytes: upTo(random, 400) },
  })),
];

/** The model's server as another process would be: the same rules behind scripted faults. */
function faultyModel(name: string, repeats: number, script: readonly Record<string, unknown>[]): ChaosFault {
  const faults: readonly ModelFault[] = faultScript.parse(script);
  return {
    name,
    repeats,
    run: async (stage, build) => {
      const server = await startOfflineModel({ faults });
      try {
        stage.arm({ point: 'model-elsewhere', url: server.url });
        await build.ends();
      } finally {
        stage.disarm();
        await server.close();
      }
    },
  };
}

const MODEL_FAULTS: readonly ChaosFault[] = [
  faultyModel('the model answers 429 and 529 in a row', 5, [
    { request: 3, times: 3, fault: 'status', status: 429, headers: { 'retry-after': '1' } },
    { request: 8, times: 2, fault: 'status', status: 529 },
  ]),
  faultyModel('the model breaks off in mid-stream', 3, [
    { request: 2, fault: 'half_stream' },
    { request: 5, fault: 'reset_midstream' },
    { request: 8, fault: 'error_event' },
  ]),
  faultyModel('the model answers garbage', 2, [{ request: 4, times: 2, fault: 'garbage' }]),
  {
    name: 'the model is down for a minute',
    repeats: 12,
    run: async (stage, build) => {
      await build.reaches('session 2 works', toolCalledIn(2));
      stage.arm({ point: 'model-elsewhere', url: `http://127.0.0.1:${await freePort(undefined)}` });
      await delay(60_000);
      stage.disarm();
    },
  },
];

/** Resolves at the moment when git takes the lock on its index. */
async function lockTaken({ projectDir }: NotesBuild): Promise<void> {
  const events = watch(path.join(projectDir, '.git'), { signal: AbortSignal.timeout(120_000) });
  for await (const { filename } of events) if (filename === 'index.lock') return;
}

const MOMENTS: readonly ChaosFault[] = [
  {
    name: 'the worker is killed while it verifies',
    repeats: 0,
    run: async (stage, build) => {
      await build.stands(
        'session 2 is verified',
        ({ progress }) => progress?.status === 'verifying' && progress.session === 2,
      );
      await stage.nightshift.kill(await stage.nightshift.child('worker'));
    },
  },
];

const HARD_FAULTS: readonly ChaosFault[] = [
  {
    name: 'the worker is killed while it commits',
    repeats: 0,
    run: async (stage, build) => {
      await build.reaches('session 2 has code', toolCalledIn(2, 'scaffold'));
      const worker = await stage.nightshift.child('worker');
      await lockTaken(build);
      await stage.nightshift.kill(worker);
    },
  },
  {
    name: 'the worker is suspended past the heartbeat timeout while another one goes on, and comes back',
    repeats: 1,
    run: async (stage, build) => {
      await build.reaches('session 2 works', toolCalledIn(2));
      const suspended = await stage.nightshift.child('worker');
      signalProcess(suspended, 'SIGSTOP');
      const second = stage.nightshift.start(['worker'], stage.variables);
      await build.reaches('the second worker goes on', (events) =>
        events.some((one) => one.kind === 'session' && one.resumed),
      );
      signalProcess(suspended, 'SIGCONT');
      await build.ends();
      second.signal('SIGINT');
      await second.ended;
    },
  },
  {
    name: "the worker's clock jumps an hour ahead and back",
    repeats: 0,
    run: async (stage, build) => {
      await build.reaches('session 2 works', toolCalledIn(2));
      stage.arm({ point: 'clock', ms: 3_600_000 });
      await build.reaches('session 3 works', toolCalledIn(3));
      stage.disarm();
    },
  },
];

/** The build's folder in the state directory (journal, ledger, lease) on a disk that is full for some seconds. */
function fullDisk(): ChaosFault {
  let disk: SmallDisk | undefined;
  return {
    name: 'the disk of the state directory is full, space is made, and resume is typed',
    repeats: 3,
    ...(canMount ? {} : { impossible: 'only root may mount a small disk' }),
    prepare: (stage, name) => {
      disk = smallDisk(stage.stateOf(name), 64);
      return () => disk?.unmount();
    },
    run: async (stage, build) => {
      await build.reaches('session 2 works', toolCalledIn(2));
      disk?.fill();
      await build.stands('it is parked', ({ progress }) => progress?.status === 'needs_attention');
      disk?.free();
      await stage.nightshift.run(['resume', '--project-dir', build.name]);
    },
  };
}

/** Carried out once each by faults.test.ts. */
export const FAULTS: readonly ChaosFault[] = [...WORKER_KILLS, ...MODEL_FAULTS, ...MOMENTS];

/** What soak.ts picks from: also the faults that need luck, root or a second worker. */
export const SOAK_FAULTS: readonly ChaosFault[] = [...FAULTS, ...HARD_FAULTS, fullDisk()];
