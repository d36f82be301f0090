import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { INTERRUPTED } from '../../../activities/agent/conversation.js';
import { readJournal } from '../../../activities/agent/journal.js';
import { runSession } from '../../../activities/agent/loop.js';
import { recordingTool, type SessionBench, sessionBench } from '../../support/agent-session.js';
import { call, calls, type ScriptedModel, say, scriptedModel } from '../../support/scripted-model.js';

const program = fileURLToPath(new URL('../../support/session-process.js', import.meta.url));

let bench: SessionBench;
let server: ScriptedModel;
let child: ChildProcess;

beforeEach(async () => {
  bench = await sessionBench();
  server = await scriptedModel([calls(call('a', 'work', {})), say('done')]);
  child = spawn(process.execPath, [program, bench.buildDir, server.url], { stdio: ['pipe', 'pipe', 'inherit'] });
});
afterEach(async () => {
  child.kill('SIGKILL');
  await server.close();
  await bench.close();
});

async function lineOf(process: ChildProcess): Promise<string> {
  const [chunk] = process.stdout === null ? [''] : await once(process.stdout, 'data');
  return String(chunk).trim();
}

describe('a worker process', () => {
  it('killed in mid-tool costs nothing but that call: the session goes on in another process', async () => {
    expect(await lineOf(child)).toBe('working');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const work = recordingTool('work');
    const ending = await runSession(await bench.attempt(server.url, { tools: [work] }));
    expect(ending).toMatchObject({ kind: 'ended', turns: 2 });
    expect(server.requests).toHaveLength(2);
    expect(work.inputs).toEqual([]);
    expect(JSON.stringify(server.requests[1]?.body.messages)).toContain(INTERRUPTED);
  });

  it('that comes back to life after a take-over writes nothing and calls no model', async () => {
    expect(await lineOf(child)).toBe('working');
    child.kill('SIGSTOP');
    await runSession(await bench.attempt(server.url, { tools: [recordingTool('work')] }));
    const finished = await readJournal(bench.buildDir, 1);
    child.stdin?.write('go on\n');
    const said = lineOf(child);
    child.kill('SIGCONT');
    expect(await said).toBe('LeaseLost');
    expect(await readJournal(bench.buildDir, 1)).toEqual(finished);
    expect(server.requests).toHaveLength(2);
  });
});
