/** The workflow on a real Temporal dev server, with activities that answer from a script. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  BUILD_TASK_QUEUE,
  type BuildActivities,
  type BuildInput,
  EMPTY_TALLY,
  NO_USAGE,
  type SessionOutcome,
  type SessionRequest,
  type VerifyOutcome,
} from '../../workflows/contract.js';
import {
  answerUpdate,
  guidanceQuery,
  pauseSignal,
  progressQuery,
  raiseBudgetUpdate,
  resumeSignal,
  steerUpdate,
  stopSignal,
} from '../../workflows/messages.js';
import type { Progress } from '../../workflows/progress.js';
import { startTemporal, startWorkers } from '../support/temporal.js';

let environment: TestWorkflowEnvironment;
beforeAll(async () => {
  environment = await startTemporal();
});
afterAll(() => environment.teardown());

const ended = (turns = 1): SessionOutcome => ({
  kind: 'ended',
  reason: 'end_turn',
  usage: { ...NO_USAGE, modelCalls: turns },
  turns,
  commit: 'c',
});
const verifiedAt = (passing: number, total = 2): VerifyOutcome => ({
  kind: 'verified',
  tally: { ...EMPTY_TALLY, featuresTotal: total, featuresPassing: passing },
  newlyPassing: 1,
  regressed: 0,
  commit: 'c',
  listLocked: true,
  failures: [],
});

/** Activities that build two features in an initializer and two coding sessions; parts may be replaced. */
function scripted(parts: Partial<BuildActivities> = {}): BuildActivities & { sessions: SessionRequest[] } {
  const sessions: SessionRequest[] = [];
  let verifications = 0;
  return {
    sessions,
    prepareWorkspace: async () => ({
      buildId: 'b',
      projectName: 'Project',
      listLocked: false,
      lastSession: 0,
      unfinishedSession: null,
      tally: EMPTY_TALLY,
      searchAttributes: [],
      sandbox: 'none (test)',
    }),
    runSession: async (request) => {
      sessions.push(request);
      return ended();
    },
    verify: async () => verifiedAt(verifications++),
    finishBuild: async () => ({
      kind: 'finished',
      tally: { ...EMPTY_TALLY, featuresTotal: 2, featuresPassing: 2 },
      gates: [],
      commit: 'c',
    }),
    ...parts,
  };
}

/** Resolves when the activity is cancelled by the workflow: a session that runs until it is paused. */
async function untilCancelled(): Promise<void> {
  const beat = setInterval(() => Context.current().heartbeat(), 200);
  await Context.current().cancelled.catch(() => undefined);
  clearInterval(beat);
}

let builds = 0;
async function withBuild(
  activities: BuildActivities,
  use: (handle: WorkflowHandle) => Promise<void>,
  settings: BuildInput['settings'] = {},
): Promise<void> {
  const workers = await startWorkers(environment, activities);
  builds += 1;
  const input: BuildInput = {
    spec: '# Spec',
    projectDir: '/srv/project',
    settings: { delaySeconds: 0, heartbeatSeconds: 4, ...settings },
  };
  const handle = await environment.client.workflow.start('buildBackend', {
    workflowId: `build-${builds}`,
    taskQueue: BUILD_TASK_QUEUE,
    args: [input],
  });
  try {
    await use(handle);
  } finally {
    await handle.terminate().catch(() => undefined); // most have ended by themselves
    await workers.close();
  }
}

