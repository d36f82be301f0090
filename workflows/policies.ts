/**
 * Every timeout, heartbeat and retry of the system in one table, each with its reason.
 * `cancellationType` is written out everywhere: left unset the SDK behaves as TRY_CANCEL and a session's `paused`
 * outcome would be lost (measured on 1.24.0).
 */
import type { ActivityOptions } from '@temporalio/workflow';
import { BUILD_TASK_QUEUE, type BuildSettings, SESSION_TASK_QUEUE } from './contract.js';

/** Failure types that no retry can mend; the build parks in `needs_attention` instead. */
export const NON_RETRYABLE = [
  'SpecUnusable',
  'WorkspaceRefused',
  'StateRefused',
  'PricesUnusable',
  'ContractMismatch',
] as const;

/** History length past which a build continues as new at the next session boundary, well under the server's 51,200. */
export const CONTINUE_AS_NEW_EVENTS = 4_000;

/** Coding sessions in a row without a newly passing feature before the build parks (live) or ends (offline: same rules, same result). */
export const NO_PROGRESS_LIMIT = { live: 5, offline: 2 } as const;

/** prepareWorkspace: seconds of git and database work; a slow first environment build may take minutes. */
export function preparePolicy(): ActivityOptions {
  return {
    taskQueue: BUILD_TASK_QUEUE,
    startToCloseTimeout: '20m', // a cold Python environment on a slow network
    heartbeatTimeout: '30s', // a dead worker is noticed without waiting for the long timeout
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry: retry(20),
  };
}

/** runSession: hours of model turns. Crashes count as attempts; waits and pauses return and do not. */
export function sessionPolicy(settings: BuildSettings): ActivityOptions {
  return {
    taskQueue: SESSION_TASK_QUEUE,
    startToCloseTimeout: '24h', // above any turn, token or time limit the session sets itself
    heartbeatTimeout: `${settings.heartbeatSeconds}s`, // beats come each second; this is how long a dead worker costs
    cancellationType: 'WAIT_CANCELLATION_COMPLETED', // the activity journals, commits and returns `paused`
    retry: retry(10),
  };
}

/** verify and finishBuild: repeatable measurements of a commit. */
export function verifyPolicy(settings: BuildSettings): ActivityOptions {
  return {
    taskQueue: SESSION_TASK_QUEUE,
    startToCloseTimeout: '1h', // a slow suite of a large project
    heartbeatTimeout: `${settings.heartbeatSeconds}s`,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry: retry(10),
  };
}

/** Quick first retry (a restarted worker is back within 2 s), then backing off to a minute. */
function retry(maximumAttempts: number): NonNullable<ActivityOptions['retry']> {
  return {
    initialInterval: '1s',
    backoffCoefficient: 2,
    maximumInterval: '1m',
    maximumAttempts,
    nonRetryableErrorTypes: [...NON_RETRYABLE],
  };
}
