import type { ContentBlock, StopReason } from '@anthropic-ai/sdk/resources/messages';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { conversationOf, INTERRUPTED } from '../../../activities/agent/conversation.js';
import type { JournalEntry } from '../../../activities/agent/journal-entry.js';

const started: JournalEntry = {
  kind: 'session_started',
  session: 1,
  phase: 'coding',
  model: 'm',
  systemHash: '',
  toolsHash: '',
  firstMessage: 'begin',
};
const usage = { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 };

const text = (said: string): ContentBlock => ({ type: 'text', text: said, citations: null });
const call = (id: string): ContentBlock => ({
  type: 'tool_use',
  id,
  name: 'look',
  input: { id },
  caller: { type: 'direct' },
});

function response(turn: number, content: readonly ContentBlock[], stopReason: StopReason = 'tool_use'): JournalEntry {
  return { kind: 'model_response', turn, messageId: `m${turn}`, model: 'm', content, stopReason, usage };
}

const done = (turn: number, toolUseId: string, said = 'ok'): JournalEntry => ({
  kind: 'tool_done',
  turn,
  toolUseId,
  text: said,
  isError: false,
});
const note = (id: string): JournalEntry => ({ kind: 'note', id, source: 'steer', text: `note ${id}` });

/** A whole session of any shape: per turn some calls, all answered, with notes in between. */
const sessions = fc
  .array(
    fc.record({ calls: fc.integer({ min: 1, max: 3 }), said: fc.string(), notes: fc.integer({ min: 0, max: 2 }) }),
    {
      maxLength: 6,
    },
  )
  .map((turns) =>
    turns.flatMap(({ calls, said, notes }, turn) => {
      const ids = Array.from({ length: calls }, (_, index) => `t${turn}-${index}`);
      return [
        response(turn + 1, [text(said), ...ids.map(call)]),
        ...ids.map((id) => done(turn + 1, id)),
        ...Array.from({ length: notes }, (_, index) => note(`${turn}-${index}`)),
      ];
    }),
  )
  .map((rest) => [started, ...rest]);

describe('the conversation', () => {
  it('of a turn begins with the very bytes of the turn before', () => {
    fc.assert(
      fc.property(sessions, (entries) => {
        const turns = entries.flatMap((entry, index) => (entry.kind === 'model_response' ? [index] : []));
        const sent = [...turns, entries.length].map((end) => JSON.stringify(conversationOf(entries.slice(0, end))));
        return sent.every((bytes, index) => index === 0 || bytes.startsWith(sent[index - 1]?.slice(0, -1) ?? '?'));
      }),
    );
  });

  it('answers every call once, in the message right behind it, results first', () => {
    fc.assert(
      fc.property(sessions, (entries) => {
        const messages = conversationOf(entries);
        messages.forEach((message, index) => {
          if (message.role !== 'assistant' || typeof message.content === 'string') return;
          const ids = message.content.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
          const next = messages[index + 1]?.content ?? [];
          const blocks = typeof next === 'string' ? [] : next;
          const answered = blocks
            .slice(0, ids.length)
            .map((block) => block.type === 'tool_result' && block.tool_use_id);
          expect(answered).toEqual(ids);
          expect(blocks.slice(ids.length).every((block) => block.type === 'text')).toBe(true);
        });
      }),
    );
  });

  it('reports a call without a result as interrupted', () => {
    const messages = conversationOf([started, response(1, [call('a')])]);
    expect(messages.at(-1)).toEqual({
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: 'a', content: INTERRUPTED, is_error: true }],
    });
  });

  it('never sends what the API refuses: empty texts, unsigned thinking, empty results', () => {
    const thinking: ContentBlock = { type: 'thinking', thinking: 'cut', signature: '' };
    const entries = [started, response(1, [thinking, text('  '), call('a')]), done(1, 'a', '')];
    const [, said, answer] = conversationOf(entries);
    expect(said).toMatchObject({ role: 'assistant', content: [{ type: 'tool_use' }] });
    expect(answer).toMatchObject({ content: [{ content: '(no output)' }] });
    expect(conversationOf([started, response(1, [text('')], 'max_tokens')]).map(({ role }) => role)).toEqual([
      'user',
      'user',
    ]);
  });
});
