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

/** What an unexpected result comes down to, short enough for a closing sentence: a command's last words, else the first line. */
export function quoted(call: Call): string {
  const lines = call.result.trim().split('\n');
  const ended = /^\[(exit code|timed out)/.test(lines.at(-1) ?? '');
  const line = (ended ? lines.slice(-2).join(' ') : (lines[0] ?? '')).trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line || '(no text)';
}
