/**
 * The agent loop: model response -> journal -> tool calls -> journal, until the session ends, waits or is aborted.
 * Knows nothing of Temporal. Every decision is taken from the journal, so a resumed session continues as if nothing
 * had happened; a model call that was answered is never made again.
 */
import { createHash } from 'node:crypto';
import type { Attention, Phase, SessionEnd, Usage } from '../../workflows/contract.js';
import type { Tool } from '../tools/tool.js';
import type { Clock } from './clock.js';
import { conversationOf } from './conversation.js';
import type { Journal } from './journal.js';
import type { PendingNote } from './journal-entry.js';
import { reachedLimit, type SessionLimits } from './limits.js';
import type { Model, ModelRequest, ModelResponse } from './model.js';
import { askModel } from './model-call.js';
import type { ModelFault } from './model-errors.js';
import type { PriceOf } from './prices.js';
import type { Observe } from './session-event.js';
import { conclusionOf, endOf, startOf, undelivered, wasCut } from './session-state.js';
import { settleCalls } from './tool-calls.js';
import { usageOf } from './usage.js';

export interface SessionDeps {
  readonly phase: Phase;
  readonly model: Model;
  /** In a fixed order, byte-identical from turn to turn. */
  readonly tools: readonly Tool[];
  readonly journal: Journal;
  readonly systemPrompt: string;
  /** Used when the session begins; a resumed one keeps the first message of its journal. */
  readonly firstMessage: string;
  readonly limits: SessionLimits;
  /** Pause, stop, shutdown: takes effect in mid-stream and in mid-tool. */
  readonly signal: AbortSignal;
  /** Every note and answer known now; those already delivered in this session are skipped. */
  readonly notes: () => Promise<readonly PendingNote[]>;
  /** Why the build's budget allows no further call, given this session's usage so far, or null. */
  readonly budget: (usage: Usage) => Attention | null;
  readonly priceOf: PriceOf;
  readonly observe: Observe;
  readonly clock: Clock;
}

/** `usage` is the whole session's so far, from the journal: crashed attempts and earlier stretches included. */
export type SessionEnding =
  | { readonly kind: 'ended'; readonly reason: SessionEnd; readonly turns: number; readonly usage: Usage }
  | { readonly kind: 'wait'; readonly until: string; readonly reason: string; readonly usage: Usage }
  /** `turn` is the one that it will continue with. */
  | { readonly kind: 'aborted'; readonly turn: number; readonly usage: Usage }
  | { readonly kind: 'needs_attention'; readonly attention: Attention; readonly usage: Usage };

/** Runs or continues a session. Rejects for faults of the machine only: a lost lease, a journal that can't be written. */
export async function runSession(deps: SessionDeps): Promise<SessionEnding> {
  const startedAt = deps.clock.now();
  await begin(deps);
  for (;;) {
    const over = endOf(deps.journal.entries);
    if (over !== null) return ended(deps, over);
    await settleCalls(deps);
    if (deps.signal.aborted) return aborted(deps);
    const reason = await concluded(deps, startedAt);
    if (reason !== null) {
      await end(deps, reason);
      continue;
    }
    const ending = await takeTurn(deps);
    if (ending !== null) return ending;
  }
}

/**
 * Why the session is over, or null: another model call follows. Notes are taken in only when one will follow that reads
 * them; at a limit they stay with the caller, for the next session.
 */
async function concluded(deps: SessionDeps, startedAt: number): Promise<SessionEnd | null> {
  const limit = limitOf(deps, startedAt);
  const said = conclusionOf(deps.journal.entries);
  if (limit !== null || (said !== null && said !== 'end_turn')) return said ?? limit;
  await deliverNotes(deps);
  return conclusionOf(deps.journal.entries);
}

