/** Exit codes of every command; a stable interface (docs/architecture.md, section Interfaces). */
import type { Progress } from '../workflows/progress.js';

export const EXIT = {
  ok: 0,
  /** Wrong usage, or a spec that cannot be read. */
  usage: 2,
  /** Ended with features left: a limit, a stop, or statements that need a model. */
  incomplete: 3,
  /** Parked: needs a person. */
  attention: 4,
  /** Temporal, PostgreSQL, Python or the like could not start. */
  environment: 5,
  /** Paused by Ctrl+C or a person. */
  paused: 6,
  /** Second Ctrl+C: detached at once, the build goes on. */
  detached: 130,
} as const;

/** Exit code for where a build stands; null while it goes on by itself. */
export function exitCodeOf(progress: Progress): number | null {
  switch (progress.status) {
    case 'done':
      return EXIT.ok;
    case 'incomplete':
    case 'stopped':
      return EXIT.incomplete;
    case 'needs_attention':
      return EXIT.attention;
    case 'paused':
      return EXIT.paused;
    default:
      return null;
  }
}

/** A mistake of the person who typed the command: one clear sentence, exit 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A part of the environment could not start: what and how to mend it, exit 5. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}
