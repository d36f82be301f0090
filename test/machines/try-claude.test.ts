/** `try-claude` whole: the rule-based model stands in for the provider behind a gateway that only renames the model. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { packageRoot } from '../../config/locations.js';
import { freePort } from '../../scripts/free-port.js';
import { describeSandboxed } from '../activities/security/sandbox-fixture.js';
import { eventually } from '../support/eventually.js';
import { type Ending, NightshiftProcess } from '../support/nightshift-process.js';

const KEY = 'sk-ant-api03-nobodys-key-0123456789';
const MODEL = 'claude-sonnet-5-5';

describeSandboxed('try-claude', () => {
  let nightshift: NightshiftProcess;
  let model: ChildProcess;
  let gateway: Server;
  let ending: Ending;
  let evidence: string;

  beforeAll(async () => {
    const port = await freePort();
    model = spawn(process.execPath, [
      path.join(packageRoot, 'dist', 'offline-model', 'main.js'),
      '--port',
      String(port),
    ]);
    gateway = await renaming(port);
    nightshift = NightshiftProcess.fresh();
    await eventually('the model answers', () =>
      fetch(`http://127.0.0.1:${port}/healthz`).then(
        () => true,
        () => false,
      ),
    );
    const { port: door } = gateway.address() as AddressInfo;
    const variables = { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: `http://127.0.0.1:${door}` };
    ending = await nightshift.run(['try-claude', '--model', MODEL, '--evidence', 'evidence'], variables);
    const directory = path.join(nightshift.directory, 'evidence');
    const [file] = existsSync(directory) ? readdirSync(directory) : [];
    evidence = file === undefined ? '' : readFileSync(path.join(directory, file), 'utf8');
  }, 590_000);
  afterAll(async () => {
    await nightshift.close();
    gateway.close();
    model.kill();
  }, 120_000);

  it('builds its one resource and says what it spent', () => {
    expect({ ...ending }).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^Done: (\d+)\/\1 features/m) });
    expect(ending.stdout).toContain('at most 10 minutes and 1 USD');
    expect(existsSync(path.join(nightshift.directory, 'try_claude', 'app', 'main.py'))).toBe(true);
  });

  it('leaves an evidence file of who answered, turn by turn', () => {
    const told = JSON.parse(evidence);
    expect(told).toMatchObject({
      version: 1,
      model: MODEL,
      status: 'done',
      server: expect.stringContaining('not the provider itself'),
    });
    expect(told.sessions.map(({ phase }: { phase: string }) => phase)).toEqual(['initializer', 'coding']);
    const [first] = told.sessions[0].turns;
    expect(first).toMatchObject({ turn: 1, stopReason: 'tool_use', usage: { inputTokens: expect.any(Number) } });
    expect(ending.stdout).toMatch(/^Evidence: \S+evidence\/\d{8}T\d{4}-claude-sonnet-5-5\.json$/m);
  });

  it('puts no key, path or prompt into it', () => {
    for (const secret of [KEY, nightshift.directory, packageRoot, 'Bookmarks API', 'bash -'])
      expect(evidence).not.toContain(secret);
    expect(evidence.length).toBeLessThan(100_000);
  });

  it('is refused without a key, and without a terminal to ask at', async () => {
    const keyless = await nightshift.run(['try-claude']);
    expect(keyless).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/ANTHROPIC_API_KEY=… \S+ try-claude\n$/),
    });
    const unasked = await nightshift.run(['try-claude'], { ANTHROPIC_API_KEY: KEY });
    expect(unasked).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`try-claude --model ${MODEL}`) });
  }, 60_000);
});

/** Passes everything on to the rule-based model, under the name by which that one is known. */
async function renaming(port: number): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8').replace(`"model":"${MODEL}"`, '"model":"offline"');
      const headers = {
        ...incoming.headers,
        host: `127.0.0.1:${port}`,
        'content-length': String(Buffer.byteLength(body)),
      };
      const options = { port, host: '127.0.0.1', path: incoming.url, method: incoming.method, headers };
      const onward = httpRequest(options, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on('error', () => outgoing.destroy());
      onward.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
