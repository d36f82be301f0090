import { expect, it } from '@jest/globals';
import type { JournalEntry, ModelResponded } from '../../../activities/agent/journal-entry.js';
import { costByTopic, totalOf, turnSpending } from '../../../activities/agent/spending.js';

const usage = { inputTokens: 10, outputTokens: 5, cacheReadTokens: 0, cacheWriteTokens: 0 };
const answered = (turn: number, costUsd: number, name?: string, input: unknown = {}): ModelResponded => ({
  ...{ kind: 'model_response', turn, messageId: `m${turn}`, model: 'm', stopReason: 'tool_use', usage, costUsd },
  content:
    name === undefined
      ? []
      : [
          {
            type: 'tool_use',
            id: `t${turn}`,
            name,
            input,
            caller: { type: 'direct' },
          } as ModelResponded['content'][number],
        ],
});
const done = (turn: number, text: string): JournalEntry => ({
  ...{ kind: 'tool_done', turn, toolUseId: `t${turn}`, text, isError: false },
});

it('a turn counts for the features that were named last, in equal parts', () => {
  const turns = turnSpending([
    answered(1, 1, 'features', { operation: 'next' }),
    done(1, 'next: tasks-create (resource tasks)\n…'),
    answered(2, 2, 'bash', { command: 'ls' }),
    done(2, 'next: not a hand-out'),
    answered(3, 4, 'check', { ids: ['tasks-create', 'tasks-list'] }),
    answered(4, 8),
  ]);
  expect(totalOf(turns)).toMatchObject({ modelCalls: 4, costUsd: 15 });
  expect([...costByTopic(turns)]).toEqual([
    ['(general)', 1],
    ['tasks-create', 2 + 2 + 4],
    ['tasks-list', 2 + 4],
  ]);
});
