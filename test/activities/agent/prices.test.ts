import { describe, expect, it } from '@jest/globals';
import type { CallUsage } from '../../../activities/agent/journal-entry.js';
import { PRICE_TABLE } from '../../../activities/agent/price-table.js';
import { ownRows, pricesWith } from '../../../activities/agent/prices.js';

const million: CallUsage = {
  inputTokens: 1_000_000,
  outputTokens: 1_000_000,
  cacheReadTokens: 1_000_000,
  cacheWriteTokens: 1_000_000,
};
const NOW = Date.UTC(2026, 10, 23);
const priceOf = pricesWith([]);

describe('the price of a call', () => {
  it('is the sum of its usage fields at the rates of the day', () => {
    expect(priceOf('claude-sonnet-5-5', million, NOW)).toBeCloseTo(2 + 10 + 0.1 + 2.5, 9);
    expect(priceOf('claude-sonnet-5-5', million, Date.UTC(2026, 9, 6))).toBeCloseTo(2 + 10 + 0.2 + 2.5, 9);
  });

  it('counts cache writes for an hour at their own rate, and thinking as the output that it is', () => {
    const usage = { ...million, cacheWrite1hTokens: 1_000_000, thinkingTokens: 900_000 };
    expect(priceOf('claude-opus-5', usage, NOW)).toBeCloseTo(5 + 25 + 0.5 + 10, 9);
  });

  it('follows the length of the prompt where the provider does', () => {
    const call = (inputTokens: number): CallUsage => ({
      ...million,
      inputTokens,
      outputTokens: 0,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
    });
    expect(priceOf('claude-haiku-5-5', call(100_000), NOW)).toBeCloseTo(0.01, 9);
    expect(priceOf('claude-haiku-5-5', call(100_001), NOW)).toBeCloseTo(0.05, 5);
  });

  it('is found for a dated id, is nothing for the offline model, and is unknown, not zero, for any other', () => {
    expect(priceOf('claude-haiku-4-5-20251001', million, NOW)).toBeCloseTo(1 + 5 + 0.1 + 1.25, 9);
    expect(priceOf('offline', million, NOW)).toBe(0);
    expect(priceOf('claude-next-9', million, NOW)).toBeNull();
  });

  it("takes a person's own rows first", () => {
    const own = pricesWith(ownRows('{"gateway/sonnet": {"input": 3, "output": 6}}', 'prices.json'));
    expect(own('gateway/sonnet', million, NOW)).toBeCloseTo(3 + 6 + 3 + 3.75, 9);
    expect(own('claude-opus-5', million, NOW)).toBe(priceOf('claude-opus-5', million, NOW));
  });

  it.each(['[', '{"m": {"input": -1, "output": 1}}', '{"m": {"input": 1}}'])(
    'refuses %s with the file, the place and the shape',
    (text) => {
      expect(() => ownRows(text, '/state/prices.json')).toThrow(/\/state\/prices\.json: .*USD per million tokens/);
    },
  );
});

describe('the price table', () => {
  it('has the rows of a model in the order of their dates', () => {
    for (const { model } of PRICE_TABLE) {
      const dates = PRICE_TABLE.filter((row) => row.model === model).map(({ from }) => from);
      expect(dates).toEqual([...dates].sort());
      expect(new Set(dates).size).toBe(dates.length);
    }
  });
});
