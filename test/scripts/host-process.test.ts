import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isAlive, LOG_LIMIT_BYTES, ownRecord, run, spawnDetached, stop } from '../../scripts/host-process.js';
import { scratchDirectory } from '../support/scratch.js';

describe('a program that runs to its end', () => {
  it('is a result when it fails, with its last words', async () => {
    const result = await run('/bin/sh', ['-c', 'echo one; echo bad >&2; exit 3']);
    expect(result).toMatchObject({ exitCode: 3, stdout: 'one', problem: 'bad' });
  });

  it('is a result when it does not exist', async () => {
    const result = await run('/nonexistent/program', []);
    expect(result.exitCode).toBeNull();
    expect(result.problem).toContain('ENOENT');
  });

  it('is killed at its time limit', async () => {
    const result = await run('/bin/sh', ['-c', 'exec sleep 30'], { timeoutMs: 200 });
    expect(result.exitCode).toBeNull();
    expect(result.problem).toContain('timed out');
  });

  it('sees only the environment it is given', async () => {
    const result = await run('/usr/bin/env', [], { environment: { ONLY: '1' } });
    expect(result.stdout).toBe('ONLY=1');
  });
});

describe('a program in the background', () => {
  let scratch: ReturnType<typeof scratchDirectory>;
  beforeEach(() => {
    scratch = scratchDirectory();
  });
  afterEach(() => scratch.remove());

  const request = (script: string) => ({
    command: ['/bin/sh', '-c', script] as [string, ...string[]],
    environment: { PATH: '/usr/bin:/bin' },
    cwd: scratch.path,
    logFile: path.join(scratch.path, 'log'),
  });

  it('is known by pid and start time, and is gone after stop', async () => {
    const record = await spawnDetached(request('exec sleep 60'));
    expect(isAlive(record)).toBe(true);
    expect(isAlive({ ...record, startTime: 'another' })).toBe(false);
    await stop(record, 5_000);
    expect(isAlive(record)).toBe(false);
  });

  it('is killed when it does not end within its grace', async () => {
    const record = await spawnDetached(request('trap "" TERM; echo ready; while :; do sleep 1; done'));
    await written(path.join(scratch.path, 'log'), 'ready');
    await stop(record, 100);
    expect(isAlive(record)).toBe(false);
  });

  it('leaves a process alone whose pid now belongs to another', async () => {
    await stop({ pid: process.pid, startTime: 'another' }, 100);
    expect(isAlive(ownRecord())).toBe(true);
  });

  it('appends to its log, and starts a new one when the old one is too long', async () => {
    const log = path.join(scratch.path, 'log');
    writeFileSync(log, Buffer.alloc(LOG_LIMIT_BYTES + 1));
    await spawnDetached(request('echo said'));
    await written(log, 'said');
    expect(readFileSync(`${log}.1`).length).toBe(LOG_LIMIT_BYTES + 1);
  });

  it('reports a program that cannot start', async () => {
    const missing = { ...request(''), command: ['/nonexistent/program'] as [string, ...string[]] };
    await expect(spawnDetached(missing)).rejects.toThrow('ENOENT');
  });
});

async function written(file: string, text: string): Promise<void> {
  while (!readFileSync(file, 'utf8').includes(text)) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('a trusted program', () => {
  it('never gets a credential of a model, neither from this process nor from a given environment', async () => {
    const show = ['-c', 'echo "[$ANTHROPIC_API_KEY$ANTHROPIC_AUTH_TOKEN] $OTHER"'];
    const given = { ANTHROPIC_API_KEY: 'key', ANTHROPIC_AUTH_TOKEN: 'token', OTHER: 'kept' };
    expect((await run('/bin/sh', show, { environment: given })).stdout).toBe('[] kept');
    process.env['ANTHROPIC_API_KEY'] = 'of this process';
    expect((await run('/bin/sh', show)).stdout).toBe('[] ');
    delete process.env['ANTHROPIC_API_KEY'];
  });
});
