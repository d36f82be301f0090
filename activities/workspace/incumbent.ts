/**
 * One attempt per project in this process. A server that was away takes an attempt for dead that still runs here; both
 * would measure on the same databases. The newcomer ends the incumbent and waits until it has let go. Between
 * processes the lease does this (lease.ts).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { LeaseLost } from './lease.js';

/** Longest wait for an incumbent to let go, in milliseconds: beyond it the lease alone keeps it from writing. */
const LET_GO_MS = 60_000;

interface Incumbent {
  readonly abort: AbortController;
  /** Settles, never rejects, when it touches nothing of the project any more. */
  readonly left: Promise<unknown>;
}

const incumbents = new Map<string, Incumbent>();

/**
 * Runs `work` once no other attempt of this process works on the project. `overtaken` is aborted with LeaseLost when
 * a newer one comes: stop and write nothing.
 */
export async function asIncumbent<T>(
  projectDir: string,
  work: (overtaken: AbortSignal) => Promise<T>,
  letGoMs = LET_GO_MS,
): Promise<T> {
  const before = incumbents.get(projectDir);
  const abort = new AbortController();
  const result = (async () => {
    if (before !== undefined) await dismiss(before, projectDir, letGoMs);
    abort.signal.throwIfAborted(); // a third attempt came while this one waited
    return work(abort.signal);
  })();
  const mine: Incumbent = { abort, left: result.catch(() => undefined) };
  incumbents.set(projectDir, mine);
  try {
    return await result;
  } finally {
    if (incumbents.get(projectDir) === mine) incumbents.delete(projectDir);
  }
}

async function dismiss(incumbent: Incumbent, projectDir: string, letGoMs: number): Promise<void> {
  incumbent.abort.abort(new LeaseLost(`a newer attempt of this worker has taken over ${projectDir}`));
  const over = new AbortController();
  const patience = delay(letGoMs, undefined, { signal: over.signal }).catch(() => undefined);
  await Promise.race([incumbent.left, patience]);
  over.abort();
}
