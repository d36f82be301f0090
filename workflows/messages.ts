/**
 * Signals, updates and the query of `buildBackend`, defined once and used by the handler and by every client.
 * Names are public: people type them into the `temporal` CLI and the Web UI.
 */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { HumanAnswer, SteerNote } from './contract.js';
import type { Progress } from './progress.js';
import type { Ceilings } from './usage.js';

export const pauseSignal = defineSignal('pause');
/** A graceful drain: pause once the session under way has ended and is verified. */
export const pauseAfterSessionSignal = defineSignal('pauseAfterSession');
export const resumeSignal = defineSignal('resume');
export const stopSignal = defineSignal('stop');

/** Fallbacks of the updates below, for when no worker is up to accept one. */
export const steerSignal = defineSignal<[SteerRequest]>('steerNote');
export const answerSignal = defineSignal<[AnswerRequest]>('answerQuestion');
export const raiseBudgetSignal = defineSignal<[BudgetRequest]>('raiseBudgetTo');
/** Sent by a running session when a feature turns green, at most once a minute, so that the Web UI's page moves. */
export const checkpointSignal = defineSignal<[CheckpointReport]>('checkpoint');

export const steerUpdate = defineUpdate<string, [SteerRequest]>('steer');
export const answerUpdate = defineUpdate<string, [AnswerRequest]>('answer');
export const raiseBudgetUpdate = defineUpdate<string, [BudgetRequest]>('raiseBudget');

export const progressQuery = defineQuery<Progress>('progress');

/** What people said that a session has not seen: notes with a higher number, and answers after that many. */
export const guidanceQuery = defineQuery<Guidance, [{ notesSeen: number; answersSeen: number }]>('guidance');

export interface Guidance {
  readonly notes: readonly SteerNote[];
  readonly answers: readonly HumanAnswer[];
  /** The ceilings as they are now: a person may have moved them. */
  readonly budget?: Ceilings & { readonly deadline: string | null };
}

export interface SteerRequest {
  readonly note: string;
}

export interface AnswerRequest {
  readonly questionId: string;
  readonly text: string;
}

/** Only the values that change; `maxIterations` counts further coding sessions from now. */
export interface BudgetRequest {
  readonly maxIterations?: number | null;
  readonly maxCostUsd?: number | null;
  readonly maxTokens?: number | null;
  /** Hours from now. */
  readonly maxHours?: number | null;
}

export interface CheckpointReport {
  readonly session: number;
  readonly featuresPassing: number;
  readonly casesPassing: number;
}
