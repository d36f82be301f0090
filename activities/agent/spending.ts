/**
 * Who a session's calls were for: each turn's usage, and the same by feature. Pure, from the journal. A turn counts for
 * the features that the last `features` or `check` call before its end named, in equal parts.
 */
import { addUsage, NO_USAGE, type Usage } from '../../workflows/usage.js';
import { toolCallsOf } from './conversation.js';
import type { JournalEntry } from './journal-entry.js';
import { usageOfCall } from './usage.js';

export interface TurnSpending {
  readonly turn: number;
  readonly usage: Usage;
  /** Ids of features, or names of resources where only those were named; none before the first. */
  readonly topics: readonly string[];
}

/** Every answered turn, in order. */
export function turnSpending(entries: readonly JournalEntry[]): readonly TurnSpending[] {
  const turns: TurnSpending[] = [];
  let topics: readonly string[] = [];
  for (const entry of entries) {
    if (entry.kind === 'model_response') {
      topics = namedIn(toolCallsOf(entry)) ?? topics;
      turns.push({ turn: entry.turn, usage: usageOfCall(entry), topics });
    }
    if (entry.kind === 'tool_done') topics = handedOut(entry.text) ?? topics;
  }
  return turns;
}

/** USD by topic; what no feature was named for stands under `(general)`. */
export function costByTopic(turns: readonly TurnSpending[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { usage, topics } of turns) {
    const parts = topics.length === 0 ? ['(general)'] : topics;
    for (const topic of parts) sums.set(topic, (sums.get(topic) ?? 0) + usage.costUsd / parts.length);
  }
  return sums;
}

export function totalOf(turns: readonly TurnSpending[]): Usage {
  return turns.reduce((sum, { usage }) => addUsage(sum, usage), NO_USAGE);
}

function namedIn(calls: ReturnType<typeof toolCallsOf>): readonly string[] | undefined {
  for (const { name, input } of [...calls].reverse()) {
    if ((name !== 'features' && name !== 'check') || typeof input !== 'object' || input === null) continue;
    const { ids, id, resource } = input as { ids?: unknown; id?: unknown; resource?: unknown };
    if (Array.isArray(ids)) return ids.filter((one) => typeof one === 'string');
    const one = id ?? resource;
    if (typeof one === 'string') return [one];
  }
  return undefined;
}

/** The answer of `features next`: `next: <id> (resource <name>)`. */
function handedOut(text: string): readonly string[] | undefined {
  const id = /^next: (\S+) \(resource /.exec(text)?.[1];
  return id === undefined ? undefined : [id];
}
