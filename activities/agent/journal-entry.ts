/**
 * What a session's journal records, and how one entry becomes one line. Pure.
 * A line is JSON of the shape `{"sum":"<16 hex>","body":{…}}`; the sum covers the body's bytes as written, so a line
 * that was torn or damaged is recognised without canonicalising anything.
 */
import { createHash } from 'node:crypto';
import type { ContentBlock, StopReason } from '@anthropic-ai/sdk/resources/messages';
import type { Phase, SessionEnd } from '../../workflows/contract.js';

/** Raised when an older reader would misread an entry. A newer file is refused by name, never guessed at. */
export const JOURNAL_VERSION = 1;

/** Tokens of one model call, as the provider reports them. */
export interface CallUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** Of the cache writes, those for an hour; absent in journals of before prices. */
  readonly cacheWrite1hTokens?: number;
  /** Of the output tokens, those the model thought with. */
  readonly thinkingTokens?: number;
}

export interface SessionStarted {
  readonly kind: 'session_started';
  readonly session: number;
  readonly phase: Phase;
  readonly model: string;
  readonly systemHash: string;
  readonly toolsHash: string;
  readonly firstMessage: string;
}

export interface ModelResponded {
  readonly kind: 'model_response';
  readonly turn: number;
  readonly messageId: string;
  /** Model that answered, as the provider names it. */
  readonly model: string;
  readonly content: readonly ContentBlock[];
  readonly stopReason: StopReason;
  readonly usage: CallUsage;
  /** USD at the rates of that moment; null = no price is known. */
  readonly costUsd?: number | null;
}

/** Written before a tool has any effect: a start without an end means "effect unknown". */
export interface ToolStarted {
  readonly kind: 'tool_started';
  readonly turn: number;
  readonly toolUseId: string;
  readonly name: string;
}

export interface ToolDone {
  readonly kind: 'tool_done';
  readonly turn: number;
  readonly toolUseId: string;
  readonly text: string;
  readonly isError: boolean;
}

/** A person's words on their way to the model; `id` keeps a note from being delivered twice. */
export interface PendingNote {
  readonly id: string;
  readonly source: 'steer' | 'answer';
  readonly text: string;
}

export interface NoteDelivered extends PendingNote {
  readonly kind: 'note';
}

export interface SessionEnded {
  readonly kind: 'session_ended';
  readonly reason: SessionEnd;
}

export type JournalEntry = SessionStarted | ModelResponded | ToolStarted | ToolDone | NoteDelivered | SessionEnded;

/** An entry with its place in the session and the time it was written (ISO, for people; never read by the loop). */
export interface JournalRecord {
  readonly v: number;
  readonly seq: number;
  readonly at: string;
  readonly entry: JournalEntry;
}

/** The journal was written by a newer Nightshift. */
export class JournalVersionError extends Error {
  override readonly name = 'JournalVersionError';
}

const HEAD = '{"sum":"';
const MIDDLE = '","body":';
const SUM_LENGTH = 16;
const BODY_START = HEAD.length + SUM_LENGTH + MIDDLE.length;

/** One line, newline included. */
export function encodeRecord(record: JournalRecord): string {
  const body = JSON.stringify(record);
  return `${HEAD}${checksum(body)}${MIDDLE}${body}}\n`;
}

/**
 * The record of a line (without its newline), or null when the line is damaged.
 * Throws JournalVersionError for a sound line of a newer format.
 */
export function decodeRecord(line: string): JournalRecord | null {
  if (!line.startsWith(HEAD) || !line.endsWith('}')) return null;
  const body = line.slice(BODY_START, -1);
  if (line.slice(HEAD.length, BODY_START) !== `${checksum(body)}${MIDDLE}`) return null;
  const record = JSON.parse(body) as JournalRecord;
  if (record.v > JOURNAL_VERSION) {
    throw new JournalVersionError(
      `the journal has format ${record.v}, this Nightshift reads up to ${JOURNAL_VERSION}: run the newer version that wrote it`,
    );
  }
  return record;
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, SUM_LENGTH);
}
