import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { packageRoot } from '../../../config/locations.js';
import { scratchDirectory } from '../../support/scratch.js';

const LOCK = pathToFileURL(path.join(packageRoot, 'scripts', 'bootstrap', 'lock.mjs')).href;

let scratch: ReturnType<typeof scratchDirectory>;
beforeEach(() => {
  scratch = scratchDirectory();
});
afterEach(() => scratch.remove());

/** Runs a set-up in a process of its own, its lock in the scratch directory. */
function setUp(work: string): Promise<{ status: number | null; stderr: string }> {
  const script = `
    import { appendFileSync, existsSync } from 'node:fs';
    import { withLock } from ${JSON.stringify(LOCK)};
    const log = (text) => appendFileSync('log', text + '\\n');
    await withLock(async () => { ${work} });`;
  return new Promise((resolve) => {
    let stderr = '';
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: scratch.path,
      env: { ...process.env, TMPDIR: scratch.path },
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.once('close', (status) => resolve({ status, stderr }));
  });
}

it('lets two set-ups of one checkout work one after the other, and the second says so', async () => {
  const until = `while (!existsSync('go')) await new Promise((r) => setTimeout(r, 20));`;
  const first = setUp(`log('begin'); ${until} log('end');`);
  while (!read('log').includes('begin')) await new Promise((resolve) => setTimeout(resolve, 20));
  const second = setUp(`log('begin'); log('end');`);
  setTimeout(() => writeFileSync(path.join(scratch.path, 'go'), ''), 1_500);
  expect((await first).status).toBe(0);
  expect((await second).stderr).toContain('another set-up of this checkout is at work');
  expect(read('log').trim().split('\n')).toEqual(['begin', 'end', 'begin', 'end']);
});

it('is taken over from a set-up that was killed', async () => {
  await setUp(`process.kill(process.pid, 'SIGKILL');`);
  expect((await setUp(`log('after');`)).status).toBe(0);
  expect(read('log')).toBe('after\n');
});

function read(name: string): string {
  try {
    return readFileSync(path.join(scratch.path, name), 'utf8');
  } catch {
    return '';
  }
}
