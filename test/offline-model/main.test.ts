import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, test } from '@jest/globals';
import { packageRoot } from '../../config/locations.js';

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

function start(...flags: string[]): ChildProcess {
  const main = path.join(packageRoot, 'dist', 'offline-model', 'main.js');
  const child = spawn(process.execPath, [main, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  return child;
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('no stdout');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return line;
}

describe('the process', () => {
  test('prints its URL, answers there, and ends on SIGTERM with 0', async () => {
    const child = start('--port', '0');
    const url = await firstLine(child);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });

  test('refuses a port that is none with exit 2, and a taken one with exit 1', async () => {
    expect(await once(start('--port', 'x'), 'exit')).toEqual([2, null]);
    const url = await firstLine(start());
    expect(await once(start('--port', new URL(url).port), 'exit')).toEqual([1, null]);
  });
});
