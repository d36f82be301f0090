import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { unfinishedSession } from '../../../activities/agent/journal.js';
import { runSession } from '../../../activities/agent/loop.js';
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

describe('a model that fails', () => {
  it.each<[string, Step, number]>([
    [
      '429 with retry-after',
      { kind: 'error', status: 429, type: 'rate_limit_error', headers: { 'retry-after': '7' } },
      7_000,
    ],
    [
      '429 with retry-after-ms',
      { kind: 'error', status: 429, type: 'rate_limit_error', headers: { 'retry-after-ms': '250' } },
      250,
    ],
    ['529', { kind: 'error', status: 529, type: 'overloaded_error' }, 1_000],
    ['500', { kind: 'error', status: 500, type: 'api_error' }, 1_000],
    ['a connection reset in mid-stream', { kind: 'half', broken: 'reset' }, 1_000],
    ['an error event in mid-stream', { kind: 'half', broken: 'overloaded' }, 1_000],
    ['a stream that ends early', { kind: 'half', broken: 'end' }, 1_000],
    ['garbage in the stream', { kind: 'half', broken: 'garbage' }, 1_000],
  ])('is called again after %s', async (_, step, waited) => {
    await serve(step, say('done'));
    const ending = await runSession(await bench.attempt(server.url));
    expect(ending).toMatchObject({ kind: 'ended', turns: 1 });
    expect(bench.clock.slept).toEqual([waited]);
    expect(server.requests).toHaveLength(2);
    expect(server.requests[1]?.raw).toBe(server.requests[0]?.raw);
  });

  it('leaves a long retry-after to the workflow, to the second, and the session stays unfinished', async () => {
    await serve({ kind: 'error', status: 429, type: 'rate_limit_error', headers: { 'retry-after': '3600' } });
    const ending = await runSession(await bench.attempt(server.url));
    expect(ending).toMatchObject({ kind: 'wait', until: '2026-11-23T01:00:00.000Z' });
    expect(await unfinishedSession(bench.buildDir)).toBe(1);
  });

  it('is left to the workflow after a minute of failures', async () => {
    await serve(...Array.from({ length: 8 }, (): Step => ({ kind: 'error', status: 529, type: 'overloaded_error' })));
    const ending = await runSession(await bench.attempt(server.url));
    expect(ending.kind).toBe('wait');
    expect(bench.clock.slept).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000]);
  });

  it('parks for a bad key and says the cure', async () => {
    await serve({ kind: 'error', status: 401, type: 'authentication_error', message: 'invalid x-api-key' });
    const ending = await runSession(await bench.attempt(server.url));
    expect(ending).toMatchObject({ kind: 'needs_attention', attention: { kind: 'bad_key' } });
    expect(bench.clock.slept).toEqual([]);
  });

  it('ends the session, not the build, when the conversation no longer fits', async () => {
    const full: Step = {
      kind: 'error',
      status: 400,
      type: 'invalid_request_error',
      message: 'prompt is too long: 9 > 8',
    };
    await serve(calls(call('a', 'look', {})), full);
    const ending = await runSession(await bench.attempt(server.url, { tools: [recordingTool('look')] }));
    expect(ending).toMatchObject({ kind: 'ended', reason: 'token_limit', turns: 1 });
  });
});
