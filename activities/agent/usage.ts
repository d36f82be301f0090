/** Sums of what model calls used and cost, read from the journal. Pure; the price of a call was written down with it. */
import { addUsage, NO_USAGE, type Usage } from '../../workflows/usage.js';
import type { CallUsage, JournalEntry, ModelResponded } from './journal-entry.js';

/** Usage of all calls that were answered, crashed attempts included. */
export function usageOf(entries: readonly JournalEntry[]): Usage {
  let sum: Usage = NO_USAGE;
  for (const entry of entries) if (entry.kind === 'model_response') sum = addUsage(sum, usageOfCall(entry));
  return sum;
}

/** One call's usage. A call of a journal that knew no prices yet counts as unpriced. */
export function usageOfCall({ usage, costUsd }: ModelResponded): Usage {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, thinkingTokens = 0 } = usage;
  return {
    ...{ modelCalls: 1, inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, thinkingTokens },
    costUsd: costUsd ?? 0,
    unpricedTokens: costUsd == null ? totalTokens(usage) : 0,
  };
}

/** Every token that went in or came out, cached or not. */
export const totalTokens = (usage: CallUsage): number =>
  usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
