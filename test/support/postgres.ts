/** A PostgreSQL of the test's own, made and started the way the supervisor does it. */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../scripts/free-port.js';
import { spawnDetached, stop } from '../../scripts/host-process.js';
import {
  acceptsQueries,
  adminUrl,
  initialiseCluster,
  locateCluster,
  serverCommand,
  serverEnvironment,
} from '../../scripts/postgres-server.js';
import { resolvePostgres } from '../../scripts/resolvers/postgres.js';
import { silentStep } from '../../scripts/resolvers/resolution.js';
import { scratchDirectory } from './scratch.js';

export interface PostgresForTest {
  readonly adminUrl: string;
  /** A scratch directory of the same life. */
  readonly directory: string;
  readonly data: string;
  readonly binaries: string;
  stop(): Promise<void>;
}

export async function postgresForTest(): Promise<PostgresForTest> {
  const scratch = scratchDirectory();
  const environment = { PATH: process.env['PATH'] };
  const chain = { environment, cache: scratch.path, step: silentStep, install: false };
  const binaries = await resolvePostgres(chain);
  if (!binaries.found) throw new Error('these tests need PostgreSQL’s binaries');
  mkdirSync(path.join(scratch.path, 'run'));
  const cluster = await locateCluster(scratch.path, binaries.path);
  await initialiseCluster(cluster);
  const port = await freePort();
  const record = await spawnDetached({
    command: serverCommand(cluster, port),
    environment: serverEnvironment(),
    cwd: '/',
    logFile: path.join(scratch.path, 'postgres.log'),
    ...(cluster.user ?? {}),
  });
  const url = adminUrl(cluster.passwordFile, port) ?? '';
  while (!(await acceptsQueries(url))) await delay(50);
  return {
    adminUrl: url,
    directory: scratch.path,
    data: cluster.data,
    binaries: cluster.binaries,
    stop: async () => {
      await stop(record, 10_000, 'SIGINT');
      rmSync(path.dirname(cluster.data), { recursive: true, force: true });
      scratch.remove();
    },
  };
}
