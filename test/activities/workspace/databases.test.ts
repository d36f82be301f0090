import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { dropDatabases, ensureDatabases, serverAddress } from '../../../activities/workspace/databases.js';
import { type PostgresForTest, postgresForTest } from '../../support/postgres.js';

describe('the databases of a build', () => {
  let server: PostgresForTest;
  let request: Parameters<typeof ensureDatabases>[0];
  beforeAll(async () => {
    server = await postgresForTest();
    const stateDir = path.join(server.directory, 'build');
    mkdirSync(stateDir);
    request = { adminUrl: server.adminUrl, buildId: 'my-api-0123456789ab', stateDir, checks: 2 };
  });
  afterAll(() => server.stop());

  const connect = async (url: string): Promise<Client> => {
    const client = new Client({ connectionString: url.replace('+asyncpg', '') });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  const address = (): string => {
    const { host, port } = serverAddress(server.adminUrl);
    return `${host}:${port}`;
  };

  it('are app, test and the checks, each usable by the build’s own role', async () => {
    const databases = await ensureDatabases(request);
    expect(databases.names).toEqual(['app', 'test', 'check_1', 'check_2']);
    for (const name of databases.names) {
      const client = await connect(databases.url(name, address()));
      await client.query('CREATE TABLE one (id int); DROP TABLE one');
      await client.end();
    }
  });

  it('stay as they are when asked for again', async () => {
    const first = await ensureDatabases(request);
    const client = await connect(first.url('app', address()));
    await client.query('CREATE TABLE kept (id int)');
    const second = await ensureDatabases(request);
    expect(second.url('app', 'h:1')).toBe(first.url('app', 'h:1'));
    expect((await client.query('SELECT count(*) FROM kept')).rowCount).toBe(1);
    await client.end();
  });

  it('are emptied by reset, also while somebody is connected', async () => {
    const databases = await ensureDatabases(request);
    const client = await connect(databases.url('check_1', address()));
    await client.query('CREATE TABLE gone (id int)');
    await databases.reset('check_1');
    await expect(client.query('SELECT 1')).rejects.toThrow();
    const again = await connect(databases.url('check_1', address()));
    await expect(again.query('SELECT * FROM gone')).rejects.toThrow('does not exist');
    await again.end();
  });

  it('give the role no power over the server', async () => {
    const databases = await ensureDatabases(request);
    const client = await connect(databases.url('app', address()));
    for (const forbidden of [
      "COPY (SELECT 1) TO PROGRAM 'id'",
      "SELECT pg_read_file('/etc/passwd')",
      'CREATE DATABASE mine',
      'CREATE ROLE mine',
    ]) {
      await expect(client.query(forbidden)).rejects.toThrow(/permission denied|must be superuser/);
    }
    await client.end();
  });

  it('are closed to the role of another build', async () => {
    const mine = await ensureDatabases(request);
    const stateDir = path.join(server.directory, 'other');
    const other = await ensureDatabases({ ...request, buildId: 'other-ba9876543210', stateDir });
    const url = other.url('app', address()).replace(`${other.role}_app`, `${mine.role}_app`);
    await expect(connect(url)).rejects.toThrow('permission denied');
  });

  it('keep the password in the state folder, for its owner only', () => {
    expect(statSync(path.join(request.stateDir, 'database.json')).mode & 0o777).toBe(0o600);
  });

  it('fit PostgreSQL’s names for the longest build id', async () => {
    const buildId = `${'long-'.repeat(8)}-0123456789ab`;
    const databases = await ensureDatabases({ ...request, buildId, stateDir: path.join(server.directory, 'long') });
    expect(`${databases.role}_check_99`.length).toBeLessThanOrEqual(63);
    await dropDatabases(server.adminUrl, buildId);
    await expect(connect(databases.url('app', address()))).rejects.toThrow();
  });
});
