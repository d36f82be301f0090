import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeSandboxed, eventually, places, shell } from './sandbox-fixture.js';

const BINARIES = postgresBinaries();

function postgresBinaries(): string | null {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort() : [];
  return versions.length === 0 ? null : path.join(root, versions.at(-1) ?? '', 'bin');
}

/** As root, PostgreSQL needs another user, which its package made. */
function asServer(args: readonly string[]): void {
  const drop = process.getuid?.() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];
  const [file = '', ...rest] = [...drop, ...args];
  execFileSync(file, rest, { stdio: 'ignore', cwd: '/' });
}

/** Asks for a connection as PostgreSQL clients do (SSLRequest): a live server answers `N` or `S`. */
const GREET = `node -e 's = require("node:net").connect(5432, "127.0.0.1").on("error", () => process.exit(3)).on("close", () => process.exit(4)); s.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])); s.on("data", (d) => { console.log(String(d)); process.exit(0) })'`;

describeSandboxed('PostgreSQL from inside', () => {
  const at = places();
  const withServer = BINARIES === null ? test.skip : test;
  let directory = '';
  let data = '';

  beforeAll(() => {
    if (BINARIES === null) return;
    directory = mkdtempSync('/tmp/relay-test-');
    chmodSync(directory, 0o777);
    data = path.join(directory, 'data');
    asServer([path.join(BINARIES, 'initdb'), '-D', data, '-U', 'tester', '--auth=trust', '--no-sync']);
    control('start');
  });
  afterAll(() => {
    if (BINARIES === null) return;
    control('stop');
    rmSync(directory, { recursive: true, force: true });
  });
  function control(verb: 'start' | 'stop'): void {
    const options =
      verb === 'start'
        ? ['-o', `-c listen_addresses='' -c unix_socket_directories=${directory}`, '-l', `${directory}/log`]
        : ['-m', 'immediate'];
    asServer([path.join(BINARIES ?? '', 'pg_ctl'), '-D', data, '-w', ...options, verb]);
  }

  withServer(
    'it answers at 127.0.0.1:5432, also after the server was restarted',
    async () => {
      const sandbox = await at.open({ postgres: { socketPath: `${directory}/.s.PGSQL.5432` } });
      expect(sandbox.postgresAddress).toBe('127.0.0.1:5432');
      expect((await shell(sandbox, GREET)).stdout).toMatch(/^[NS]\n$/);
      control('stop');
      expect((await shell(sandbox, GREET)).exitCode).not.toBe(0);
      control('start');
      await eventually(
        async () => (/^[NS]\n$/.test((await shell(sandbox, GREET)).stdout) ? true : null),
        'it answers again',
      );
    },
    60_000,
  );

  test('without a request there is nothing at that port', async () => {
    const sandbox = await at.open();
    expect(sandbox.postgresAddress).toBeNull();
    expect((await shell(sandbox, GREET)).exitCode).toBe(3);
  });
});