/** One model call, journalled. Null when the session goes on. */
async function takeTurn(deps: SessionDeps): Promise<SessionEnding | null> {
  const { journal, observe } = deps;
  const turn = nextTurn(deps);
  const usage = usageOf(journal.entries);
  const attention = deps.budget(usage);
  if (attention !== null) return { kind: 'needs_attention', attention, usage };
  observe({ kind: 'turn_started', turn });
  const answer = await askModel(requestOf(deps), turn, deps);
  if (answer.kind !== 'response') return endingOf(answer, deps);
  await journal.append({ kind: 'model_response', turn, ...recorded(answer.response, deps) });
  const { content } = answer.response;
  const text = content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  observe({ kind: 'model_answered', turn, text, usage: usageOf(journal.entries) });
  return null;
}

/** The response as it is kept, with what it cost: by the model asked for where the one that answered has no price. */
function recorded(
  { id, model, content, stopReason, usage }: ModelResponse,
  { model: asked, priceOf, clock }: SessionDeps,
) {
  const now = clock.now();
  const costUsd = priceOf(asked.name, usage, now) ?? priceOf(model, usage, now);
  return { messageId: id, model, content, stopReason, usage, costUsd };
}

/** Output tokens allowed in one call, and in the call after one that was cut at this limit. */
const OUTPUT_TOKENS = 32_000;
const OUTPUT_TOKENS_AFTER_CUT = 64_000;

function requestOf({ systemPrompt, tools, journal }: SessionDeps): ModelRequest {
  return {
    system: systemPrompt,
    tools: tools.map((tool) => tool.definition),
    messages: conversationOf(journal.entries),
    maxTokens: wasCut(journal.entries) ? OUTPUT_TOKENS_AFTER_CUT : OUTPUT_TOKENS,
  };
}

async function begin(deps: SessionDeps): Promise<void> {
  const { journal, phase, model, firstMessage, observe } = deps;
  const { session } = journal;
  const systemHash = hash(deps.systemPrompt);
  const toolsHash = hash(JSON.stringify(deps.tools.map((tool) => tool.definition)));
  const earlier = startOf(journal.entries);
  if (earlier !== null) {
    const promptChanged = earlier.systemHash !== systemHash || earlier.toolsHash !== toolsHash;
    observe({ kind: 'session_resumed', session, turn: nextTurn(deps), promptChanged });
    return;
  }
  await journal.append({
    kind: 'session_started',
    session,
    phase,
    model: model.name,
    systemHash,
    toolsHash,
    firstMessage,
  });
  observe({ kind: 'session_began', session });
}

async function deliverNotes({ journal, notes, observe }: SessionDeps): Promise<void> {
  for (const note of undelivered(journal.entries, await notes())) {
    const { id, source, text } = note;
    await journal.append({ kind: 'note', id, source, text });
    observe({ kind: 'note_delivered', id, source });
  }
}

async function end({ journal, observe }: SessionDeps, reason: SessionEnd): Promise<void> {
  await journal.append({ kind: 'session_ended', reason });
  observe({ kind: 'session_ended', reason });
}

async function endingOf(
  fault: Exclude<ModelFault, { kind: 'retry_inside' }>,
  deps: SessionDeps,
): Promise<SessionEnding | null> {
  const usage = usageOf(deps.journal.entries);
  switch (fault.kind) {
    case 'cancelled':
      return aborted(deps);
    case 'wait':
      return { kind: 'wait', until: fault.until, reason: fault.reason, usage };
    case 'attention':
      return { kind: 'needs_attention', attention: fault.attention, usage };
    case 'conversation_full':
      if (usage.modelCalls === 0) return { kind: 'needs_attention', attention: fault.attention, usage };
      await end(deps, 'token_limit');
      return null;
  }
}

function ended({ journal }: SessionDeps, reason: SessionEnd): SessionEnding {
  const usage = usageOf(journal.entries);
  return { kind: 'ended', reason, turns: usage.modelCalls, usage };
}

function aborted(deps: SessionDeps): SessionEnding {
  return { kind: 'aborted', turn: nextTurn(deps), usage: usageOf(deps.journal.entries) };
}

function limitOf({ journal, limits, clock }: SessionDeps, startedAt: number): SessionEnd | null {
  return reachedLimit(limits, usageOf(journal.entries), { startedAt, now: clock.now() });
}

const nextTurn = ({ journal }: SessionDeps): number => usageOf(journal.entries).modelCalls + 1;

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
