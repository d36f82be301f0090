import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Config, loadConfig } from '../../../config/config.js';
import { processEnvironment } from '../../../config/environment.js';
import { answersAt } from '../../../scripts/client.js';
import { ownRecord, run } from '../../../scripts/host-process.js';
import { acceptsQueries, locateCluster } from '../../../scripts/postgres-server.js';
import { resolveMachine } from '../../../scripts/resolvers/machine.js';
import type { Machine } from '../../../scripts/resolvers/machine-stamp.js';
import { silentStep } from '../../../scripts/resolvers/resolution.js';
import { supervisedPlans } from '../../../scripts/supervisor/plans.js';
import {
  type ChildRecord,
  makeRunDirectories,
  type Runtime,
  readRuntime,
  writeRunFile,
} from '../../../scripts/supervisor/run-file.js';
import { Supervisor } from '../../../scripts/supervisor/supervisor.js';
import { scratchDirectory } from '../../support/scratch.js';

/** The servers of the table, really started; the worker has tests of its own. */
describe('the supervised servers', () => {
  const scratch = scratchDirectory();
  const { TEMPORAL_ADDRESS: _address, ...environment } = processEnvironment();
  const config: Config = loadConfig({ ...environment, NIGHTSHIFT_HOME: scratch.path });
  let machine: Machine;
  let supervisor: Supervisor;
  const waiting: (() => void)[] = [];

  beforeAll(async () => {
    makeRunDirectories(config);
    machine = await resolveMachine(config, silentStep, true);
    const records = (): readonly ChildRecord[] => supervisor?.records ?? [];
    const plans = supervisedPlans({ config, machine, codeVersion: 'test', providerHash: null, records });
    const servers = plans.filter(({ name }) => name !== 'worker');
    supervisor = new Supervisor(servers, [], () => {
      save();
      for (const resolve of waiting.splice(0)) resolve();
    });
    supervisor.run();
    for (const { name } of servers) await until(name, ({ state }) => state === 'running');
  });
  afterAll(async () => {
    await supervisor.shutDown();
    if (machine.postgres.found) {
      const { data } = await locateCluster(scratch.path, machine.postgres.path);
      rmSync(path.dirname(data), { recursive: true, force: true });
    }
    scratch.remove();
  });

  function save(): void {
    writeRunFile(config, {
      version: 1,
      supervisor: ownRecord(),
      packageRoot: '/srv/nightshift',
      codeVersion: 'test',
      lockHash: 'test',
      providerHash: null,
      serversHash: 'test',
      externalTemporal: null,
      python: null,
      uv: null,
      bubblewrap: null,
      children: supervisor.records,
    });
  }

  async function until(name: string, answer: (record: ChildRecord) => boolean): Promise<ChildRecord> {
    for (;;) {
      const record = supervisor.records.find((one) => one.name === name);
      if (record && answer(record)) return record;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  }

  async function killAndReturn(name: string): Promise<ChildRecord> {
    const before = await until(name, ({ state }) => state === 'running');
    process.kill(before.process?.pid ?? 0, 'SIGKILL');
    return until(name, ({ state, process: now }) => state === 'running' && now?.pid !== before.process?.pid);
  }

  const runtime = (): Runtime => {
    const now = readRuntime(config);
    if (!now) throw new Error('no run file');
    return now;
  };

  it('answer where the run file says', async () => {
    const { temporalAddress, webUiAddress, postgres, offlineModelUrl } = runtime();
    expect(await answersAt(temporalAddress ?? '')).toBe(true);
    expect((await fetch(webUiAddress ?? '')).status).toBe(200);
    expect(await acceptsQueries(postgres?.adminUrl ?? '')).toBe(true);
    expect((await fetch(`${offlineModelUrl}/healthz`)).ok).toBe(true);
  });

  it('bind the loopback address only', async () => {
    const { stdout } = await run('cat', ['/proc/net/tcp']);
    const ports = new Set(runtime().children.flatMap(({ ports }) => Object.values(ports)));
    const listening = stdout.split('\n').flatMap((line) => {
      const [, local, , state] = line.trim().split(/\s+/);
      const [address, port] = local?.split(':') ?? [];
      return state === '0A' && ports.has(Number.parseInt(port ?? '', 16)) ? [address] : [];
    });
    expect(listening.length).toBeGreaterThan(0);
    expect(new Set(listening)).toEqual(new Set(['0100007F']));
  });

  it('keep what Temporal knows, and its port, when it is killed', async () => {
    if (!machine.temporal.found) throw new Error('no temporal');
    const { temporalAddress } = runtime();
    const address = ['--address', temporalAddress ?? ''];
    await run(machine.temporal.path, ['operator', 'namespace', 'create', '-n', 'kept', ...address]);
    const record = await killAndReturn('temporal');
    expect(runtime().temporalAddress).toBe(temporalAddress);
    expect(record.restarts).toBe(1);
    const again = await run(machine.temporal.path, ['operator', 'namespace', 'describe', '-n', 'kept', ...address]);
    expect(again.exitCode).toBe(0);
  });

  it('keep histories for thirty days', async () => {
    if (!machine.temporal.found) throw new Error('no temporal');
    const args = ['operator', 'namespace', 'describe', '-n', 'default', '--address', runtime().temporalAddress ?? ''];
    expect((await run(machine.temporal.path, args)).stdout).toContain('720h');
  });

  it('come back with PostgreSQL on its port when it is killed', async () => {
    const before = runtime().postgres;
    await killAndReturn('postgres');
    expect(runtime().postgres).toEqual(before);
    expect(await acceptsQueries(before?.adminUrl ?? '')).toBe(true);
  });

  it('never see the provider’s variables', async () => {
    const secret = loadConfig({
      ...environment,
      NIGHTSHIFT_HOME: `${scratch.path}/other`,
      ANTHROPIC_API_KEY: 'sk-test',
    });
    mkdirSync(`${scratch.path}/other/run/logs`, { recursive: true });
    const plans = supervisedPlans({ config: secret, machine, codeVersion: '', providerHash: null, records: () => [] });
    for (const plan of plans.filter(({ name }) => name === 'temporal' || name === 'offline-model')) {
      const { spawn } = await plan.launch({});
      expect(Object.values(spawn.environment)).not.toContain('sk-test');
    }
  });
});
