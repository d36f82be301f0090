/**
 * The table of processes that the supervisor keeps: Temporal's dev server, PostgreSQL, the offline model, one worker.
 * A part that the person brought (an address) has no row.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../../config/config.js';
import { environmentWithout, PROVIDER_VARIABLES } from '../../config/environment.js';
import { packageRoot } from '../../config/locations.js';
import { type Services, servicesEnvironment } from '../../config/services.js';
import { choosePorts, devServerCommand, devServerReady } from '../dev-server.js';
import { freePort } from '../free-port.js';
import { type SpawnRequest, stop } from '../host-process.js';
import {
  acceptsQueries,
  adminUrl,
  type Cluster,
  initialiseCluster,
  locateCluster,
  postmaster,
  serverCommand,
  serverEnvironment,
} from '../postgres-server.js';
import type { Machine } from '../resolvers/machine-stamp.js';
import type { ChildPlan } from './child.js';
import { type ChildRecord, logDirectory, passwordFilePath } from './run-file.js';

/** What the plans of one supervisor share. */
export interface PlanContext {
  readonly config: Config;
  readonly machine: Machine;
  readonly codeVersion: string;
  readonly providerHash: string | null;
  /** Records of all children as they are now. */
  records(): readonly ChildRecord[];
}

/** A worker drains its sessions (they hand over and continue elsewhere) within this time, then it is killed. */
const WORKER_GRACE_MS = 30_000;

export function supervisedPlans(context: PlanContext): ChildPlan[] {
  const { temporal, postgres } = context.machine;
  const plans: ChildPlan[] = [];
  if (temporal.found && temporal.kind !== 'address') plans.push(temporalPlan(context, temporal.path));
  if (postgres.found && postgres.kind !== 'address') plans.push(postgresPlan(context, postgres.path));
  const model = path.join(packageRoot, 'dist', 'offline-model', 'main.js');
  if (existsSync(model)) plans.push(offlineModelPlan(context, model));
  const worker = path.join(packageRoot, 'dist', 'workers', 'main.js');
  if (existsSync(worker)) plans.push(workerPlan(context, worker));
  return plans;
}

function temporalPlan(context: PlanContext, program: string): ChildPlan {
  const { config } = context;
  const database = path.join(config.locations.state, 'temporal.db');
  return {
    name: 'temporal',
    logFile: logFile(config, 'temporal'),
    identity: () => digest([program]),
    launch: async (previous) => {
      const ports = await choosePorts(previous);
      const command = devServerCommand(program, ports, database);
      return { spawn: request(config, 'temporal', command, plainEnvironment(config)), ports: { ...ports } };
    },
    ready: ({ ports }) => devServerReady(program, { grpc: ports.grpc ?? 0, ui: ports.ui ?? 0 }),
    readyWithinMs: 60_000,
    stopSignal: 'SIGTERM',
    graceMs: 15_000,
  };
}

function postgresPlan(context: PlanContext, binaries: string): ChildPlan {
  const { config } = context;
  let cluster: Cluster | undefined;
  return {
    name: 'postgres',
    logFile: logFile(config, 'postgres'),
    identity: () => digest([binaries]),
    launch: async (previous) => {
      cluster ??= await locateCluster(config.locations.state, binaries);
      await initialiseCluster(cluster);
      const stray = postmaster(cluster.data);
      if (stray) await stop(stray, 20_000, 'SIGINT'); // left by a supervisor whose run file is gone
      const sql = await freePort(previous.sql);
      const spawn = request(config, 'postgres', serverCommand(cluster, sql), serverEnvironment());
      return { spawn: { ...spawn, cwd: '/', ...(cluster.user ?? {}) }, ports: { sql } };
    },
    ready: ({ ports }) => acceptsQueries(adminUrl(passwordFilePath(config), ports.sql ?? 0) ?? ''),
    readyWithinMs: 60_000,
    stopSignal: 'SIGINT', // PostgreSQL's fast shutdown: ends connections, loses nothing
    graceMs: 20_000,
  };
}

