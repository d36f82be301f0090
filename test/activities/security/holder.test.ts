import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { openSandbox } from '../../../activities/security/bubblewrap.js';
import { identityOf, isAlive, killHolder } from '../../../activities/security/holder.js';
import { sweepRuntimeDirectories } from '../../../activities/security/sandbox-runtime.js';
import { describeSandboxed, eventually, places, sandboxRequest, shell } from './sandbox-fixture.js';

const WORKER = fileURLToPath(new URL('./crashing-worker.js', import.meta.url));

test('a process is known by pid and start time', () => {
  const own = identityOf(process.pid);
  expect(own && isAlive(own)).toBe(true);
  expect(isAlive({ pid: process.pid, startTime: '1' })).toBe(false);
});

test('a reused pid is left alone', async () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  expect(await killHolder(child.pid ?? 0, 'another start')).toBe(false);
  expect(child.exitCode).toBeNull();
  child.kill('SIGKILL');
});

describeSandboxed('taking over from a dead attempt', () => {
  const at = places();

  test('killHolder ends everything of a recorded sandbox', async () => {
    const sandbox = await openSandbox(sandboxRequest(at.directory()));
    await shell(sandbox, 'setsid sleep 61.5 >/dev/null 2>&1 &');
    const holder = sandbox.holder;
    if (holder === null) throw new Error('a sandbox has a holder');
    expect(await killHolder(holder.pid, holder.startTime)).toBe(true);
    expect(running('61.5')).toEqual([]);
    await expect(shell(sandbox, 'true')).rejects.toThrow('the sandbox is gone');
    await sandbox.close();
  });

  test('a worker that is killed leaves no process, and the next one cleans up and gives the project back', async () => {
    const projectDir = mkdtempSync('/tmp/security-crash-');
    const worker = spawn(process.execPath, [WORKER, projectDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    await firstLine(worker);
    expect(running('62.5')).toHaveLength(1);
    worker.kill('SIGKILL');
    await eventually(() => (running('62.5').length === 0 ? true : null), 'its processes are gone');
    await eventually(async () => {
      await sweepRuntimeDirectories();
      return statSync(path.join(projectDir, 'made')).uid === process.getuid?.() ? true : null;
    }, 'the project belongs to its owner again');
    rmSync(projectDir, { recursive: true });
  });
});

function firstLine(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.stdout?.once('data', () => resolve()));
}

/** Pids whose command line holds the text. */
function running(text: string): string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'latin1').split('\0').includes(text);
    } catch {
      return false;
    }
  });
}
