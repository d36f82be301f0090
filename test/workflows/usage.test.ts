import { describe, expect, it } from '@jest/globals';
import { addUsage, NO_USAGE, spentText, type Usage } from '../../workflows/usage.js';

const ceilings = { maxCostUsd: 30, maxTokens: 20_000_000 };

describe('usage', () => {
  it('sums what an older worker reported without prices', () => {
    const { costUsd: _, unpricedTokens: __, thinkingTokens: ___, ...old } = { ...NO_USAGE, modelCalls: 2 };
    expect(addUsage(old as Usage, { ...NO_USAGE, costUsd: 1.5 })).toMatchObject({ modelCalls: 2, costUsd: 1.5 });
  });

  it.each([
    ['claude-sonnet-5-5', { costUsd: 1.267 }, '1.27 of 30.00 USD'],
    ['claude-next', { unpricedTokens: 5 }, '0.00 of 30.00 USD, and 5 of 20000000 tokens without a known price'],
    ['offline', {}, 'no cost (offline)'],
  ])('of %s is said as spent and ceiling', (model, usage, text) => {
    expect(spentText(model, { ...NO_USAGE, ...usage }, ceilings)).toBe(text);
  });
});
