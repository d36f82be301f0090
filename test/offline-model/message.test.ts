import { describe, expect, test } from '@jest/globals';
import { CHARACTERS_PER_TOKEN, replyTo } from '../../offline-model/message.js';
import { opening, requestWith } from './conversations.js';

const start = [{ role: 'user' as const, content: opening('coding') }];

describe('a reply', () => {
  test('has ids that follow from the request and differ between requests', () => {
    const reply = replyTo(requestWith(start));
    expect(replyTo(requestWith(start, { stream: true }))).toEqual(reply);
    expect(replyTo(requestWith(start, { system: 'other' })).id).not.toBe(reply.id);
    expect(reply.content.map((block) => block.type)).toEqual(['text', 'tool_use']);
  });

  test('estimates tokens as characters over four', () => {
    const short = replyTo(requestWith(start, { system: '' }));
    const long = replyTo(requestWith(start, { system: 'x'.repeat(400 * CHARACTERS_PER_TOKEN) }));
    expect(long.usage.input_tokens - short.usage.input_tokens).toBe(400);
  });

  test('is cut at max_tokens as the API cuts it, without half a tool call', () => {
    const reply = replyTo(requestWith(start, { max_tokens: 3 }));
    expect(reply.stop_reason).toBe('max_tokens');
    expect(reply.content.map((block) => block.type)).toEqual(['text']);
    expect(reply.usage.output_tokens).toBe(3);
  });
});
