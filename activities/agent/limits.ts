/** The limits of one session, checked before each model call. Pure. A session ends cleanly at each of them. */
import type { SessionEnd, Usage } from '../../workflows/contract.js';
import { totalTokens } from './usage.js';

export interface SessionLimits {
  /** Model calls in the session. */
  readonly maxTurns: number;
  /** Tokens in the session, every kind summed (see totalTokens); null = none. */
  readonly maxTokens: number | null;
  /** Minutes since this stretch of the session began (waits and pauses in between don't count); null = none. */
  readonly maxMinutes: number | null;
}

/** The limit that has been reached, or null: the next call may be made. `startedAt` and `now` in ms. */
export function reachedLimit(
  limits: SessionLimits,
  usage: Usage,
  { startedAt, now }: { readonly startedAt: number; readonly now: number },
): SessionEnd | null {
  if (usage.modelCalls >= limits.maxTurns) return 'turn_limit';
  if (limits.maxTokens !== null && totalTokens(usage) >= limits.maxTokens) return 'token_limit';
  if (limits.maxMinutes !== null && now - startedAt >= limits.maxMinutes * 60_000) return 'time_limit';
  return null;
}
