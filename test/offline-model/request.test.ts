import type { MessageParam } from '@anthropic-ai/sdk/resources/messages';
import { describe, expect, test } from '@jest/globals';
import { messagesRequest, requestProblem } from '../../offline-model/request.js';
import { requestWith } from './conversations.js';

const user = (content: MessageParam['content']): MessageParam => ({ role: 'user', content });
const use = (...ids: string[]): MessageParam => ({
  role: 'assistant',
  content: ids.map((id) => ({ type: 'tool_use', id, name: 'bash', input: {} })),
});
const results = (...ids: string[]): MessageParam =>
  user(ids.map((id) => ({ type: 'tool_result', tool_use_id: id, content: 'ok' })));
const problem = (...messages: MessageParam[]): string | null => requestProblem(requestWith(messages));

describe('requestProblem', () => {
  test('accepts parallel calls answered in the next message, in any order, with text after them', () => {
    expect(problem(user('go'), use('a', 'b'), results('b', 'a'), use('c'), results('c'))).toBeNull();
  });

  test.each([
    ['a first message of the assistant', [use('a'), results('a')], 'first message'],
    ['a prefill', [user('go'), use('a')], 'prefill'],
    ['a lost result', [user('go'), use('a', 'b'), results('a')], 'without tool_result blocks immediately after: b'],
    ['a result nobody asked for', [user('go'), use('a'), results('a', 'z')], 'unexpected tool_use_id'],
    ['a result given twice', [user('go'), use('a'), results('a', 'a')], 'single result'],
    ['a late result', [user('go'), use('a'), user('wait'), results('a')], 'immediately after: a'],
  ])('refuses %s, naming it', (_name, messages, words) => {
    expect(problem(...messages)).toContain(words);
  });

  test('refuses two tools of one name', () => {
    const request = requestWith([user('go')], { tools: [{ name: 'bash' }, { name: 'bash' }] });
    expect(requestProblem(request)).toContain('"bash" is there twice');
  });

  test('refuses a block of a known type that lacks its fields', () => {
    const request = {
      model: 'offline',
      max_tokens: 1,
      messages: [{ role: 'user', content: [{ type: 'tool_result' }] }],
    };
    expect(messagesRequest.safeParse(request).success).toBe(false);
  });
});
