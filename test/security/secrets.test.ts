/**
 * An API key is in the worker's environment and on its way to the model, and nowhere else: a whole build as with Claude
 * (sandbox proved first, key sent), answered by the rules of the offline model behind a gateway that wants the key.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type OfflineModel, startOfflineModel } from '../../offline-model/server.js';
import { clusterPlace } from '../../scripts/postgres-server.js';
import { describeSandboxed } from '../activities/security/sandbox-fixture.js';
import { NotesBuild } from '../support/build-fixture.js';
import { type Ending, NightshiftProcess } from '../support/nightshift-process.js';
import { filesWith, holds, isInGitObjects, processesWith, secretFrom } from './secret-search.js';

const BUILD_MS = 600_000;
const LOOK_MS = 100;
const secret = secretFrom(`sk-ant-canary-${randomBytes(24).toString('hex')}`);

/** A gateway like a person's own: wants the key, and knows the one model by another name. */
async function gateway(rules: OfflineModel, keys: Set<string>): Promise<Server> {
  const server = createServer(async (request, response) => {
    keys.add(request.headers['x-api-key']?.toString() ?? String(request.headers.authorization).replace('Bearer ', ''));
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const asked = JSON.parse(Buffer.concat(chunks).toString()) as { model: string };
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ ...asked, model: 'offline' });
    const answer = await fetch(`${rules.url}${request.url}`, { method: 'POST', headers, body });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
    response.end((await answer.text()).replaceAll('"model":"offline"', `"model":"${asked.model}"`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

describeSandboxed('an API key during and after a full build', () => {
  const keys = new Set<string>();
  const seenIn = new Set<string>();
  let nightshift: NightshiftProcess;
  let build: NotesBuild;
  let ending: Ending;
  let rules: OfflineModel;
  let server: Server;

  beforeAll(async () => {
    rules = await startOfflineModel();
    server = await gateway(rules, keys);
    nightshift = NightshiftProcess.fresh();
    build = new NotesBuild(nightshift, 'with-a-key');
    const looking = setInterval(() => {
      for (const { uid, commandLine } of processesWith(secret)) seenIn.add(`${uid} ${commandLine}`);
    }, LOOK_MS);
    ending = await nightshift.run(build.command('build', '--model', 'claude-sonnet-5-5', '--max-cost', '10000'), {
      ANTHROPIC_API_KEY: secret.value,
      ANTHROPIC_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    });
    clearInterval(looking);
  }, BUILD_MS);
  afterAll(async () => {
    await nightshift.close();
    server.close();
    await rules.close();
  }, 60_000);

  test('was used: the build as with Claude ended well, and the model got the key', () => {
    expect(ending).toMatchObject({ exitCode: 0 });
    expect([...keys]).toEqual([secret.value]);
    const { passing, total } = build.features();
    expect(passing).toBe(total);
  });

  test('was in the environment of the command, the supervisor and the worker only', () => {
    const programs = [...seenIn].map((line) => line.replace(/^\d+ \S*node /, '').replaceAll(/\S*\//g, ''));
    const strangers = programs.filter((line) => !/^(--\S+ )*(nightshift build |main\.js)/.test(line));
    expect(strangers).toEqual([]);
    expect([...seenIn].some((line) => line.includes('workers/main.js'))).toBe(true);
    for (const line of seenIn) expect(line).toMatch(new RegExp(`^${process.getuid?.()} `));
    expect([...seenIn].some((line) => line.includes(secret.value))).toBe(false);
  });

  test('is in no file of the project and in no object of its repository', () => {
    const { found, looked } = filesWith(secret, build.projectDir);
    expect(found).toEqual([]);
    expect(looked.length).toBeGreaterThan(60);
    expect(isInGitObjects(secret, build.projectDir)).toBe(false);
  });

  test('is in no file of the state directory: journal, ledger, logs, Temporal, PostgreSQL', () => {
    const places = [nightshift.home, clusterPlace(nightshift.home)].map((place) => filesWith(secret, place));
    expect(places.flatMap(({ found }) => found)).toEqual([]);
    const looked = places.flatMap((place) => place.looked).map((file) => file.replace(/^.*\//, ''));
    for (const name of ['temporal.db', 'ledger.json', 'events.jsonl', 'worker.log', 'supervisor.json', 'PG_VERSION']) {
      expect(looked).toContain(name);
    }
  });

  test('is in nothing that the command printed, nor in the history that Temporal shows', async () => {
    expect(holds(secret, Buffer.from(ending.stdout + ending.stderr))).toBe(false);
    const shown = await nightshift.run(['temporal', 'workflow', 'show', '-w', build.workflowId, '-o', 'json']);
    expect(shown.stdout).toContain('WORKFLOW_EXECUTION_COMPLETED');
    expect(holds(secret, Buffer.from(shown.stdout))).toBe(false);
    const payloads = [...shown.stdout.matchAll(/"data": ?"([A-Za-z0-9+/=]+)"/g)].map(([, data = '']) => data);
    for (const data of payloads) expect(holds(secret, Buffer.from(data, 'base64'))).toBe(false);
  });
});

test('the search finds a secret that is there: plain, encoded, in a deleted file of a repository, in a process', () => {
  const directory = mkdtempSync('/tmp/nightshift-secret-');
  const git = (...args: readonly string[]): Buffer =>
    execFileSync('git', ['-C', directory, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args]);
  try {
    git('init', '-q');
    writeFileSync(path.join(directory, 'plain'), `KEY=${secret.value}`);
    git('add', 'plain');
    git('commit', '-qm', 'by mistake');
    git('rm', '-q', 'plain');
    git('commit', '-qm', 'gone');
    expect(filesWith(secret, directory).found).toEqual([]);
    expect(isInGitObjects(secret, directory)).toBe(true);
    for (const prefix of ['', 'a', 'ab']) {
      writeFileSync(path.join(directory, 'encoded'), Buffer.from(`${prefix}${secret.value}`).toString('base64'));
      expect(filesWith(secret, directory).found).toHaveLength(1);
    }
    const shell = `exec ${process.execPath} -e 'setTimeout(() => {}, 2000)'`;
    const pid = execFileSync('bash', ['-c', `${shell} >/dev/null 2>&1 & echo $!`], {
      env: { CANARY: secret.value },
      encoding: 'utf8',
    });
    expect(processesWith(secret).length).toBeGreaterThan(0);
    process.kill(Number(pid), 'SIGKILL');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
