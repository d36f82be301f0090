/** Sums of what model calls used, read from the journal. Pure; prices come from a table of their own. */
import { NO_USAGE, type Usage } from '../../workflows/contract.js';
import type { JournalEntry } from './journal-entry.js';

/** Usage of all calls that were answered, crashed attempts included. */
export function usageOf(entries: readonly JournalEntry[]): Usage {
  let sum: Usage = NO_USAGE;
  for (const entry of entries) {
    if (entry.kind !== 'model_response') continue;
    const { usage } = entry;
    sum = {
      modelCalls: sum.modelCalls + 1,
      inputTokens: sum.inputTokens + usage.inputTokens,
      outputTokens: sum.outputTokens + usage.outputTokens,
      cacheReadTokens: sum.cacheReadTokens + usage.cacheReadTokens,
      cacheWriteTokens: sum.cacheWriteTokens + usage.cacheWriteTokens,
    };
  }
  return sum;
}

/** Every token that went in or came out, cached or not. */
export const totalTokens = (usage: Usage): number =>
  usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
