import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CUT_CALL } from '../../../activities/agent/conversation.js';
import { unfinishedSession } from '../../../activities/agent/journal.js';
import { runSession } from '../../../activities/agent/loop.js';
import { ok } from '../../../activities/tools/tool.js';
import { recordingTool, type SessionBench, sessionBench } from '../../support/agent-session.js';
import { call, calls, type ScriptedModel, type Step, say, scriptedModel } from '../../support/scripted-model.js';

let bench: SessionBench;
let server: ScriptedModel;

beforeEach(async () => {
  bench = await sessionBench();
});
afterEach(async () => {
  await server.close();
  await bench.close();
});

async function serve(...script: readonly Step[]): Promise<ScriptedModel> {
  server = await scriptedModel(script);
  return server;
}

const messagesOf = (n: number): readonly unknown[] => server.requests[n - 1]?.body.messages ?? [];
const lastMessage = (n: number): unknown => messagesOf(n).at(-1);
const resultOf = (id: string, content: string, isError = false): object =>
  isError
    ? { type: 'tool_result', tool_use_id: id, content, is_error: true }
    : { type: 'tool_result', tool_use_id: id, content };

describe('a session', () => {
  it('runs the tools that the model calls and ends when it stops calling', async () => {
    await serve(calls(call('a', 'look', { at: 'x' })), say('all done'));
    const look = recordingTool('look', async () => ok('it is there'));
    const ending = await runSession(await bench.attempt(server.url, { tools: [look] }));
    expect(ending).toMatchObject({ kind: 'ended', reason: 'end_turn', turns: 2 });
    expect(ending.usage).toMatchObject({ modelCalls: 2, inputTokens: 200, outputTokens: 20 });
    expect(look.inputs).toEqual([{ at: 'x' }]);
    expect(lastMessage(2)).toEqual({ role: 'user', content: [resultOf('a', 'it is there')] });
    expect(await unfinishedSession(bench.buildDir)).toBeNull();
  });

  it('answers parallel calls in one message, in their order', async () => {
    await serve(calls(call('a', 'one', {}), call('b', 'two', {}), call('c', 'one', { n: 2 })), say('done'));
    const [one, two] = [recordingTool('one'), recordingTool('two')];
    await runSession(await bench.attempt(server.url, { tools: [one, two] }));
    expect(one.inputs).toEqual([{}, { n: 2 }]);
    expect(lastMessage(2)).toEqual({
      role: 'user',
      content: [resultOf('a', 'one done'), resultOf('b', 'two done'), resultOf('c', 'one done')],
    });
  });

  it('sends thinking back as it was signed, and every turn begins with the bytes of the one before', async () => {
    const thinking = { type: 'thinking', thinking: 'hm, a long thought', signature: 'c2ln' } as const;
    await serve(
      { kind: 'answer', blocks: [thinking, call('a', 'look', { q: 'é\n"' })], stopReason: 'tool_use' },
      calls(call('b', 'look', {})),
      say('done'),
    );
    await runSession(await bench.attempt(server.url, { tools: [recordingTool('look')] }));
    expect(messagesOf(2)[1]).toMatchObject({ role: 'assistant', content: [thinking, { type: 'tool_use', id: 'a' }] });
    const bytes = server.requests.map(({ body }) => JSON.stringify(body.messages).slice(0, -1));
    expect(bytes[1]?.startsWith(bytes[0] ?? '?')).toBe(true);
    expect(bytes[2]?.startsWith(bytes[1] ?? '?')).toBe(true);
    const stable = server.requests.map(({ body }) => JSON.stringify([body.system, body.tools, body.cache_control]));
    expect(new Set(stable).size).toBe(1);
    expect(server.requests[0]?.body).not.toHaveProperty('temperature');
    expect(server.requests[0]?.body).toMatchObject({ cache_control: { type: 'ephemeral' } });
  });

  it('tells the model about a tool that does not exist and goes on', async () => {
    await serve(calls(call('a', 'teleport', {})), say('done'));
    await runSession(await bench.attempt(server.url, { tools: [recordingTool('look')] }));
    const text = 'there is no tool "teleport". The tools are: look.';
    expect(lastMessage(2)).toEqual({ role: 'user', content: [resultOf('a', text, true)] });
  });

  it('survives a tool that throws', async () => {
    await serve(calls(call('a', 'look', {})), say('done'));
    const broken = recordingTool('look', async () => {
      throw new Error('boom');
    });
    const ending = await runSession(await bench.attempt(server.url, { tools: [broken] }));
    expect(ending.kind).toBe('ended');
    expect(JSON.stringify(lastMessage(2))).toContain('boom');
  });

  it('never runs a call that the output limit cut, and gives the next answer more room', async () => {
    const cut = call('b', 'write', { path: 'a.py', text: 'a very long file that does not fit' });
    await serve(
      { kind: 'answer', blocks: [call('a', 'look', {}), cut], stopReason: 'max_tokens', cutInputAt: 40 },
      say('done'),
    );
    const [look, write] = [recordingTool('look'), recordingTool('write')];
    const ending = await runSession(await bench.attempt(server.url, { tools: [look, write] }));
    expect(ending.kind).toBe('ended');
    expect(look.inputs).toHaveLength(1);
    expect(write.inputs).toEqual([]);
    expect(lastMessage(2)).toEqual({
      role: 'user',
      content: [resultOf('a', 'look done'), resultOf('b', CUT_CALL, true)],
    });
    const room = server.requests.map(({ body }) => body.max_tokens as number);
    expect(room[1]).toBeGreaterThan(room[0] ?? 0);
  });

  it('asks the model to go on when a text was cut', async () => {
    await serve({ kind: 'answer', blocks: [{ type: 'text', text: 'half' }], stopReason: 'max_tokens' }, say('done'));
    await runSession(await bench.attempt(server.url));
    expect(JSON.stringify(lastMessage(2))).toContain('cut at the output limit');
  });

  it('sends a paused turn back as it is', async () => {
    await serve({ kind: 'answer', blocks: [{ type: 'text', text: 'hold on' }], stopReason: 'pause_turn' }, say('done'));
    await runSession(await bench.attempt(server.url));
    expect(lastMessage(2)).toMatchObject({ role: 'assistant' });
  });

  it.each([
    ['refusal', 'refusal'],
    ['model_context_window_exceeded', 'token_limit'],
  ])('ends at once on %s, running nothing', async (stopReason, reason) => {
    await serve({ kind: 'answer', blocks: [call('a', 'look', {})], stopReason });
    const look = recordingTool('look');
    const ending = await runSession(await bench.attempt(server.url, { tools: [look] }));
    expect(ending).toMatchObject({ kind: 'ended', reason, turns: 1 });
    expect(look.inputs).toEqual([]);
  });

  it('stops at its turn limit before the next call is paid', async () => {
    await serve(calls(call('a', 'look', {})), calls(call('b', 'look', {})), say('too far'));
    const limits = { maxTurns: 2, maxTokens: null, maxMinutes: null };
    const ending = await runSession(await bench.attempt(server.url, { tools: [recordingTool('look')], limits }));
    expect(ending).toMatchObject({ kind: 'ended', reason: 'turn_limit', turns: 2 });
    expect(server.requests).toHaveLength(2);
  });

  it('leaves a note that no further call would read to the next session', async () => {
    await serve(calls(call('a', 'look', {})), say('too far'));
    const limits = { maxTurns: 1, maxTokens: null, maxMinutes: null };
    const notes = async () =>
      server.requests.length === 0 ? [] : [{ id: '1', source: 'steer' as const, text: 'late' }];
    await runSession(await bench.attempt(server.url, { tools: [recordingTool('look')], limits, notes }));
    expect(bench.events.some(({ kind }) => kind === 'note_delivered')).toBe(false);
  });

  it('stops at its token limit', async () => {
    await serve(calls(call('a', 'look', {})), say('too far'));
    const limits = { maxTurns: 50, maxTokens: 100, maxMinutes: null };
    const ending = await runSession(await bench.attempt(server.url, { tools: [recordingTool('look')], limits }));
    expect(ending).toMatchObject({ kind: 'ended', reason: 'token_limit' });
  });

  it('delivers a note with the tool results of the turn in which it arrives, once', async () => {
    await serve(calls(call('a', 'look', {})), calls(call('b', 'look', {})), say('done'));
    const notes: { id: string; source: 'steer'; text: string }[] = [];
    const look = recordingTool('look', async () => {
      if (notes.length === 0) notes.push({ id: '1', source: 'steer', text: 'use UUIDs' });
      return ok('seen');
    });
    await runSession(await bench.attempt(server.url, { tools: [look], notes: async () => notes }));
    const note = { type: 'text', text: 'Note from the person who runs this build: use UUIDs' };
    expect(lastMessage(2)).toEqual({ role: 'user', content: [resultOf('a', 'seen'), note] });
    expect(lastMessage(3)).toEqual({ role: 'user', content: [resultOf('b', 'seen')] });
  });

  it('delivers a waiting note with the first message, and goes on for one that comes with the last answer', async () => {
    await serve(say('done'), say('done again'));
    let asked = 0;
    const notes = async () => {
      asked += 1;
      const first = { id: '1', source: 'steer', text: 'first' } as const;
      return asked === 1 ? [first] : [first, { id: 'q1', source: 'answer', text: 'yes' } as const];
    };
    const ending = await runSession(await bench.attempt(server.url, { notes }));
    expect(ending).toMatchObject({ turns: 2 });
    expect(JSON.stringify(messagesOf(1)[0])).toContain('Note from the person who runs this build: first');
    expect(JSON.stringify(lastMessage(2))).toContain('Answer from the person who runs this build: yes');
  });
});
