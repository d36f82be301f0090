/** A build whose activities answer at once: what is left is Temporal's own work. Used by session-overhead and history. */
import { performance } from 'node:perf_hooks';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  BUILD_TASK_QUEUE,
  type BuildActivities,
  type BuildInput,
  EMPTY_TALLY,
  NO_USAGE,
  type Tally,
} from '../workflows/contract.js';

export interface ScriptedBuild {
  readonly activities: BuildActivities;
  /** When each session and each verification ran, in milliseconds of `performance.now()`. */
  readonly moments: { readonly sessions: readonly number[]; readonly verifications: readonly number[] };
}

/** A build of so many sessions, each of which brings one feature, so that nothing ends it early. */
export function scriptedBuild(sessions: number): ScriptedBuild {
  const moments = { sessions: [] as number[], verifications: [] as number[] };
  const tally = (passing: number): Tally => ({
    ...EMPTY_TALLY,
    featuresTotal: sessions - 1,
    featuresPassing: passing,
    casesTotal: sessions - 1,
    casesPassing: passing,
  });
  const activities: BuildActivities = {
    prepareWorkspace: async () => ({
      buildId: 'bench-0123456789ab',
      projectName: 'Bench',
      listLocked: false,
      lastSession: 0,
      unfinishedSession: null,
      tally: EMPTY_TALLY,
      searchAttributes: [],
      sandbox: 'none (bench)',
    }),
    runSession: async () => {
      moments.sessions.push(performance.now());
      return { kind: 'ended', reason: 'end_turn', usage: { ...NO_USAGE, modelCalls: 12 }, turns: 12, commit: COMMIT };
    },
    verify: async ({ session }) => {
      moments.verifications.push(performance.now());
      const verdict = { regressed: 0, commit: COMMIT, listLocked: true, failures: [] };
      return { kind: 'verified', tally: tally(session - 1), newlyPassing: session > 1 ? 1 : 0, ...verdict };
    },
    finishBuild: async () => ({ kind: 'finished', tally: tally(sessions - 1), gates: [], commit: COMMIT }),
  };
  return { activities, moments };
}

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

export interface HistorySize {
  readonly events: number;
  /** As the server counts them. */
  readonly bytes: number;
}

/** Runs the build to its end and says how large its history grew. */
export async function runToEnd(
  environment: TestWorkflowEnvironment,
  spec: string,
  settings: BuildInput['settings'],
): Promise<HistorySize> {
  const input: BuildInput = { spec, projectDir: '/srv/bench/project', ...(settings ? { settings } : {}) };
  const handle = await environment.client.workflow.start('buildBackend', {
    workflowId: 'bench-0123456789ab',
    taskQueue: BUILD_TASK_QUEUE,
    args: [input],
  });
  await handle.result();
  const { historyLength, historySize } = await handle.describe();
  return { events: historyLength, bytes: historySize ?? 0 };
}
