import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ANNOUNCEMENT } from '../../offline-model/decide.js';
import { type OfflineModel, startOfflineModel } from '../../offline-model/server.js';
import { callLines, converse, goodTools, opening, textOf } from './conversations.js';

let model: OfflineModel;
beforeAll(async () => {
  model = await startOfflineModel();
});
afterAll(() => model.close());

const post = (body: unknown): Promise<Response> =>
  fetch(`${model.url}/v1/messages`, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });

describe('a whole conversation over HTTP with the SDK as the client', () => {
  test('leads the initializer from plan to commit, one resource after the other', async () => {
    const replies = await converse(model.url, 'initializer', goodTools);
    expect(callLines(replies)).toEqual([
      'bash git log --oneline -5',
      'bash ls',
      'scaffold plan',
      'features propose users',
      'features propose tags',
      'features propose tasks',
      'features finish',
      'scaffold project',
      "bash git add -A && git commit -m 'Lay down the project and its feature list'",
    ]);
    expect(textOf(replies[0]).split('\n', 1)).toEqual([ANNOUNCEMENT]);
    expect(replies.slice(1).map(textOf).join('\n')).not.toContain(ANNOUNCEMENT);
    expect(replies.at(-1)?.stop_reason).toBe('end_turn');
    expect(textOf(replies.at(-1))).toContain('users, tags, tasks');
  });

  test('leads a coding session through one resource', async () => {
    const replies = await converse(model.url, 'coding', goodTools);
    expect(callLines(replies)).toEqual([
      'bash pwd && ls',
      'bash git log --oneline -5',
      'features next',
      'scaffold resource tags',
      'bash pytest -q tests/api/v1/test_tags.py',
      'check tags',
      "bash git add -A && git commit -m 'Add the tags resource'",
    ]);
    expect(textOf(replies.at(-1))).toContain('All 12 of its test cases pass');
  });

  test('gives the same bytes for the same conversation, from another process as well', async () => {
    const other = await startOfflineModel();
    const [here, there] = await Promise.all([model, other].map((server) => converse(server.url, 'coding', goodTools)));
    await other.close();
    expect(JSON.stringify(here)).toBe(JSON.stringify(there));
  });

  test('ends every call id differently and counts usage from the request', async () => {
    const replies = await converse(model.url, 'coding', goodTools);
    const ids = replies.map((reply) => reply.id);
    expect(new Set(ids).size).toBe(ids.length);
    const inputs = replies.map((reply) => reply.usage.input_tokens);
    expect(inputs).toEqual([...inputs].sort((left, right) => left - right));
    expect(inputs[0]).toBeGreaterThan(0);
  });
});

describe('the two transports', () => {
  const body = {
    model: 'offline',
    max_tokens: 1024,
    messages: [{ role: 'user' as const, content: opening('coding') }],
  };

  test('give the same message', async () => {
    const client = new Anthropic({ apiKey: 'none', baseURL: model.url, maxRetries: 0 });
    const whole = await client.messages.create(body);
    const streamed = await client.messages.stream(body).finalMessage();
    expect(streamed.content).toEqual(whole.content);
    expect({ ...streamed.usage }).toMatchObject({ ...whole.usage });
    expect([streamed.id, streamed.stop_reason, streamed.model]).toEqual([whole.id, whole.stop_reason, 'offline']);
  });

  test('carry a request id that the client can read', async () => {
    const client = new Anthropic({ apiKey: 'none', baseURL: model.url, maxRetries: 0 });
    const { request_id } = await client.messages.create(body).withResponse();
    expect(request_id).toMatch(/^req_offline_[0-9a-f]{24}$/);
  });
});

describe('what the server refuses', () => {
  test('says it is alive on /healthz', async () => {
    const response = await fetch(`${model.url}/healthz`);
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok', model: 'offline' }]);
  });

  test.each([
    ['a body that is not JSON', '{"model"', 400, 'not JSON'],
    ['no messages', { model: 'offline', max_tokens: 5, messages: [] }, 400, 'messages'],
    ['no max_tokens', { model: 'offline', messages: [{ role: 'user', content: 'x' }] }, 400, 'max_tokens'],
    [
      'a model that it is not',
      { model: 'claude-x', max_tokens: 5, messages: [{ role: 'user', content: 'x' }] },
      404,
      'rule system',
    ],
  ])('refuses %s in the envelope of the API', async (_name, body, status, words) => {
    const response = await post(body);
    const answer = (await response.json()) as { type: string; error: { message: string } };
    expect([response.status, answer.type]).toEqual([status, 'error']);
    expect(answer.error.message).toContain(words);
  });

  test('answers other paths and methods with 404 and 405', async () => {
    expect((await fetch(`${model.url}/v1/complete`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${model.url}/v1/messages`)).status).toBe(405);
  });

  test('listens on loopback only', async () => {
    await expect(startOfflineModel({ host: '0.0.0.0' })).rejects.toThrow('loopback only');
  });
});
