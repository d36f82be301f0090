/**
 * What one model call cost: its usage fields times the rates of that day. A model without a row has no price, which is
 * never taken for free: its tokens are counted and limited instead. A person's own rows (a gateway, a discount) come
 * first.
 */
import { z } from 'zod';
import type { CallUsage } from './journal-entry.js';
import { PRICE_TABLE, type PriceRow, type Rates } from './price-table.js';

/** Name of the file of one's own rows in the state directory. */
export const PRICES_FILE = 'prices.json';

/** USD of one call made at `at` (ms), or null: no price is known. */
export type PriceOf = (model: string, usage: CallUsage, at: number) => number | null;

const amount = z.number().min(0);
const ownPrices = z.record(
  z.string(),
  z.strictObject({
    input: amount,
    output: amount,
    cacheRead: amount.optional(),
    cacheWrite: amount.optional(),
    cacheWrite1h: amount.optional(),
  }),
);

/** The own rows of a `prices.json`. Throws an Error that names the entry and the shape. */
export function ownRows(text: string, file: string): readonly PriceRow[] {
  const parsed = ownPrices.safeParse(jsonOf(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(
      `${file}: ${issue?.path.join('.') || 'the whole file'}: ${issue?.message}; give USD per million tokens, such as ` +
        '{"claude-sonnet-5-5": {"input": 2, "output": 10, "cacheRead": 0.1, "cacheWrite": 2.5}}',
    );
  }
  return Object.entries(parsed.data).map(([model, own]) => ({
    model,
    from: '1970-01-01',
    rates: {
      ...{ input: own.input, output: own.output, cacheRead: own.cacheRead ?? own.input },
      ...{ cacheWrite: own.cacheWrite ?? own.input * 1.25, cacheWrite1h: own.cacheWrite1h ?? own.input * 2 },
    },
  }));
}

/** Prices by the own rows, then the table. The offline model costs nothing. */
export function pricesWith(own: readonly PriceRow[]): PriceOf {
  return (model, usage, at) => {
    if (model === 'offline') return 0;
    const known = rowFor(own, model, at) ?? rowFor(PRICE_TABLE, model, at);
    return known === undefined ? null : costOf(usage, known);
  };
}

/** Rates of the day; of a call before the first of them, the first: too dear is better than free. */
function rowFor(rows: readonly PriceRow[], model: string, at: number): PriceRow | undefined {
  const ofModel = rows.filter((row) => row.model === model || datedAlias(model) === row.model);
  return ofModel.findLast((row) => Date.parse(row.from) <= at) ?? ofModel[0];
}

/** `claude-haiku-4-5-20251001` -> `claude-haiku-4-5`. */
const datedAlias = (model: string): string => model.replace(/-\d{8}$/, '');

function costOf(usage: CallUsage, { rates, long }: PriceRow): number {
  const prompt = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  return sum(usage, long !== undefined && prompt > long.above ? long.rates : rates);
}

function sum(usage: CallUsage, rates: Rates): number {
  const forAnHour = usage.cacheWrite1hTokens ?? 0;
  return (
    (usage.inputTokens * rates.input +
      usage.outputTokens * rates.output +
      usage.cacheReadTokens * rates.cacheRead +
      (usage.cacheWriteTokens - forAnHour) * rates.cacheWrite +
      forAnHour * rates.cacheWrite1h) /
    1_000_000
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
