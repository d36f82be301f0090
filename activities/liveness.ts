/**
 * Keeps an activity alive in the server's eyes and tells it why it must end. Heartbeats go on a timer of their own, so
 * that a long command does not look dead; a stalled body stops beating its progress and is aborted.
 */
import { CancelledFailure, Context } from '@temporalio/activity';
import type { Heartbeat } from '../workflows/progress.js';
import { failure } from './failures.js';

/** One beat a second: with the worker's 1 s throttle this is also how fast a pause arrives. */
const BEAT_MS = 1_000;

/** Longest time without any sign of progress: above the longest command limit (10 min) plus a model call (10 min). */
export const STALL_MS = 25 * 60 * 1_000;

export interface Liveness {
  /** Aborted on cancellation of any kind and on a stall. */
  readonly signal: AbortSignal;
  /** New live values; any call counts as progress. */
  report(values: Partial<Heartbeat>): void;
}

/** How an activity was interrupted, from Temporal's cancellation details. */
export type Interruption =
  /** The workflow asked (pause, stop, cancel): journal, commit, return `paused`. */
  | 'requested'
  /** An operator's activity pause or reset, or a worker shutting down: another attempt goes on; throw CancelledFailure. */
  | 'hand_over'
  /** The server no longer knows this attempt: stop and write nothing. */
  | 'disowned';

/** Runs `body` while beating. Throws `Stalled` when the body showed no progress for STALL_MS. */
export async function withLiveness<T>(initial: Heartbeat, body: (live: Liveness) => Promise<T>): Promise<T> {
  const context = Context.current();
  const stalled = new AbortController();
  let values = initial;
  let progressAt = performance.now();
  const beat = (): void => {
    if (performance.now() - progressAt > STALL_MS) stalled.abort(failure('Stalled', stallMessage(values)));
    context.heartbeat({ ...values, at: new Date().toISOString() } satisfies Heartbeat);
  };
  const timer = setInterval(beat, BEAT_MS);
  beat();
  const signal = AbortSignal.any([context.cancellationSignal, stalled.signal]);
  const report = (next: Partial<Heartbeat>): void => {
    values = { ...values, ...next };
    progressAt = performance.now();
  };
  try {
    const result = await body({ signal, report });
    if (stalled.signal.aborted) throw stalled.signal.reason;
    return result;
  } finally {
    clearInterval(timer);
  }
}

/** Undefined while the activity is not cancelled. One function decides for every activity. */
export function interruption(): Interruption | undefined {
  const context = Context.current();
  if (!context.cancellationSignal.aborted) return undefined;
  const details = context.cancellationDetails;
  if (details?.timedOut || details?.notFound) return 'disowned';
  if (details?.cancelRequested) return 'requested';
  return 'hand_over';
}

/** The only error an activity may throw when it hands over: a raw AbortError would be refused under an operator's pause. */
export function handedOver(): CancelledFailure {
  return new CancelledFailure('handed over: another attempt continues');
}

function stallMessage(values: Heartbeat): string {
  const minutes = Math.round(STALL_MS / 60_000);
  return `no progress for ${minutes} minutes (session ${values.session}, turn ${values.turn}, last tool ${values.lastTool}); the session continues in a new attempt`;
}
