/**
 * What the provider charges, as dated data: USD per million tokens, each row from its date on. Only data; prices.ts
 * reads it. Source: https://platform.claude.com/docs/en/about-claude/pricing in stored copies read on READ_ON; Opus 5.5,
 * and Sonnet and Haiku 5.5 since 2026-10-07, by two trackers of that page. A row's date is the first known day.
 */

/** The day the table was held against its source. */
export const READ_ON = '2026-11-23';

/** USD per million tokens. */
export interface Rates {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  /** Writing to the cache for five minutes: what Nightshift asks for. */
  readonly cacheWrite: number;
  /** Writing for an hour. */
  readonly cacheWrite1h: number;
}

export interface PriceRow {
  readonly model: string;
  /** First day (UTC) of these rates. */
  readonly from: string;
  readonly rates: Rates;
  /** Rates of a call whose prompt, cache included, is longer than so many tokens. */
  readonly long?: { readonly above: number; readonly rates: Rates };
}

/** The provider's rule: writing costs 1.25 and 2 times the input, reading the given part of it. */
function rates(input: number, output: number, cacheRead = input * 0.1): Rates {
  return { input, output, cacheRead, cacheWrite: input * 1.25, cacheWrite1h: input * 2 };
}

const row = (model: string, from: string, of: Rates, long?: PriceRow['long']): PriceRow => ({
  model,
  from,
  rates: of,
  ...(long === undefined ? {} : { long }),
});

/** Rows of one model stand in the order of their dates. */
export const PRICE_TABLE: readonly PriceRow[] = [
  row('claude-fable-5-1', '2026-01-01', rates(10, 50, 0.25)),
  row('claude-mythos-5-1', '2026-01-01', rates(10, 50, 0.25)),
  row('claude-fable-5', '2026-01-01', rates(10, 50)),
  row('claude-mythos-5', '2026-01-01', rates(10, 50)),
  row('claude-opus-5-5', '2026-09-01', rates(4, 20, 0.2)),
  row('claude-opus-5', '2026-07-24', rates(5, 25)),
  row('claude-opus-4-8', '2026-01-01', rates(5, 25)),
  row('claude-opus-4-7', '2026-01-01', rates(5, 25)),
  row('claude-opus-4-6', '2026-01-01', rates(5, 25)),
  row('claude-opus-4-5', '2025-11-01', rates(5, 25)),
  row('claude-sonnet-5-5', '2026-09-01', rates(2, 10, 0.2)),
  row('claude-sonnet-5-5', '2026-10-07', rates(2, 10, 0.1)),
  row('claude-sonnet-5', '2026-01-01', rates(2, 10)),
  row('claude-sonnet-4-6', '2026-01-01', rates(3, 15)),
  row('claude-sonnet-4-5', '2025-09-29', rates(3, 15)),
  row('claude-haiku-5-5', '2026-10-07', rates(0.1, 0.5), { above: 100_000, rates: rates(0.5, 2.5) }),
  row('claude-haiku-4-5', '2025-10-01', rates(1, 5)),
];
