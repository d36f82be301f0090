import { spawn } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { OutputValve } from '../../../../activities/security/inside/output-valve.mjs';

const KIB = 1024;

test('output within the burst passes at full speed and is not mentioned', async () => {
  const stream = new PassThrough();
  const valve = new OutputValve([stream], 100 * KIB, 1);
  stream.end(Buffer.alloc(100 * KIB));
  await new Promise((resolve) => stream.once('end', resolve));
  expect(valve.breach).toBeNull();
});

test('beyond it the writer waits, and what it printed is told', async () => {
  const child = spawn('yes', { stdio: ['ignore', 'pipe', 'ignore'] });
  let received = 0;
  const valve = new OutputValve([child.stdout], 64 * KIB, 64 * KIB);
  child.stdout.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  child.kill('SIGKILL');
  expect(received).toBeGreaterThan(64 * KIB);
  expect(received).toBeLessThan(600 * KIB);
  expect(valve.breach).toMatch(/^it printed [\d.]+ kB; beyond the first part it was slowed to 64 kB a second/);
});

test('the rest of a command that has ended comes at once', async () => {
  const stream = new PassThrough({ highWaterMark: 1_000 * KIB });
  const valve = new OutputValve([stream], KIB, 1);
  stream.write(Buffer.alloc(10 * KIB));
  stream.end(Buffer.alloc(10 * KIB));
  await new Promise((resolve) => setImmediate(resolve));
  expect(stream.isPaused()).toBe(true);
  valve.drain();
  await new Promise((resolve) => stream.once('end', resolve));
});
