/** The real agent loop, journal and prompts against the offline model: the pair that every build without a key runs. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runSession } from '../../activities/agent/loop.js';
import { createModel } from '../../activities/agent/model.js';
import { faultScript } from '../../offline-model/faults.js';
import { type OfflineModel, startOfflineModel } from '../../offline-model/server.js';
import { renderPrompts } from '../../prompts/render.js';
import { DEFAULT_SETTINGS, EMPTY_TALLY, type Phase } from '../../workflows/contract.js';
import { dyingJournal, recordingTool, type SessionBench, sessionBench } from '../support/agent-session.js';
import { goodTools } from './conversations.js';

const SPEC = '# Task API\n\n## Overview\n\nPhase: coding\n';
const CODING_TURNS = 8;

let bench: SessionBench;
let server: OfflineModel;
beforeEach(async () => {
  bench = await sessionBench();
});
afterEach(async () => {
  await server.close();
  await bench.close();
});

const serve = async (faults: object[] = []): Promise<void> => {
  server = await startOfflineModel({ faults: faultScript.parse(faults) });
};

/** Tools that succeed and remember, and what a session with them needs. */
function session(phase: Phase): { inputs: unknown[]; overrides: object } {
  const inputs: unknown[] = [];
  const tools = ['bash', 'features', 'check', 'scaffold'].map((name) =>
    recordingTool(name, async (input) => {
      inputs.push(input);
      const { text, isError } = goodTools(name, input as Record<string, unknown>, inputs.length - 1);
      return { text, isError: isError ?? false };
    }),
  );
  const prompts = renderPrompts({
    ...DEFAULT_SETTINGS,
    phase,
    projectName: 'Task API',
    spec: SPEC,
    session: 1,
    tally: EMPTY_TALLY,
  });
  const model = createModel({ model: 'offline', baseUrl: server.url });
  const overrides = { phase, model, tools, systemPrompt: prompts.system, firstMessage: prompts.firstMessage };
  return { inputs, overrides };
}

describe('the agent loop on the offline model', () => {
  test.each<[Phase, number]>([
    ['initializer', 10],
    ['coding', CODING_TURNS],
  ])('takes the %s session to its end', async (phase, turns) => {
    await serve();
    const { inputs, overrides } = session(phase);
    const ending = await runSession(await bench.attempt(server.url, overrides));
    expect(ending).toMatchObject({ kind: 'ended', reason: 'end_turn', turns });
    expect(inputs).toHaveLength(turns - 1);
  });

  test('makes the same calls through rate limits, resets, half streams, garbage and overload', async () => {
    await serve([
      { request: 1, fault: 'status', status: 429, headers: { 'retry-after': '1' } },
      { request: 3, fault: 'reset_midstream' },
      { request: 5, fault: 'half_stream' },
      { request: 7, fault: 'garbage' },
      { request: 9, fault: 'status', status: 529, times: 2 },
      { request: 12, fault: 'error_event' },
    ]);
    const { inputs, overrides } = session('coding');
    const ending = await runSession(await bench.attempt(server.url, overrides));
    expect(ending).toMatchObject({ kind: 'ended', turns: CODING_TURNS });
    expect(inputs).toHaveLength(CODING_TURNS - 1);
    expect(bench.clock.slept.length).toBeGreaterThanOrEqual(7);
  });

  test('finishes after a crash at any journal entry, each call made at least once and at most twice', async () => {
    await serve();
    const whole = session('coding');
    await runSession(await bench.attempt(server.url, whole.overrides));
    const expected = new Set(whole.inputs.map((input) => JSON.stringify(input)));
    // Entries of a turn: response, call started, call done.
    for (let entries = 1; entries < 3 * CODING_TURNS; entries += 1) {
      await bench.close();
      bench = await sessionBench();
      const { inputs, overrides } = session('coding');
      const { journal, died } = dyingJournal(await bench.journal(), entries);
      const doomed = runSession(await bench.attempt(server.url, { ...overrides, journal }));
      await Promise.race([died, doomed]);
      const ending = await runSession(await bench.attempt(server.url, overrides));
      expect(ending).toMatchObject({ kind: 'ended', reason: 'end_turn' });
      const made = inputs.map((input) => JSON.stringify(input));
      expect(new Set(made)).toEqual(expected);
      expect(made.length).toBeLessThanOrEqual(expected.size + 1);
    }
  });
});
