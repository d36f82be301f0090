/**
 * The one table of infrastructure faults that activities throw. Expected endings are outcomes, not failures; what a
 * person must mend is non-retryable here and parks the build. Messages are bounded: an oversized failure would be
 * retried by the server for ever.
 */
import { ApplicationFailure } from '@temporalio/activity';

/** Type name -> whether Temporal may try again by itself. Non-retryable names stand in workflows/policies.ts too. */
const RETRYABLE = {
  /** No turn, tool or byte for longer than any of them may take: the attempt is ended and the session continues. */
  Stalled: true,
  /** A newer attempt holds the session; this one stops without writing. */
  LeaseLost: true,
  /** PostgreSQL, the sandbox or the model server is not there right now. */
  ServiceDown: true,
  /** The spec cannot be read as a spec. */
  SpecUnusable: false,
  /** The project directory may not be used (not ours, not empty, not absolute …). */
  WorkspaceRefused: false,
  /** Another build holds the directory, or its state has another format version or spec. */
  StateRefused: false,
  /** The state directory's prices.json holds no prices. */
  PricesUnusable: false,
  /** CLI and worker speak different contract versions. */
  ContractMismatch: false,
} as const;

export type FailureType = keyof typeof RETRYABLE;

/** Longest message kept, in characters. */
const MAX_MESSAGE = 2_000;

export function failure(type: FailureType, message: string, cause?: unknown): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message: message.slice(0, MAX_MESSAGE),
    nonRetryable: !RETRYABLE[type],
    ...(cause instanceof Error ? { cause: boundedCause(cause) } : {}),
  });
}

/** Names that no retry can mend, for the test that holds policies.ts to this table. */
export function nonRetryableTypes(): string[] {
  return Object.entries(RETRYABLE).flatMap(([type, retryable]) => (retryable ? [] : [type]));
}

function boundedCause(error: Error): Error {
  const bounded = new Error(error.message.slice(0, MAX_MESSAGE));
  bounded.name = error.name;
  bounded.stack = (error.stack ?? '').slice(0, MAX_MESSAGE);
  return bounded;
}
