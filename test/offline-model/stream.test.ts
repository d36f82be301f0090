import { describe, expect, test } from '@jest/globals';
import { replyTo } from '../../offline-model/message.js';
import { frame, streamEvents } from '../../offline-model/stream.js';
import { opening, requestWith } from './conversations.js';

const reply = replyTo(requestWith([{ role: 'user', content: opening('coding') }]));
const events = streamEvents(reply);
const ofType = (type: string) => events.filter((event) => event.type === type);

describe('the event stream', () => {
  test('opens with message_start and a ping, and closes with message_delta and message_stop', () => {
    const types = events.map((event) => event.type);
    expect(types.slice(0, 3)).toEqual(['message_start', 'ping', 'content_block_start']);
    expect(types.slice(-3)).toEqual(['content_block_stop', 'message_delta', 'message_stop']);
  });

  test('starts with an empty message that has no stop reason yet', () => {
    expect(events[0]).toMatchObject({ message: { id: reply.id, content: [], stop_reason: null, role: 'assistant' } });
  });

  test('numbers the blocks, opening and closing each', () => {
    const indexes = (type: string) => ofType(type).map((event) => event.index);
    expect(indexes('content_block_start')).toEqual([0, 1]);
    expect(indexes('content_block_stop')).toEqual([0, 1]);
  });

  test('sends text and tool input in deltas that add up to them', () => {
    const deltas = ofType('content_block_delta').map((event) => event.delta as Record<string, string>);
    const text = deltas.map((delta) => delta.text ?? '').join('');
    const json = deltas.map((delta) => delta.partial_json ?? '').join('');
    expect(text).toBe(reply.content[0]?.type === 'text' ? reply.content[0].text : '');
    expect(JSON.parse(json)).toEqual({ command: 'pwd && ls' });
    expect(deltas.length).toBeGreaterThan(4);
  });

  test('gives the stop reason and the counts at the end', () => {
    expect(ofType('message_delta')[0]).toMatchObject({
      delta: { stop_reason: 'tool_use', stop_sequence: null },
      usage: { input_tokens: reply.usage.input_tokens, output_tokens: reply.usage.output_tokens },
    });
  });

  test('frames an event as a name, one data line and an empty line', () => {
    expect(frame({ type: 'ping' })).toBe('event: ping\ndata: {"type":"ping"}\n\n');
    expect(frame({ type: 'x', text: 'a\nb' }).split('\n')).toHaveLength(4);
  });
});
