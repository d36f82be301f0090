/**
 * Where a session stands, read from its journal: pure, so that a first start and a resume after a crash take exactly
 * the same decisions. What isn't in the journal has not happened.
 */
import type { ToolUseBlock } from '@anthropic-ai/sdk/resources/messages';
import type { SessionEnd } from '../../workflows/contract.js';
import { cutCallOf, toolCallsOf } from './conversation.js';
import type { JournalEntry, ModelResponded, PendingNote, SessionStarted } from './journal-entry.js';

export interface OpenCall {
  readonly call: ToolUseBlock;
  /** `cut`: its input is incomplete. `started`: it began and nobody saw its end. `waiting`: nothing happened yet. */
  readonly state: 'cut' | 'started' | 'waiting';
}

/** The entry that began the session, or null. */
export function startOf(entries: readonly JournalEntry[]): SessionStarted | null {
  return entries.find((entry) => entry.kind === 'session_started') ?? null;
}

/** How the session ended, or null while it hasn't. */
export function endOf(entries: readonly JournalEntry[]): SessionEnd | null {
  return entries.find((entry) => entry.kind === 'session_ended')?.reason ?? null;
}

/** Tool calls of the last response that have no result yet, in order. None when the session is to end with it. */
export function openCalls(entries: readonly JournalEntry[]): readonly OpenCall[] {
  const response = lastResponse(entries);
  if (response === null || finalReason(response) !== null) return [];
  const since = entries.slice(entries.lastIndexOf(response));
  const done = idsOf(since, 'tool_done');
  const started = idsOf(since, 'tool_started');
  const cut = cutCallOf(response);
  return toolCallsOf(response)
    .filter((call) => !done.has(call.id))
    .map((call) => ({ call, state: call === cut ? 'cut' : started.has(call.id) ? 'started' : 'waiting' }));
}

/** Why the session is over after its last response, or null: it goes on with another model call. */
export function conclusionOf(entries: readonly JournalEntry[]): SessionEnd | null {
  const response = lastResponse(entries);
  if (response === null) return null;
  const final = finalReason(response);
  if (final !== null) return final;
  const goesOn = response.stopReason === 'max_tokens' || response.stopReason === 'pause_turn';
  if (goesOn || toolCallsOf(response).length > 0) return null;
  const noteSince = entries.slice(entries.lastIndexOf(response)).some((entry) => entry.kind === 'note');
  return noteSince ? null : 'end_turn';
}

/** Notes that the journal doesn't hold yet, in order. */
export function undelivered(entries: readonly JournalEntry[], notes: readonly PendingNote[]): readonly PendingNote[] {
  const delivered = new Set(entries.filter((entry) => entry.kind === 'note').map(noteKey));
  return notes.filter((note) => !delivered.has(noteKey(note)));
}

/** Number of the newest steer note that the model was given, 0 when none. */
export function notesDelivered(entries: readonly JournalEntry[]): number {
  const numbers = entries.map((entry) => (entry.kind === 'note' ? steerNumber(entry) : 0));
  return Math.max(0, ...numbers);
}

/** A steer note's number, 0 of anything else. */
export function steerNumber({ id, source }: Pick<PendingNote, 'id' | 'source'>): number {
  return source === 'steer' ? Number(/^steer-(\d+)$/.exec(id)?.[1] ?? 0) : 0;
}

/** True when the last response hit the output limit: the next call needs more room. */
export function wasCut(entries: readonly JournalEntry[]): boolean {
  return lastResponse(entries)?.stopReason === 'max_tokens';
}

/** A refused prompt must not be sent again, and a full context window takes nothing more. */
function finalReason(response: ModelResponded): SessionEnd | null {
  if (response.stopReason === 'refusal') return 'refusal';
  return response.stopReason === 'model_context_window_exceeded' ? 'token_limit' : null;
}

function lastResponse(entries: readonly JournalEntry[]): ModelResponded | null {
  return entries.findLast((entry) => entry.kind === 'model_response') ?? null;
}

function idsOf(entries: readonly JournalEntry[], kind: 'tool_done' | 'tool_started'): ReadonlySet<string> {
  return new Set(entries.flatMap((entry) => (entry.kind === kind ? [entry.toolUseId] : [])));
}

const noteKey = (note: PendingNote): string => `${note.source}:${note.id}`;
