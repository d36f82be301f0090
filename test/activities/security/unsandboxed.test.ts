import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Sandbox } from '../../../activities/security/sandbox.js';
import { openUnsandboxed } from '../../../activities/security/unsandboxed.js';
import { eventually, sandboxRequest, shell } from './sandbox-fixture.js';

let projectDir = '';
let sandbox: Sandbox;

beforeEach(async () => {
  projectDir = mkdtempSync('/tmp/unsandboxed-test-');
  sandbox = await openUnsandboxed(sandboxRequest(projectDir, { environment: { X: 'y' } }));
});
afterEach(async () => {
  await sandbox.close();
  rmSync(projectDir, { recursive: true, force: true });
});

test('it says what it is and runs commands in the project with the environment that was asked for', async () => {
  expect(sandbox.kind).toBe('none');
  expect(sandbox.notes.join()).toContain('no sandbox');
  expect(await shell(sandbox, 'pwd; echo $X; exit 3')).toMatchObject({ exitCode: 3, stdout: `${projectDir}\ny\n` });
});

test('a command over its time is ended', async () => {
  expect(await shell(sandbox, 'sleep 60', 100)).toMatchObject({ timedOut: true, exitCode: null });
});

test('a server gets a really free port and answers on it', async () => {
  const port = await sandbox.freePort();
  const server = await sandbox.start({
    command: ['node', '-e', `require("node:net").createServer((s) => s.end("hi")).listen(${port}, "127.0.0.1")`],
  });
  const connection = await eventually(() => sandbox.connect(port).catch(() => null), 'it listens');
  const [chunk] = await connection.take(1).toArray();
  expect(String(chunk)).toBe('hi');
  await server.stop();
  await expect(sandbox.connect(port)).rejects.toThrow();
});

test('close also ends a child that left its group', async () => {
  await shell(sandbox, `setsid nohup sh -c 'while true; do date +%N > beat; sleep 0.02; done' >/dev/null 2>&1 &`);
  const beat = path.join(projectDir, 'beat');
  await eventually(() => (existsSync(beat) ? true : null), 'the child beats');
  await sandbox.close();
  const last = readFileSync(beat, 'utf8');
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(readFileSync(beat, 'utf8')).toBe(last);
});
