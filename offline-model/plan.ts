/**
 * What a rule is made of. A phase's rules are written as a generator that reads like the session it leads: it yields
 * the next tool call, is handed that call's result, and returns what it says at the end. It must be deterministic and
 * must not remember anything outside of itself, because every request replays it from the start.
 */
import type { Call } from './conversation.js';

/** A tool call with the sentence said before it. */
export interface Step {
  readonly say: string;
  readonly tool: string;
  readonly input: Readonly<Record<string, string>>;
}

/** Yields steps, receives their results, returns the closing words (end_turn). */
export type Plan = Generator<Step, string, Call>;

export const bash = (say: string, command: string): Step => ({ say, tool: 'bash', input: { command } });

/** First line of an unexpected result, short enough to quote in a closing sentence. */
export function quoted(call: Call): string {
  const line = call.result.trim().split('\n', 1)[0] ?? '';
  return line.length > 300 ? `${line.slice(0, 300)}…` : line || '(no text)';
}
