import { afterEach, describe, expect, it } from '@jest/globals';
import { type Budget, budgetReached } from '../../../activities/agent/budget.js';
import { runSession } from '../../../activities/agent/loop.js';
import { NO_USAGE, type Usage } from '../../../workflows/usage.js';
import { recordingTool, type SessionBench, sessionBench } from '../../support/agent-session.js';
import { call, calls, type ScriptedModel, say, scriptedModel } from '../../support/scripted-model.js';

const open: Budget = { maxCostUsd: 10, maxTokens: 1_000, deadline: null };
const used = (more: Partial<Usage>): Usage => ({ ...NO_USAGE, ...more });

describe('a budget', () => {
  it('sums what was spent before the session and in it', () => {
    expect(budgetReached(open, used({ costUsd: 6 }), used({ costUsd: 3.99 }), 0)).toBeNull();
    const reached = budgetReached(open, used({ costUsd: 6 }), used({ costUsd: 4 }), 0);
    expect(reached).toMatchObject({ kind: 'budget', problem: expect.stringContaining('10.00 USD') });
    expect(reached?.cure).toContain('--max-cost 20');
  });

  it('limits a model without a known price by its tokens and says so', () => {
    expect(budgetReached(open, NO_USAGE, used({ unpricedTokens: 1_000 }), 0)?.problem).toContain(
      'without a known price',
    );
    expect(budgetReached({ ...open, maxTokens: null }, NO_USAGE, used({ unpricedTokens: 1e9 }), 0)).toBeNull();
  });

  it('ends at its hour', () => {
    const deadline = '2026-11-23T12:00:00.000Z';
    const at = Date.parse(deadline);
    expect(budgetReached({ ...open, deadline }, NO_USAGE, NO_USAGE, at - 1)).toBeNull();
    expect(budgetReached({ ...open, deadline }, NO_USAGE, NO_USAGE, at)?.cure).toContain('--max-hours');
  });
});

describe('a session within a budget', () => {
  let bench: SessionBench;
  let server: ScriptedModel;
  afterEach(async () => {
    await server.close();
    await bench.close();
  });

  it('makes no call past the ceiling, stays open, and goes on at the same turn after a raise', async () => {
    bench = await sessionBench();
    server = await scriptedModel([calls(call('a', 'look', {})), calls(call('b', 'look', {})), say('done')]);
    const tools = [recordingTool('look')];
    const priceOf = (): number => 6;
    const within = (maxCostUsd: number) => (usage: Usage) => budgetReached({ ...open, maxCostUsd }, NO_USAGE, usage, 0);
    const parked = await runSession(await bench.attempt(server.url, { tools, priceOf, budget: within(10) }));
    expect(parked).toMatchObject({
      kind: 'needs_attention',
      attention: { kind: 'budget' },
      usage: { costUsd: 12, modelCalls: 2 },
    });
    expect(server.requests).toHaveLength(2); // over by less than one call
    const after = await runSession(await bench.attempt(server.url, { tools, priceOf, budget: within(20) }));
    expect(after).toMatchObject({ kind: 'ended', turns: 3, usage: { costUsd: 18 } });
  });
});
