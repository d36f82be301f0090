import { describe, expect, it } from '@jest/globals';
import { reachedLimit } from '../../../activities/agent/limits.js';
import { NO_USAGE, type Usage } from '../../../workflows/contract.js';

const limits = { maxTurns: 3, maxTokens: 1_000, maxMinutes: 2 };
const used = (more: Partial<Usage>): Usage => ({ ...NO_USAGE, ...more });
const at = (now: number) => ({ startedAt: 0, now });

describe('the limits of a session', () => {
  it('allow the next call below all of them', () => {
    const usage = used({ modelCalls: 2, inputTokens: 400, outputTokens: 400, cacheReadTokens: 199 });
    expect(reachedLimit(limits, usage, at(119_999))).toBeNull();
  });

  it('name the one that is reached', () => {
    expect(reachedLimit(limits, used({ modelCalls: 3 }), at(0))).toBe('turn_limit');
    expect(reachedLimit(limits, used({ cacheWriteTokens: 600, cacheReadTokens: 400 }), at(0))).toBe('token_limit');
    expect(reachedLimit(limits, used({}), at(120_000))).toBe('time_limit');
  });

  it('do not exist where they are null', () => {
    const usage = used({ inputTokens: 1e9 });
    expect(reachedLimit({ maxTurns: 1, maxTokens: null, maxMinutes: null }, usage, at(1e12))).toBeNull();
  });
});
