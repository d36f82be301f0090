import { afterEach, describe, expect, it } from '@jest/globals';
import { createModel, type ModelProgress, type ModelRequest } from '../../../activities/agent/model.js';
import { call, type ScriptedModel, type Step, say, scriptedModel } from '../../support/scripted-model.js';

const request: ModelRequest = { system: 'S', tools: [], messages: [{ role: 'user', content: 'hello' }], maxTokens: 10 };
const idle = { signal: new AbortController().signal };

let server: ScriptedModel;

afterEach(() => server.close());

async function serve(...script: readonly Step[]): Promise<string> {
  server = await scriptedModel(script);
  return server.url;
}

describe('a model call', () => {
  it('returns the whole answer with its usage, as plain JSON', async () => {
    const usage = { input_tokens: 7, output_tokens: 5, cache_read_input_tokens: 100, cache_creation_input_tokens: 30 };
    const blocks = [{ type: 'text', text: 'é 😀 a longer text' } as const, call('t1', 'look', { deep: [{ a: null }] })];
    const baseUrl = await serve({ kind: 'answer', blocks, stopReason: 'tool_use', usage });
    const response = await createModel({ model: 'm', apiKey: 'k', baseUrl }).stream(request, idle);
    expect(response).toEqual({
      id: 'msg_1',
      model: 'claude-scripted',
      stopReason: 'tool_use',
      content: [
        { type: 'text', text: 'é 😀 a longer text', citations: null },
        { type: 'tool_use', id: 't1', name: 'look', input: { deep: [{ a: null }] }, caller: { type: 'direct' } },
      ],
      usage: {
        inputTokens: 7,
        outputTokens: 5,
        cacheReadTokens: 100,
        cacheWriteTokens: 30,
        cacheWrite1hTokens: 0,
        thinkingTokens: 0,
      },
    });
    expect(JSON.parse(JSON.stringify(response))).toEqual(response);
  });

  it('sends the credential that it was given and no other', async () => {
    const baseUrl = await serve(say('a'), say('b'));
    await createModel({ model: 'm', apiKey: 'the-key', baseUrl }).stream(request, idle);
    await createModel({ model: 'm', authToken: 'the-token', baseUrl }).stream(request, idle);
    const sent = server.requests.map(({ headers }) => headers.authorization);
    expect(sent).toEqual(['Bearer the-key', 'Bearer the-token']);
  });

  it('streams, leaves thinking to the model and sets no sampling parameters', async () => {
    const baseUrl = await serve(say('a'));
    await createModel({ model: 'm', apiKey: 'k', baseUrl }).stream(request, idle);
    expect(Object.keys(server.requests[0]?.body ?? {}).sort()).toEqual([
      'cache_control',
      'max_tokens',
      'messages',
      'model',
      'stream',
      'system',
      'tools',
    ]);
  });

  it('reports progress while the answer comes in', async () => {
    const baseUrl = await serve(say('x'.repeat(100)));
    const seen: ModelProgress[] = [];
    const onProgress = (progress: ModelProgress): void => void seen.push(progress);
    await createModel({ model: 'm', apiKey: 'k', baseUrl }).stream(request, { ...idle, onProgress });
    expect(seen.at(-1)).toEqual({ block: 'text', characters: 100 });
    expect(seen.length).toBeGreaterThan(5);
  });

  it('never holds half a character of an input that was cut', async () => {
    const input = { text: 'smile \ud83d' };
    const baseUrl = await serve({ kind: 'answer', blocks: [call('t1', 'write', input)], stopReason: 'max_tokens' });
    const { content } = await createModel({ model: 'm', apiKey: 'k', baseUrl }).stream(request, idle);
    expect(content[0]).toMatchObject({ input: { text: 'smile \ufffd' } });
  });

  it('makes one request, whatever happens to it', async () => {
    const baseUrl = await serve({ kind: 'error', status: 529, type: 'overloaded_error' });
    await expect(createModel({ model: 'm', apiKey: 'k', baseUrl }).stream(request, idle)).rejects.toThrow('529');
    expect(server.requests).toHaveLength(1);
  });
});
