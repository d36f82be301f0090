/** What one session did, from its journal: times, turns, tools, tokens, refusals. Pure. */
import type { JournalRecord, ModelResponded } from '../../activities/agent/journal-entry.js';
import { usageOf } from '../../activities/agent/usage.js';
import type { Usage } from '../../workflows/usage.js';
import { isDenial } from '../transcript-view.js';

/** A stretch without a break: a pause, a crash or a wait begins a new one. */
export interface Stretch {
  readonly from: Date;
  readonly to: Date;
}

export interface SessionStory {
  readonly session: number;
  readonly phase: string;
  readonly model: string;
  readonly stretches: readonly Stretch[];
  /** Null while it is open. */
  readonly ended: string | null;
  readonly turns: number;
  readonly toolCalls: number;
  readonly failedCalls: number;
  readonly usage: Usage;
  readonly denials: readonly Denied[];
}

export interface Denied {
  readonly session: number;
  readonly turn: number;
  readonly command: string;
  readonly reason: string;
}

/** Longer than any model call or command may take without an entry. */
const BREAK_MS = 15 * 60_000;

/** Null for a journal without its first entry. */
export function storyOf(records: readonly JournalRecord[]): SessionStory | null {
  const first = records[0]?.entry;
  if (first?.kind !== 'session_started') return null;
  const entries = records.map(({ entry }) => entry);
  const done = entries.filter((entry) => entry.kind === 'tool_done');
  const answers = entries.filter((entry) => entry.kind === 'model_response');
  const ended = entries.find((entry) => entry.kind === 'session_ended');
  return {
    session: first.session,
    phase: first.phase,
    model: answers.at(-1)?.model ?? first.model,
    stretches: stretchesOf(records.map(({ at }) => new Date(at))),
    ended: ended?.reason.replaceAll('_', ' ') ?? null,
    turns: answers.length,
    toolCalls: done.length,
    failedCalls: done.filter(({ isError }) => isError).length,
    usage: usageOf(entries),
    denials: done
      .filter(({ text }) => isDenial(text))
      .map(({ toolUseId, turn, text }) => ({
        session: first.session,
        turn,
        command: commandOf(answers, toolUseId),
        reason: text.replace(/^[^:]*: /, ''),
      })),
  };
}

function stretchesOf(times: readonly Date[]): readonly Stretch[] {
  const stretches: { from: Date; to: Date }[] = [];
  for (const at of times) {
    const last = stretches.at(-1);
    if (last === undefined || at.getTime() - last.to.getTime() > BREAK_MS) stretches.push({ from: at, to: at });
    else last.to = at;
  }
  return stretches;
}

function commandOf(answers: readonly ModelResponded[], toolUseId: string): string {
  for (const { content } of answers) {
    for (const block of content) {
      if (block.type !== 'tool_use' || block.id !== toolUseId) continue;
      const { command } = block.input as { command?: unknown };
      return typeof command === 'string' ? command : JSON.stringify(block.input);
    }
  }
  return '(unknown command)';
}
