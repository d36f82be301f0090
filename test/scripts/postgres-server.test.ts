import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isAlive } from '../../scripts/host-process.js';
import {
  acceptsQueries,
  adminUrl,
  initialiseCluster,
  locateCluster,
  postmaster,
  serverCommand,
  sweepOrphanedClusters,
} from '../../scripts/postgres-server.js';
import { type PostgresForTest, postgresForTest } from '../support/postgres.js';
import { program, scratchDirectory } from '../support/scratch.js';

describe('the PostgreSQL cluster', () => {
  let server: PostgresForTest;
  beforeEach(async () => {
    server = await postgresForTest();
  });
  afterEach(() => server.stop());

  it('takes queries with its kept password and with no other', async () => {
    expect(await acceptsQueries(server.adminUrl)).toBe(true);
    const wrong = new URL(server.adminUrl);
    wrong.password = 'wrong';
    expect(await acceptsQueries(wrong.href)).toBe(false);
    expect(statSync(path.join(server.directory, 'run', 'postgres-password')).mode & 0o777).toBe(0o600);
  });

  it('is found again by its data directory, and stays when it is asked for again', async () => {
    const record = postmaster(server.data);
    expect(record && isAlive(record)).toBe(true);
    const before = readFileSync(path.join(server.directory, 'run', 'postgres-password'), 'utf8');
    await initialiseCluster(await locateCluster(server.directory, server.binaries));
    expect(readFileSync(path.join(server.directory, 'run', 'postgres-password'), 'utf8')).toBe(before);
  });

  it('runs as another user than root', () => {
    const record = postmaster(server.data);
    expect(statSync(`/proc/${record?.pid}`).uid).not.toBe(0);
  });
});

it('is told to listen on the loopback address only', () => {
  const cluster = { binaries: '/b', data: '/d', socket: null, passwordFile: '/p', user: null };
  expect(serverCommand(cluster, 1234)).toEqual(expect.arrayContaining(['-p', '1234', 'listen_addresses=127.0.0.1']));
});

it('has no admin URL before it was made', () => {
  expect(adminUrl('/nonexistent/password', 1)).toBeNull();
});

const asRoot = process.getuid?.() === 0 ? it : it.skip;
asRoot('is removed when its state directory is gone and nobody runs it', async () => {
  const scratch = scratchDirectory();
  program(scratch.path, 'postgres', 'echo "postgres (PostgreSQL) 17.2"');
  const cluster = await locateCluster(scratch.path, scratch.path);
  expect(path.basename(cluster.data)).toBe('data-17');
  sweepOrphanedClusters();
  expect(existsSync(cluster.data)).toBe(true);
  rmSync(scratch.path, { recursive: true });
  sweepOrphanedClusters();
  expect(existsSync(cluster.data)).toBe(false);
});