function offlineModelPlan(context: PlanContext, main: string): ChildPlan {
  const { config, codeVersion } = context;
  return {
    name: 'offline-model',
    logFile: logFile(config, 'offline-model'),
    identity: () => digest([codeVersion]),
    launch: async (previous) => {
      const http = await freePort(previous.http);
      const command: [string, ...string[]] = [process.execPath, main, '--port', String(http)];
      return { spawn: request(config, 'offline-model', command, plainEnvironment(config)), ports: { http } };
    },
    ready: async ({ ports }) => {
      const url = `http://127.0.0.1:${ports.http}/healthz`;
      const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
      return answer?.ok === true;
    },
    readyWithinMs: 20_000,
    stopSignal: 'SIGTERM',
    graceMs: 3_000,
  };
}

function workerPlan(context: PlanContext, main: string): ChildPlan {
  const { config } = context;
  const readyFile = path.join(config.locations.run, 'worker.ready');
  let startedAt = Date.now();
  return {
    name: 'worker',
    logFile: logFile(config, 'worker'),
    identity: () => {
      const services = servicesNow(context);
      if (services === null) return null;
      return digest([context.codeVersion, context.providerHash, services]);
    },
    launch: async () => {
      const services = servicesNow(context) ?? missingServices();
      startedAt = Date.now();
      const environment = { ...workerEnvironment(config, services), NIGHTSHIFT_READY_FILE: readyFile };
      return {
        spawn: request(config, 'worker', [process.execPath, '--enable-source-maps', main], environment),
        ports: {},
      };
    },
    // The worker writes its pid into the file once it polls; one that does not is believed after a while.
    ready: async ({ process: record }) => {
      if (record === null) return false;
      if (existsSync(readyFile) && readFileSync(readyFile, 'utf8').trim() === String(record.pid)) return true;
      return Date.now() - startedAt > 8_000;
    },
    readyWithinMs: 60_000,
    stopSignal: 'SIGTERM',
    graceMs: WORKER_GRACE_MS,
  };
}

/** Everything a worker is started with: this environment, the services, and the provider's variables. */
export function workerEnvironment(config: Config, services: Services): Record<string, string> {
  return { ...environmentWithout(config.environment, []), ...servicesEnvironment(services) };
}

/** Where things are now; null while a part that a worker cannot do without has no address yet. */
function servicesNow(context: PlanContext): Services | null {
  const { config, machine } = context;
  const records = context.records();
  const port = (name: string, which: string): number | undefined =>
    records.find((record) => record.name === name && record.state !== 'waiting')?.ports[which];
  const grpc = port('temporal', 'grpc');
  const sql = port('postgres', 'sql');
  const model = port('offline-model', 'http');
  const needsTemporal = machine.temporal.found && machine.temporal.kind !== 'address';
  const postgresAdminUrl = config.databaseUrl ?? (sql === undefined ? null : adminUrl(passwordFilePath(config), sql));
  if ((needsTemporal && grpc === undefined) || postgresAdminUrl === null || model === undefined) return null;
  return {
    temporalAddress: grpc === undefined ? null : `127.0.0.1:${grpc}`,
    postgresAdminUrl,
    offlineModelUrl: `http://127.0.0.1:${model}`,
    python: machine.python.found ? machine.python.path : null,
    uv: machine.uv.found ? machine.uv.path : null,
    bubblewrap: machine.bubblewrap.found ? machine.bubblewrap.path : null,
  };
}

function missingServices(): never {
  throw new Error('the worker cannot start before Temporal, PostgreSQL and the offline model have addresses');
}

function request(
  config: Config,
  name: string,
  command: [string, ...string[]],
  environment: Record<string, string>,
): SpawnRequest {
  return { command, environment, cwd: config.locations.state, logFile: logFile(config, name) };
}

function logFile(config: Config, name: string): string {
  return path.join(logDirectory(config), `${name}.log`);
}

/** For programs that have no business with the provider: its variables are taken out. */
function plainEnvironment(config: Config): Record<string, string> {
  return environmentWithout(config.environment, PROVIDER_VARIABLES);
}

function digest(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}
