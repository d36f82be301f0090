/**
 * One table: what went wrong with a model call -> what the session does about it. Pure. Reads the SDK's error classes,
 * status codes and headers, never the model's prose.
 */
import { AnthropicError, APIConnectionError, APIError, APIUserAbortError } from '@anthropic-ai/sdk';
import type { Attention } from '../../workflows/contract.js';
import { IncompleteResponse } from './model.js';

export type ModelFault =
  /** Wait here, then call again: at most 60 s. */
  | { readonly kind: 'retry_inside'; readonly afterMs: number; readonly reason: string }
  /** End the activity; the workflow sleeps on a timer until then (ISO) and goes on with the same session. */
  | { readonly kind: 'wait'; readonly until: string; readonly reason: string }
  /** Only a person can mend it. */
  | { readonly kind: 'attention'; readonly attention: Attention }
  /** The conversation no longer fits: this session ends, a fresh one goes on. */
  | { readonly kind: 'conversation_full'; readonly attention: Attention }
  | { readonly kind: 'cancelled' };

export interface FaultContext {
  /** Failed calls in a row before this one. */
  readonly failuresBefore: number;
  /** ms since the epoch. */
  readonly now: number;
  readonly model: string;
}

/** Longest wait inside an activity; a longer one would hold a worker's slot for nothing. */
export const LONGEST_INSIDE_MS = 60_000;
/** Calls that may fail in a row before the workflow takes over the waiting: 1+2+4+8+16+32 s, about a minute. */
export const FAILURES_INSIDE = 6;
/** How long the workflow waits when the provider names no time. */
const WAIT_MS = 2 * 60_000;

/** Rethrows what isn't a model's failure: that is a bug here, and must not look like the network. */
export function modelFault(error: unknown, context: FaultContext): ModelFault {
  if (error instanceof APIUserAbortError) return { kind: 'cancelled' };
  if (error instanceof IncompleteResponse) return pause(error.message, null, context);
  if (error instanceof APIConnectionError) return pause(`no connection to the model: ${causeOf(error)}`, null, context);
  if (error instanceof APIError) return apiFault(error, context);
  // Everything the SDK throws in mid-stream that is not an API error: a reset connection, a cut or unreadable stream.
  if (error instanceof AnthropicError) return pause(`the model's response broke off: ${causeOf(error)}`, null, context);
  throw error;
}

/** An error event in mid-stream has no status, only a type: both lead to the same row. */
const STATUS_OF_TYPE: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

function apiFault(error: APIError, context: FaultContext): ModelFault {
  const status = error.status ?? STATUS_OF_TYPE[error.type ?? ''] ?? 500;
  const said = error.apiMessage ?? error.message;
  if (isTransient(status, error.headers?.get('x-should-retry')))
    return pause(`the model answered ${status}: ${bounded(said)}`, retryAfterMs(error, context.now), context);
  const attention = attentionFor(status, bounded(said), context.model);
  return isTooLong(status, said) ? { kind: 'conversation_full', attention } : { kind: 'attention', attention };
}

/** The provider may say itself that a call can be made again, whatever its status. */
const isTransient = (status: number, shouldRetry: string | null | undefined): boolean =>
  shouldRetry === 'true' || status === 408 || status === 409 || status === 429 || status === 499 || status >= 500;

/** The provider tells a prompt over the context window from other bad requests by this phrase alone. */
const isTooLong = (status: number, said: string): boolean =>
  status === 413 || (status === 400 && /prompt is too long|exceeds? .*context/i.test(said));

function pause(reason: string, retryAfter: number | null, { failuresBefore, now }: FaultContext): ModelFault {
  const afterMs = retryAfter ?? Math.min(1_000 * 2 ** failuresBefore, LONGEST_INSIDE_MS);
  const inside = afterMs <= LONGEST_INSIDE_MS && failuresBefore < FAILURES_INSIDE;
  if (inside) return { kind: 'retry_inside', afterMs, reason };
  const waitMs = afterMs > LONGEST_INSIDE_MS ? afterMs : WAIT_MS;
  return { kind: 'wait', until: new Date(now + waitMs).toISOString(), reason };
}

/** `retry-after-ms`, else `retry-after` in seconds or as a date; exactly what the provider asks for, or null. */
function retryAfterMs(error: APIError, now: number): number | null {
  const inMs = Number(error.headers?.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(inMs)) return Math.max(0, inMs);
  const header = error.headers?.get('retry-after');
  if (header === null || header === undefined) return error.status === 429 ? resetMs(error.headers, now) : null;
  const seconds = Number(header);
  if (header.trim() !== '' && Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** Until the latest reset among the limits that a 429 calls spent: a date each, or the plan's own in epoch seconds. */
function resetMs(headers: Headers | undefined, now: number): number | null {
  const resets: number[] = [];
  const ofPlan = Number(headers?.get('anthropic-ratelimit-unified-reset') || Number.NaN);
  if (Number.isFinite(ofPlan)) resets.push(ofPlan * 1_000);
  for (const limit of ['requests', 'tokens', 'input-tokens', 'output-tokens']) {
    if (headers?.get(`anthropic-ratelimit-${limit}-remaining`) !== '0') continue;
    const reset = Date.parse(headers.get(`anthropic-ratelimit-${limit}-reset`) ?? '');
    if (!Number.isNaN(reset)) resets.push(reset);
  }
  return resets.length === 0 ? null : Math.max(0, Math.max(...resets) - now);
}

function attentionFor(status: number, said: string, model: string): Attention {
  const row = ATTENTION[isOutOfCredit(said) ? 402 : status] ?? {
    kind: 'request_refused',
    cure: 'This is most likely a fault of Nightshift: report it with the message; `resume` tries again.',
  };
  return { kind: row.kind, problem: `model ${model} answered ${status}: ${said}`, cure: row.cure };
}

/** An empty prepaid account is reported as a bad request (400) on some plans. */
const isOutOfCredit = (said: string): boolean => /credit balance is too low/i.test(said);

const ATTENTION: Readonly<Record<number, { readonly kind: string; readonly cure: string }>> = {
  401: {
    kind: 'bad_key',
    cure: "Put a valid ANTHROPIC_API_KEY into the worker's environment, restart it, then `resume`.",
  },
  402: { kind: 'no_credit', cure: 'Add credit to the account that the key belongs to, then `resume`.' },
  403: { kind: 'forbidden', cure: 'Use a key that may use this model, or another --model, then `resume`.' },
  404: { kind: 'unknown_model', cure: 'Check the spelling of --model and that the key may use it, then `resume`.' },
  413: { kind: 'request_too_large', cure: 'Shorten the spec or the extra instructions, then `resume`.' },
};

const bounded = (text: string): string => (text.length > 500 ? `${text.slice(0, 500)}…` : text);

function causeOf(error: Error): string {
  const { cause } = error;
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return bounded(
    inner instanceof Error && inner.message !== error.message ? `${error.message} (${inner.message})` : error.message,
  );
}
