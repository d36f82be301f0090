/** One answered model call, with the short waits that belong to it. What takes longer is the caller's to decide. */
import type { Clock } from './clock.js';
import type { Model, ModelRequest, ModelResponse } from './model.js';
import { type ModelFault, modelFault } from './model-errors.js';
import type { Observe } from './session-event.js';

export type ModelAnswer =
  | { readonly kind: 'response'; readonly response: ModelResponse }
  | Exclude<ModelFault, { kind: 'retry_inside' }>;

export interface ModelCallDeps {
  readonly model: Model;
  readonly signal: AbortSignal;
  readonly observe: Observe;
  readonly clock: Clock;
}

/** Calls until there is an answer or the table in model-errors.ts says to stop. Never waits over 60 s at a time. */
export async function askModel(request: ModelRequest, turn: number, deps: ModelCallDeps): Promise<ModelAnswer> {
  const { observe } = deps;
  for (let failures = 0; ; failures += 1) {
    const answer = await tryOnce(request, turn, failures, deps);
    if (answer.kind !== 'retry_inside') return answer;
    observe({ kind: 'model_retry', turn, afterMs: answer.afterMs, reason: answer.reason });
    if (!(await slept(answer.afterMs, deps))) return { kind: 'cancelled' };
  }
}

async function tryOnce(
  request: ModelRequest,
  turn: number,
  failuresBefore: number,
  { model, signal, observe, clock }: ModelCallDeps,
): Promise<ModelAnswer | ModelFault> {
  if (signal.aborted) return { kind: 'cancelled' };
  try {
    const onProgress = (progress: { block: string; characters: number }): void =>
      observe({ kind: 'model_progress', turn, ...progress });
    return { kind: 'response', response: await model.stream(request, { signal, onProgress }) };
  } catch (error) {
    if (signal.aborted) return { kind: 'cancelled' };
    return modelFault(error, { failuresBefore, now: clock.now(), model: model.name });
  }
}

/** False when the signal cut the wait short. */
async function slept(ms: number, { clock, signal }: ModelCallDeps): Promise<boolean> {
  try {
    await clock.sleep(ms, signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
