import type { Duplex } from 'node:stream';
import { expect, test } from '@jest/globals';
import { describeSandboxed, eventually, places, shell } from './sandbox-fixture.js';

const SERVER =
  'require("node:http").createServer((q, r) => r.end("served " + q.url)).listen(Number(process.argv[1]), "127.0.0.1")';

describeSandboxed('commands of a session', () => {
  const at = places();

  test('stdout and stderr are merged, stdout is also there alone, and the exit status is kept', async () => {
    const sandbox = await at.open();
    const result = await shell(sandbox, 'echo out; echo err >&2; exit 7');
    expect(result).toMatchObject({
      exitCode: 7,
      stdout: 'out\n',
      timedOut: false,
      background: false,
      truncatedBytes: 0,
    });
    expect(result.output.split('\n').sort()).toEqual(['', 'err', 'out']);
  });

  test('an argument vector runs without a shell, with standard input, directory and environment', async () => {
    const sandbox = await at.open();
    await shell(sandbox, 'mkdir sub');
    const result = await sandbox.run({
      command: [
        'node',
        '-e',
        'process.stdin.pipe(process.stdout); console.log(process.cwd().split("/").pop(), process.env.X, "$HOME")',
      ],
      cwd: 'sub',
      environment: { X: 'y' },
      stdin: 'fed',
      timeoutMs: 10_000,
    });
    expect(result.stdout).toBe('sub y $HOME\nfed');
  });

  test('a program that does not exist is a result', async () => {
    const sandbox = await at.open();
    expect(await sandbox.run({ command: ['no-such-program'], timeoutMs: 5_000 })).toMatchObject({ exitCode: 127 });
    expect(await sandbox.run({ command: ['true'], cwd: 'nowhere', timeoutMs: 5_000 })).toMatchObject({ exitCode: 126 });
  });

  test('long output keeps its head and its tail and states the cut', async () => {
    const sandbox = await at.open();
    const result = await sandbox.run({ command: { shell: 'seq 1 200000' }, timeoutMs: 20_000, outputBytes: 1_000 });
    expect(result.output.startsWith('1\n2\n')).toBe(true);
    expect(result.output.endsWith('199999\n200000\n')).toBe(true);
    expect(result.output).toContain(`[... ${result.truncatedBytes} bytes of output left out here ...]`);
    expect(result.output.length).toBeLessThan(1_100);
  });

  test('a command over its time is ended, also one that ignores TERM', async () => {
    const sandbox = await at.open();
    expect(await shell(sandbox, 'sleep 60', 200)).toMatchObject({ timedOut: true, exitCode: null });
    const stubborn = await shell(sandbox, 'trap "" TERM; while true; do sleep 1; done', 200);
    expect(stubborn).toMatchObject({ timedOut: true, exitCode: null });
    expect((await shell(sandbox, 'ps -e | grep -c sleep')).stdout).toBe('0\n');
  });

  test('an abort ends the command and returns what it has', async () => {
    const sandbox = await at.open();
    const abort = new AbortController();
    const running = sandbox.run({
      command: { shell: 'echo started; sleep 60' },
      timeoutMs: 60_000,
      signal: abort.signal,
    });
    await eventually(async () => ((await shell(sandbox, 'pgrep sleep')).exitCode === 0 ? true : null), 'it sleeps');
    abort.abort();
    expect(await running).toMatchObject({ exitCode: null, timedOut: false, stdout: 'started\n' });
  });

  test('a background server outlives its command, answers the next one and the host', async () => {
    const sandbox = await at.open();
    const port = await sandbox.freePort();
    const result = await shell(sandbox, `node -e '${SERVER}' ${port} & echo ok`);
    expect(result).toMatchObject({ background: true, stdout: 'ok\n', exitCode: 0 });
    await eventually(
      async () => ((await shell(sandbox, `curl -s http://127.0.0.1:${port}/a`)).stdout === 'served /a' ? true : null),
      'curl answers',
    );
    expect(await ask(await sandbox.connect(port))).toContain('served /b');
  });

  test('a started server stops when asked, and nothing listens then', async () => {
    const sandbox = await at.open();
    const port = await sandbox.freePort();
    const server = await sandbox.start({ command: ['node', '-e', SERVER, String(port)] });
    const connection = await eventually(() => sandbox.connect(port).catch(() => null), 'it listens');
    connection.destroy();
    await server.stop();
    expect(await server.exited).toMatchObject({ exitCode: 143 });
    await expect(sandbox.connect(port)).rejects.toThrow(`nothing listens on 127.0.0.1:${port}`);
  });

  test('a refused host is named in the result, and nothing else is reachable', async () => {
    const sandbox = await at.open({ egress: ['packages.invalid:443'] });
    const result = await shell(
      sandbox,
      'curl -s https://example.invalid/; curl -s http://example.invalid/; curl -s --noproxy "*" -m 2 http://192.0.2.1/',
    );
    expect(result.refusedHosts).toEqual(['example.invalid:443', 'example.invalid:80']);
    expect((await shell(sandbox, 'true')).refusedHosts).toEqual([]);
  });
});

async function ask(connection: Duplex): Promise<string> {
  connection.write('GET /b HTTP/1.0\r\n\r\n');
  let text = '';
  for await (const chunk of connection) text += String(chunk);
  return text;
}
