/**
 * What a build has spent and may spend: sums of model usage, and the ceilings they are held against. Part of the
 * contract: pure numbers and words. Prices live in activities/agent/prices.ts; here only their sums arrive.
 */

/** Model usage, summed. Token counts as the provider reports them. */
export interface Usage {
  readonly modelCalls: number;
  readonly inputTokens: number;
  /** Thinking included: it is billed as output. */
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** Of the output tokens, those the model thought with. */
  readonly thinkingTokens: number;
  /** USD of every call whose model has a price. */
  readonly costUsd: number;
  /** Tokens of every kind of the calls that no price is known for. */
  readonly unpricedTokens: number;
}

export const NO_USAGE: Usage = {
  modelCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  thinkingTokens: 0,
  costUsd: 0,
  unpricedTokens: 0,
};

/** Sums tolerate what an older worker left out. */
export function addUsage(a: Usage, b: Usage): Usage {
  const sum = (name: keyof Usage): number => (a[name] ?? 0) + (b[name] ?? 0);
  return {
    modelCalls: sum('modelCalls'),
    inputTokens: sum('inputTokens'),
    outputTokens: sum('outputTokens'),
    cacheReadTokens: sum('cacheReadTokens'),
    cacheWriteTokens: sum('cacheWriteTokens'),
    thinkingTokens: sum('thinkingTokens'),
    costUsd: sum('costUsd'),
    unpricedTokens: sum('unpricedTokens'),
  };
}

/** The ceilings of a whole build; null = none. */
export interface Ceilings {
  readonly maxCostUsd: number | null;
  /** Tokens of every kind that a model without a known price may use. */
  readonly maxTokens: number | null;
}

/** Which ceiling is reached, with the sum and the flag that raises it; null: the next call may be made. */
export function ceilingReached(
  usage: Usage,
  ceilings: Ceilings,
): { readonly problem: string; readonly cure: string } | null {
  const { maxCostUsd, maxTokens } = ceilings;
  if (maxCostUsd !== null && usage.costUsd >= maxCostUsd) {
    return {
      problem: `this build has spent ${dollars(usage.costUsd)}; its ceiling is ${dollars(maxCostUsd)}`,
      cure: `raise it and go on at the same turn: nightshift build --max-cost ${Math.ceil(maxCostUsd * 2)} (or stop: nightshift stop)`,
    };
  }
  if (maxTokens !== null && usage.unpricedTokens >= maxTokens) {
    return {
      problem: `this build has used ${usage.unpricedTokens} tokens of a model without a known price; its ceiling is ${maxTokens} tokens`,
      cure: `raise it: nightshift build --max-tokens ${maxTokens * 2}; or name the model's price in prices.json (docs/limits.md)`,
    };
  }
  return null;
}

/** Spent and ceiling in one phrase, e.g. `1.27 of 30.00 USD`. */
export function spentText(model: string, usage: Usage, { maxCostUsd, maxTokens }: Ceilings): string {
  if (model === 'offline') return 'no cost (offline)';
  const cost = `${amountText(usage.costUsd ?? 0)}${maxCostUsd == null ? '' : ` of ${amountText(maxCostUsd)}`} USD`;
  if (!usage.unpricedTokens) return cost;
  const ceiling = maxTokens == null ? '' : ` of ${maxTokens}`;
  return `${cost}, and ${usage.unpricedTokens}${ceiling} tokens without a known price`;
}

export const dollars = (amount: number): string => `${amountText(amount)} USD`;

/** Small sums in hundredths of a cent: a single call costs less than a cent. */
const amountText = (amount: number): string => amount.toFixed(amount > 0 && amount < 1 ? 4 : 2);
