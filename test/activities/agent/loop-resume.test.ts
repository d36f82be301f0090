import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { INTERRUPTED, NOT_STARTED } from '../../../activities/agent/conversation.js';
import { readJournal, unfinishedSession } from '../../../activities/agent/journal.js';
import { runSession } from '../../../activities/agent/loop.js';
import { ok } from '../../../activities/tools/tool.js';
import { dyingJournal, recordingTool, type SessionBench, sessionBench } from '../../support/agent-session.js';
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

describe('an abort', () => {
  it('in mid-stream drops the half answer and continues at the same turn', async () => {
    await serve(calls(call('a', 'look', {})), { kind: 'hang' }, say('done'));
    const pause = new AbortController();
    const tools = [recordingTool('look')];
    const running = bench.attempt(server.url, { tools, signal: pause.signal }).then(runSession);
    await server.arrived(2);
    pause.abort(new Error('pause'));
    expect(await running).toMatchObject({ kind: 'aborted', turn: 2 });
    await server.hangUp;
    expect(await runSession(await bench.attempt(server.url, { tools }))).toMatchObject({ kind: 'ended', turns: 2 });
    expect(server.requests[2]?.raw).toBe(server.requests[1]?.raw);
  });

  it('in mid-tool hands over what the tool has, starts no further call, and the next turn reads it', async () => {
    await serve(calls(call('a', 'slow', {}), call('b', 'next', {})), say('done'));
    const pause = new AbortController();
    const slow = recordingTool('slow', async (_, { signal }) => {
      pause.abort(new Error('pause'));
      return signal.aborted ? ok('half of the output') : ok('whole');
    });
    const next = recordingTool('next');
    const tools = [slow, next];
    expect(await runSession(await bench.attempt(server.url, { tools, signal: pause.signal }))).toMatchObject({
      kind: 'aborted',
      turn: 2,
    });
    await runSession(await bench.attempt(server.url, { tools }));
    expect(next.inputs).toEqual([]);
    expect(lastMessage(2)).toEqual({
      role: 'user',
      content: [resultOf('a', 'half of the output'), resultOf('b', NOT_STARTED, true)],
    });
  });

  it('does not wait for a tool that ignores it', async () => {
    await serve(calls(call('a', 'deaf', {})), say('done'));
    const pause = new AbortController();
    const deaf = recordingTool('deaf', () => {
      pause.abort(new Error('pause'));
      return new Promise(() => undefined);
    });
    const ending = await runSession(await bench.attempt(server.url, { tools: [deaf], signal: pause.signal }));
    expect(ending).toMatchObject({ kind: 'aborted', turn: 2 });
    expect(bench.clock.slept).toEqual([2_000]);
    expect((await readJournal(bench.buildDir, 1)).at(-1)).toMatchObject({ kind: 'tool_done', text: INTERRUPTED });
  });
});

describe('a worker that dies', () => {
  const script: readonly Step[] = [
    calls(call('a', 'one', {}), call('b', 'two', {})),
    calls(call('c', 'one', {})),
    say('done'),
  ];
  /** Entries of the undisturbed session: start, answer, a, a, b, b, answer, c, c, answer, end. */
  const entries = 11;

  it.each(Array.from({ length: entries }, (_, count) => count))(
    'after %i journal entries costs at most the call in flight, and repeats no tool',
    async (count) => {
      await serve(...script.flatMap((step) => [step]), ...script);
      const ran: string[] = [];
      const tools = ['one', 'two'].map((name) =>
        recordingTool(name, async () => {
          ran.push(name);
          return ok(`${name} done`);
        }),
      );
      const { journal, died } = dyingJournal(await bench.journal(), count);
      void runSession(await bench.attempt(server.url, { tools, journal }));
      await died;
      const paid = server.requests.length;
      const answered = journal.entries.filter((entry) => entry.kind === 'model_response').length;
      await server.close();

      await serve(...script.slice(answered));
      const ending = await runSession(await bench.attempt(server.url, { tools }));
      expect(ending).toMatchObject({ kind: 'ended', reason: 'end_turn', turns: 3 });
      expect(paid - answered).toBeLessThanOrEqual(1);
      expect(server.requests).toHaveLength(3 - answered);
      expect(ran.length).toBeLessThanOrEqual(3);
      expect(await unfinishedSession(bench.buildDir)).toBeNull();
    },
  );

  it('in mid-tool reports that call as interrupted and those behind it as not started', async () => {
    await serve(...script);
    const tools = [recordingTool('one'), recordingTool('two')];
    const { journal, died } = dyingJournal(await bench.journal(), 3);
    void runSession(await bench.attempt(server.url, { tools, journal }));
    await died;
    await runSession(await bench.attempt(server.url, { tools }));
    expect(tools.map((tool) => tool.inputs.length)).toEqual([2, 0]);
    expect(lastMessage(2)).toEqual({
      role: 'user',
      content: [resultOf('a', INTERRUPTED, true), resultOf('b', NOT_STARTED, true)],
    });
  });

  it('between two calls lets the second run, for nothing has happened to it', async () => {
    await serve(...script);
    const tools = [recordingTool('one'), recordingTool('two')];
    const { journal, died } = dyingJournal(await bench.journal(), 4);
    void runSession(await bench.attempt(server.url, { tools, journal }));
    await died;
    await runSession(await bench.attempt(server.url, { tools }));
    expect(tools.map((tool) => tool.inputs.length)).toEqual([2, 1]);
    expect(lastMessage(2)).toEqual({ role: 'user', content: [resultOf('a', 'one done'), resultOf('b', 'two done')] });
  });
});
