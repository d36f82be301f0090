/**
 * The one way out of an interrupted activity: a pause returns the outcome that the caller gives; a hand-over and a
 * disowned attempt throw CancelledFailure. A raw AbortError never leaves an activity.
 */
import { CancelledFailure, log } from '@temporalio/activity';
import { failure } from './failures.js';
import { handedOver, interruption } from './liveness.js';
import { LeaseLost } from './workspace/lease.js';

/** Runs `work`; when it was cancelled, whatever it returned or threw is replaced by what the cancellation means. */
export async function interruptible<T>(work: () => Promise<T>, whenRequested: () => Promise<T> | T): Promise<T> {
  try {
    const result = await work();
    return interruption() === 'hand_over' || interruption() === 'disowned' ? handOver() : result;
  } catch (error) {
    if (interruption() !== undefined) tell(error);
    switch (interruption()) {
      case 'requested':
        return whenRequested();
      case 'hand_over':
      case 'disowned':
        return handOver();
      default:
        if (error instanceof LeaseLost) throw failure('LeaseLost', error.message, error);
        log.warn('activity failed', { error });
        throw error;
    }
  }
}

/** What the cancellation itself causes is expected; anything else (a commit that failed, a full disk) is said. */
function tell(error: unknown): void {
  const expected = error instanceof CancelledFailure || error instanceof LeaseLost;
  if (expected || (error instanceof Error && error.name === 'AbortError')) return;
  log.warn('an interrupted activity did not end cleanly; the next attempt goes on from its journal', { error });
}

function handOver(): never {
  throw handedOver();
}
