import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { completeLimits } from '../../../activities/security/limits.js';
import { describeSandboxed, places, shell } from './sandbox-fixture.js';

const MIB = 1024 * 1024;
/** More than the limits below allow, mapped shared: no limit of a single process counts it. */
const SHARED_MEMORY = `import mmap
for _ in range(6):
    globals().setdefault("kept", []).append(mmap.mmap(-1, 100 << 20))
    for offset in range(0, 100 << 20, 4096): kept[-1][offset] = 1
print("got it")`;

test('a limit must be a whole number above 0', () => {
  expect(completeLimits({ processes: 7 })).toMatchObject({ processes: 7, openFiles: 4096 });
  expect(() => completeLimits({ cpuSeconds: 0 })).toThrow(
    'sandbox limit cpuSeconds is 0; it must be a whole number above 0',
  );
});

describeSandboxed('a command over a limit ends in one clear result, and the session goes on', () => {
  const at = places();

  test('yes > file ends at the size of one file', async () => {
    const sandbox = await at.open({ limits: { fileBytes: MIB } });
    const result = await shell(sandbox, 'yes > big');
    expect(result.exitCode).toBe(153);
    expect(result.limits).toEqual(['a file reached 1 MB, the most that one file may hold; the rest was not written']);
    expect((await shell(sandbox, 'stat -c %s big')).stdout).toBe(`${MIB}\n`);
  });

  test('a project that fills the disk file by file is ended as a whole', async () => {
    const sandbox = await at.open({ limits: { projectBytes: 40 * MIB } });
    const fill = 'i=0; while true; do i=$((i+1)); head -c 1000000 /dev/urandom > many.$i; sleep 0.01; done';
    const result = await shell(sandbox, fill, 30_000);
    expect(result).toMatchObject({ exitCode: 137, timedOut: false });
    expect(result.limits).toEqual([expect.stringMatching(/^the project holds [\d.]+ MB, more than the 40 MB it may/)]);
    expect(await shell(sandbox, 'rm many.* && echo cleaned')).toMatchObject({ stdout: 'cleaned\n', limits: [] });
  });

  test('/tmp, /dev/shm and the home are bounded', async () => {
    const sandbox = await at.open({ limits: { tmpfsBytes: MIB } });
    for (const directory of ['/tmp', '/dev/shm', '$HOME']) {
      const result = await shell(sandbox, `head -c 3000000 /dev/zero > ${directory}/x`);
      expect(result.exitCode).not.toBe(0);
      expect(result.output).toContain('No space left on device');
    }
  });

  test('10 GB of memory are refused at once', async () => {
    const sandbox = await at.open({ limits: { memoryBytes: 500 * MIB } });
    const python = await shell(sandbox, 'python3 -c "x = bytearray(10 << 30)"');
    expect(python).toMatchObject({ exitCode: 1, output: expect.stringContaining('MemoryError') });
    const node = await shell(sandbox, 'node -e "const x = []; for (;;) x.push(Buffer.alloc(100 << 20, 1))"');
    expect(node.exitCode).not.toBe(0);
    expect((await shell(sandbox, 'echo alive')).stdout).toBe('alive\n');
  });

  test('memory that no process alone holds is bounded too, and the result says so', async () => {
    const sandbox = await at.open({ limits: { memoryBytes: 300 * MIB } });
    const result = await sandbox.run({ command: ['python3', '-c', SHARED_MEMORY], timeoutMs: 20_000 });
    expect(result).toMatchObject({ exitCode: 137, stdout: '' });
    expect(result.limits).toEqual([expect.stringMatching(/^the memory of the session \(300 MB.*was used up/)]);
    expect((await shell(sandbox, 'echo alive')).stdout).toBe('alive\n');
  });

  test.each([
    ['bash', ':(){ :|:& };:; wait'],
    ['python', `python3 -c 'import os\nwhile True:\n  try: os.fork()\n  except OSError: pass'`],
    ['node', `node -e 'for (;;) require("node:child_process").spawn("sleep", ["30"]).on("error", () => {})'`],
  ])('a fork bomb of %s', async (_, bomb) => {
    const sandbox = await at.open({ limits: { processes: 60 } });
    const result = await shell(sandbox, bomb, 1_500);
    const told = [...result.limits, ...(await shell(sandbox, 'true')).limits];
    expect(told.join() || `timed out: ${result.timedOut}`).toMatch(
      /process limit of the sandbox \(60\)|timed out: true/,
    );
    expect((await shell(sandbox, 'echo alive')).stdout).toBe('alive\n');
  });

  test('a busy loop ends at its CPU time, without the wall clock', async () => {
    const sandbox = await at.open({ limits: { cpuSeconds: 1 } });
    const result = await shell(sandbox, 'while true; do :; done');
    expect(result).toMatchObject({ exitCode: 152, timedOut: false });
    expect(result.limits).toEqual(['a process used 1 s of CPU time, the most that one may use, and was ended']);
  });

  test('an endless tail -f ends at its time', async () => {
    const sandbox = await at.open();
    const result = await shell(sandbox, 'echo line > log; tail -f log', 500);
    expect(result).toMatchObject({ timedOut: true, exitCode: null, stdout: 'line\n' });
    expect((await shell(sandbox, 'pgrep tail')).exitCode).toBe(1);
  });

  test('open files and core dumps are bounded, and nothing inside can raise a limit', async () => {
    const sandbox = await at.open({ limits: { openFiles: 300 } });
    const result = await shell(sandbox, 'ulimit -n; ulimit -c; ulimit -n 4000; ulimit -u unlimited; ulimit -n');
    expect(result.stdout).toBe('300\n0\n300\n');
  });

  test('no limit touches the host: the worker may still do what it could before', async () => {
    const sandbox = await at.open({ limits: { processes: 60, openFiles: 300 } });
    await shell(sandbox, 'true');
    const own = readFileSync(path.join('/proc', String(process.pid), 'limits'), 'utf8');
    expect(own).not.toMatch(/Max open files\s+300/);
  });
});