async function until(handle: WorkflowHandle, holds: (progress: Progress) => boolean): Promise<Progress> {
  for (;;) {
    const progress = await handle.query(progressQuery);
    if (holds(progress)) return progress;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a build', () => {
  it('runs the initializer, then coding sessions with fresh numbers, verifies each and ends done', async () => {
    const activities = scripted();
    await withBuild(activities, async (handle) => {
      const result = (await handle.result()) as Progress;
      expect(result.status).toBe('done');
      expect(activities.sessions.map(({ session, phase }) => [session, phase])).toEqual([
        [1, 'initializer'],
        [2, 'coding'],
        [3, 'coding'],
      ]);
      expect(result.usage.modelCalls).toBe(3);
    });
  });

  it('pauses in mid-session within seconds and continues the same session on resume', async () => {
    const seen: number[] = [];
    const activities = scripted({
      runSession: async ({ session }) => {
        seen.push(session);
        if (seen.length > 1) return ended();
        await untilCancelled();
        return { kind: 'paused', turn: 7, usage: NO_USAGE };
      },
    });
    await withBuild(activities, async (handle) => {
      await until(handle, () => seen.length === 1);
      await handle.signal(pauseSignal);
      const paused = await until(handle, (progress) => progress.status === 'paused');
      expect(paused.events.at(-1)).toBe('session 1 paused at turn 7');
      await handle.signal(resumeSignal);
      expect(((await handle.result()) as Progress).status).toBe('done');
      expect(seen.slice(0, 2)).toEqual([1, 1]);
    });
  });

  it('goes on when a resume overtakes the end of the activity that its pause cancelled', async () => {
    const activities = scripted();
    const prepare = activities.prepareWorkspace;
    let calls = 0;
    let release = (): void => undefined;
    const resumed = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slowToEnd: BuildActivities = {
      ...activities,
      prepareWorkspace: async (request) => {
        calls += 1;
        if (calls > 1) return prepare(request);
        await untilCancelled();
        await resumed;
        throw new CancelledFailure('cancelled in the middle');
      },
    };
    await withBuild(slowToEnd, async (handle) => {
      await until(handle, () => calls === 1);
      await handle.signal(pauseSignal);
      await handle.signal(resumeSignal);
      await until(handle, (progress) => progress.events.includes('resumed'));
      release();
      expect(((await handle.result()) as Progress).status).toBe('done');
      expect(calls).toBe(2);
    });
  });

  it('stops in mid-session and reports what it has', async () => {
    let started = false;
    const activities = scripted({
      runSession: async () => {
        started = true;
        await untilCancelled();
        return { kind: 'paused', turn: 1, usage: NO_USAGE };
      },
    });
    await withBuild(activities, async (handle) => {
      await until(handle, () => started);
      await handle.signal(stopSignal);
      expect(((await handle.result()) as Progress).status).toBe('stopped');
    });
  });

  it('parks instead of failing when an activity cannot go on, and goes on after resume', async () => {
    let broken = true;
    const activities = scripted();
    const prepare = activities.prepareWorkspace;
    const repaired: BuildActivities = {
      ...activities,
      prepareWorkspace: async (request) => {
        if (broken) throw ApplicationFailure.nonRetryable('the directory is not empty', 'WorkspaceRefused');
        return prepare(request);
      },
    };
    await withBuild(repaired, async (handle) => {
      const parked = await until(handle, (progress) => progress.status === 'needs_attention');
      expect(parked.attention).toMatchObject({
        kind: 'WorkspaceRefused',
        problem: expect.stringContaining('not empty'),
      });
      broken = false;
      await handle.signal(resumeSignal);
      expect(((await handle.result()) as Progress).status).toBe('done');
    });
  });

  it('waits on a durable timer after a wait outcome and then runs the same session again', async () => {
    const seen: number[] = [];
    const activities = scripted({
      runSession: async ({ session }) => {
        seen.push(session);
        const until = new Date(Date.now() + 1_000).toISOString();
        return seen.length === 1 ? { kind: 'wait', reason: 'usage limit', until, usage: NO_USAGE } : ended();
      },
    });
    await withBuild(activities, async (handle) => {
      const waiting = await until(handle, (progress) => progress.waitingUntil !== null);
      expect(waiting.status).toBe('waiting');
      await handle.result();
      expect(seen.slice(0, 2)).toEqual([1, 1]);
    });
  });

  it('parks at the ceiling, tells each session what was spent before it, and goes on after a raise', async () => {
    const spentBefore: number[] = [];
    const activities = scripted({
      runSession: async ({ spent }) => {
        spentBefore.push(spent.costUsd);
        return { ...ended(), usage: { ...NO_USAGE, modelCalls: 1, costUsd: 6 } };
      },
    });
    await withBuild(
      activities,
      async (handle) => {
        const parked = await until(handle, (progress) => progress.status === 'needs_attention');
        expect(parked.attention).toMatchObject({ kind: 'budget', problem: expect.stringContaining('12.00 USD') });
        expect(spentBefore).toEqual([0, 6]);
        await handle.executeUpdate(raiseBudgetUpdate, { args: [{ maxCostUsd: 100 }] });
        expect((await handle.result()) as Progress).toMatchObject({ status: 'done', usage: { costUsd: 18 } });
      },
      { maxCostUsd: 10 },
    );
  });

  it('hands notes and answers to sessions and refuses empty ones with a reason', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const activities = scripted({
      runSession: async () => {
        await gate;
        return ended();
      },
    });
    await withBuild(activities, async (handle) => {
      await expect(handle.executeUpdate(steerUpdate, { args: [{ note: ' ' }] })).rejects.toMatchObject({
        cause: { message: expect.stringContaining('empty') },
      });
      expect(await handle.executeUpdate(steerUpdate, { args: [{ note: 'use UUIDs' }] })).toContain('note 1');
      await handle.executeUpdate(answerUpdate, { args: [{ questionId: 'q1', text: 'yes' }] });
      expect(await handle.query(guidanceQuery, { notesSeen: 0, answersSeen: 0 })).toMatchObject({
        budget: { maxCostUsd: 30, deadline: null },
        notes: [{ number: 1, note: 'use UUIDs' }],
        answers: [{ questionId: 'q1', text: 'yes' }],
      });
      expect(await handle.query(guidanceQuery, { notesSeen: 1, answersSeen: 1 })).toMatchObject({
        notes: [],
        answers: [],
      });
      release();
      await handle.result();
    });
  });

  it('ends as cancelled, cleanly, when an operator cancels the workflow', async () => {
    let cancelled = false;
    const activities = scripted({
      runSession: async () => {
        await untilCancelled();
        cancelled = true;
        return { kind: 'paused', turn: 1, usage: NO_USAGE };
      },
    });
    await withBuild(activities, async (handle) => {
      await until(handle, (progress) => progress.session === 1);
      await handle.cancel();
      await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
      expect(cancelled).toBe(true);
    });
  });

  it('stays small in history: at most 24 events and 24 kB a session', async () => {
    await withBuild(scripted(), async (handle) => {
      await handle.result();
      const { events } = await handle.fetchHistory();
      const count = events?.length ?? 0;
      expect(count / 3).toBeLessThanOrEqual(24);
      const { raw } = await handle.describe();
      expect(Number(raw.workflowExecutionInfo?.historySizeBytes) / 3).toBeLessThanOrEqual(24 * 1024);
    });
  });
});
