import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../config/config.js';
import { processEnvironment } from '../../../config/environment.js';
import { down } from '../../../scripts/commands/down.js';
import { isAlive, type PidRecord } from '../../../scripts/host-process.js';
import { locateCluster } from '../../../scripts/postgres-server.js';
import { prepareMachine } from '../../../scripts/resolvers/machine.js';
import { readRunFile, readRuntime, runFilePath } from '../../../scripts/supervisor/run-file.js';
import { ensureSupervisor } from '../../../scripts/supervisor/start.js';
import type { Terminal } from '../../../scripts/terminal.js';
import { scratchDirectory } from '../../support/scratch.js';

/** Everything a build needs, started by the product's own supervisor process; in order, on one state directory. */
describe('what a command starts before it builds', () => {
  const scratch = scratchDirectory();
  const { TEMPORAL_ADDRESS: _a, NIGHTSHIFT_DATABASE_URL: _d, ANTHROPIC_API_KEY: _k, ...rest } = processEnvironment();
  const environment = { ...rest, NIGHTSHIFT_HOME: scratch.path };
  const config = loadConfig(environment);
  const said: string[] = [];
  const say = (line: string): void => {
    said.push(line);
  };
  const terminal = { line: say, problem: say } as Partial<Terminal> as Terminal;

  afterAll(async () => {
    await down({}, { config, terminal });
    const { postgres } = await prepareMachine(config);
    if (postgres.found) {
      const { data } = await locateCluster(scratch.path, postgres.path);
      rmSync(path.dirname(data), { recursive: true, force: true });
    }
    scratch.remove();
  });

  const processes = (): Record<string, PidRecord | null> =>
    Object.fromEntries((readRunFile(config)?.children ?? []).map(({ name, process }) => [name, process]));
  const supervisor = (): PidRecord => {
    const file = readRunFile(config);
    if (!file) throw new Error('no run file');
    return file.supervisor;
  };

  it('is a supervisor with four processes that all work', async () => {
    const runtime = await ensureSupervisor(config, say);
    expect(runtime.children.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'temporal running',
      'postgres running',
      'offline-model running',
      'worker running',
    ]);
    expect(said[0]).toContain('starting Temporal, PostgreSQL');
  });

  it('is taken as it is by the next command', async () => {
    const before = { children: processes(), supervisor: supervisor() };
    await ensureSupervisor(config, say);
    expect({ children: processes(), supervisor: supervisor() }).toEqual(before);
  });

  it('goes on without its supervisor, and the next command adopts it', async () => {
    const before = processes();
    const old = supervisor();
    process.kill(old.pid, 'SIGKILL');
    while (isAlive(old)) await delay(10);
    expect(readRuntime(config)?.supervisorAlive).toBe(false);
    expect(Object.values(before).every((record) => record && isAlive(record))).toBe(true);
    await ensureSupervisor(config, say);
    expect(processes()).toEqual(before);
    expect(supervisor()).not.toEqual(old);
  });

  it('gets a new worker, and only that, when a key is set', async () => {
    const before = processes();
    await ensureSupervisor(loadConfig({ ...environment, ANTHROPIC_API_KEY: 'sk-test-secret' }), say);
    const after = processes();
    expect({ ...after, worker: null }).toEqual({ ...before, worker: null });
    expect(after['worker']).not.toEqual(before['worker']);
  });

  it('keeps that worker when a shell without a key looks in', async () => {
    const before = processes();
    await ensureSupervisor(config, say);
    expect(processes()).toEqual(before);
  });

  it('writes the key into no file of the state directory', () => {
    for (const file of readdirSync(scratch.path, { recursive: true, withFileTypes: true })) {
      if (!file.isFile() || file.name.includes('.db')) continue;
      expect(readFileSync(path.join(file.parentPath, file.name), 'latin1')).not.toContain('sk-test-secret');
    }
    expect(readFileSync(runFilePath(config), 'utf8')).toContain('"providerHash": "');
  });

  it('is ended by down, all of it, and a second down has nothing to do', async () => {
    const all = [supervisor(), ...Object.values(processes())];
    expect(await down({}, { config, terminal })).toBe(0);
    expect(all.filter((record) => record && isAlive(record))).toEqual([]);
    said.length = 0;
    expect(await down({}, { config, terminal })).toBe(0);
    expect(said[0]).toContain('nothing runs');
  });
});
