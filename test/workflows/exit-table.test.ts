/**
 * How an activity ends, row by row on a real server: who interrupted it, what `interruption()` says, what the activity
 * answers, and what the build does then. The operator's rows are typed with the `temporal` CLI.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Context } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { interruptible } from '../../activities/interruptible.js';
import { type Interruption, interruption, withLiveness } from '../../activities/liveness.js';
import {
  BUILD_TASK_QUEUE,
  type BuildActivities,
  EMPTY_TALLY,
  NO_USAGE,
  type SessionOutcome,
} from '../../workflows/contract.js';
import { pauseSignal, progressQuery, resumeSignal, stopSignal } from '../../workflows/messages.js';
import type { Heartbeat, Progress } from '../../workflows/progress.js';
import { eventually } from '../support/eventually.js';
import { startTemporal, startWorkers, type TestWorkers, temporalBinary } from '../support/temporal.js';

let environment: TestWorkflowEnvironment;
beforeAll(async () => {
  environment = await startTemporal();
});
afterAll(() => environment.teardown());

const beat: Heartbeat = {
  ...{ session: 1, activity: 'session', turn: 1, lastTool: '', inputTokens: 0, outputTokens: 0 },
  ...{ casesPassing: 0, casesTotal: 0, at: '' },
};
const ended: SessionOutcome = { kind: 'ended', reason: 'end_turn', usage: NO_USAGE, turns: 1, commit: 'c' };
const tally = { ...EMPTY_TALLY, featuresTotal: 1, featuresPassing: 1 };

/** What the first attempt saw when it was interrupted, and how many attempts began. */
interface Seen {
  attempts: number;
  interruption: Interruption | undefined;
}

type FirstAttempt = (signal: AbortSignal) => Promise<unknown>;

/** Works until it is aborted, as a session does: what an aborted fetch throws comes out of it. */
const untilAborted: FirstAttempt = (signal) =>
  new Promise((_resolve, reject) => {
    const abort = (): void => reject(new Error('AbortError: the operation was aborted'));
    if (signal.aborted) abort(); // interrupted while it was silent
    signal.addEventListener('abort', abort);
  });

/** One session whose first attempt does as told; every later one ends at once. */
function activitiesOf(seen: Seen, first: FirstAttempt): BuildActivities {
  const live = (signal: AbortSignal): Promise<unknown> =>
    first(signal).catch((error: unknown) => {
      seen.interruption = interruption();
      throw error;
    });
  return {
    prepareWorkspace: async () => ({
      ...{ buildId: 'b', projectName: 'Project', listLocked: false, lastSession: 0, unfinishedSession: null },
      ...{ tally: EMPTY_TALLY, searchAttributes: [], sandbox: 'none (test)' },
    }),
    runSession: async () => {
      seen.attempts += 1;
      if (seen.attempts > 1) return ended;
      return withLiveness(beat, (liveness) =>
        interruptible<SessionOutcome>(
          async () => {
            await live(liveness.signal);
            return ended;
          },
          () => ({ kind: 'paused', turn: 7, usage: NO_USAGE }),
        ),
      );
    },
    verify: async () => ({
      ...({ kind: 'verified', tally, newlyPassing: 1, regressed: 0 } as const),
      ...{ commit: 'c', listLocked: true, failures: [] },
    }),
    finishBuild: async () => ({ kind: 'finished', tally, gates: [], commit: 'c' }),
  };
}

let seen: Seen;
let handle: WorkflowHandle;
let workers: TestWorkers | undefined;
let builds = 0;

/** A dead worker is noticed late, so that a loaded machine is not taken for one; where it matters, soon. */
async function begin(first: FirstAttempt, heartbeatSeconds = 30): Promise<BuildActivities> {
  seen = { attempts: 0, interruption: undefined };
  const activities = activitiesOf(seen, first);
  workers = await startWorkers(environment, activities);
  builds += 1;
  const settings = { delaySeconds: 0, heartbeatSeconds };
  handle = await environment.client.workflow.start('buildBackend', {
    workflowId: `exit-${builds}`,
    taskQueue: BUILD_TASK_QUEUE,
    args: [{ spec: '# Spec', projectDir: '/srv/project', settings }],
  });
  await eventually('the session works', () => seen.attempts === 1);
  return activities;
}

