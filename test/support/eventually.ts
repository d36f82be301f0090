/** Waiting for something that other processes bring about: asked again and again, never taken for granted by a sleep. */
import { setTimeout as delay } from 'node:timers/promises';

/** Between two looks, in milliseconds. */
const LOOK_MS = 100;

/**
 * The first value of `look` that is neither false, null nor undefined. Rejects after `limitMs` with `what` and with
 * what `explain` says then; a look that throws ends the wait at once.
 */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  { limitMs = 120_000, explain = () => '' }: { limitMs?: number; explain?: () => string } = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found as NonNullable<Exclude<T, false>>;
    if (Date.now() > deadline) throw new Error(`not within ${limitMs / 1_000} s: ${what}\n${explain()}`);
    await delay(LOOK_MS);
  }
}