afterEach(async () => {
  await handle.terminate().catch(() => undefined);
  await workers?.close();
});

/** `temporal activity <verb>` on the pending activity, as an operator types it. */
async function operator(verb: 'pause' | 'unpause' | 'reset'): Promise<void> {
  const { raw } = await handle.describe();
  const id = raw.pendingActivities?.[0]?.activityId ?? '';
  const flags = ['--workflow-id', handle.workflowId, '--activity-id', id, '--address', environment.address];
  await promisify(execFile)(temporalBinary(), ['activity', verb, ...flags]);
}

const progress = (): Promise<Progress> => handle.query(progressQuery);
const done = async (): Promise<string> => ((await handle.result()) as Progress).status;

describe('a session that is interrupted', () => {
  it('by the signal pause returns `paused`, and resume runs the same session again', async () => {
    await begin(untilAborted);
    await handle.signal(pauseSignal);
    await eventually('it is paused', async () => (await progress()).status === 'paused');
    expect(seen.interruption).toBe('requested');
    expect((await progress()).events.at(-1)).toBe('session 1 paused at turn 7');
    await handle.signal(resumeSignal);
    expect(await done()).toBe('done');
    expect(seen.attempts).toBe(2);
  });

  it('by the signal stop ends the build as stopped', async () => {
    await begin(untilAborted);
    await handle.signal(stopSignal);
    expect(await done()).toBe('stopped');
    expect(seen.interruption).toBe('requested');
  });

  it('by `temporal workflow cancel` ends cleanly as cancelled', async () => {
    await begin(untilAborted);
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(seen.interruption).toBe('requested');
  });

  it('by `temporal activity pause` hands over, and goes on in another attempt after `unpause`', async () => {
    await begin(untilAborted);
    await operator('pause');
    await eventually('it let go', () => seen.interruption !== undefined);
    expect(seen.interruption).toBe('hand_over');
    expect((await progress()).status).toBe('initializing'); // the operator holds it, not the build
    await operator('unpause');
    expect(await done()).toBe('done');
    expect(seen.attempts).toBe(2);
  });

  it('by `temporal activity reset` hands over to another attempt at once', async () => {
    await begin(untilAborted);
    await operator('reset');
    expect(await done()).toBe('done');
    expect(seen).toEqual({ attempts: 2, interruption: 'hand_over' });
  });

  it('by the shutdown of its worker hands over to the next worker', async () => {
    const activities = await begin(untilAborted);
    await workers?.close();
    expect(seen.interruption).toBe('hand_over');
    workers = await startWorkers(environment, activities);
    expect(await done()).toBe('done');
    expect(seen.attempts).toBe(2);
  });

  it('by `temporal workflow terminate` is disowned: it writes nothing', async () => {
    await begin(untilAborted);
    await handle.terminate('operator');
    await eventually('it let go', () => seen.interruption !== undefined);
    expect(seen.interruption).toBe('disowned');
  });
});

/** Silent for longer than the heartbeat timeout, as a suspended process is; then alive again. */
const silentThenAlive: FirstAttempt = async (signal) => {
  const context = Context.current();
  const heartbeat = context.heartbeat;
  Object.assign(context, { heartbeat: () => undefined });
  await new Promise((resolve) => setTimeout(resolve, 5_500));
  Object.assign(context, { heartbeat });
  return untilAborted(signal);
};

describe('a session that was silent for longer than the heartbeat timeout', () => {
  it('is disowned when it comes back, and another attempt has gone on', async () => {
    await begin(silentThenAlive, 4);
    expect(await done()).toBe('done');
    expect(seen.attempts).toBe(2);
    await eventually('the first attempt let go', () => seen.interruption !== undefined);
    expect(seen.interruption).toBe('disowned');
  });

  it('and is paused meanwhile counts as paused, not as failed', async () => {
    await begin(silentThenAlive, 4);
    await handle.signal(pauseSignal);
    const paused = await eventually('it is paused', async () => {
      const now = await progress();
      return now.status === 'paused' && now;
    });
    expect(paused.attention).toBeNull();
    await handle.signal(resumeSignal);
    expect(await done()).toBe('done');
  });
});
