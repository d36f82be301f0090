import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UV_VERSION } from '../../../scripts/resolvers/pins.js';
import { silentStep } from '../../../scripts/resolvers/resolution.js';
import { resolveUv } from '../../../scripts/resolvers/uv.js';
import { program, scratchDirectory } from '../../support/scratch.js';

describe('uv', () => {
  let scratch: ReturnType<typeof scratchDirectory>;
  let bin: string;
  beforeEach(() => {
    scratch = scratchDirectory();
    bin = path.join(scratch.path, 'bin');
  });
  afterEach(() => scratch.remove());

  const chain = (install: boolean, more: Record<string, string> = {}) => ({
    environment: { HOME: scratch.path, PATH: bin, ...more },
    cache: path.join(scratch.path, 'cache'),
    step: silentStep,
    install,
  });
  const cached = () => path.join(scratch.path, 'cache', 'bin');

  it('is the one on PATH before the cached one', async () => {
    program(cached(), `uv-${UV_VERSION}`, `echo "uv ${UV_VERSION}"`);
    expect(await resolveUv(chain(false))).toMatchObject({ kind: 'cache', version: UV_VERSION });
    program(bin, 'uv', 'echo "uv 0.9.1 (abc 2025-01-01)"');
    expect(await resolveUv(chain(false))).toMatchObject({ kind: 'path', version: '0.9.1' });
  });

  it('is unpacked from the wheel that pip brings from the person’s index', async () => {
    program(bin, 'python3', fakePython('make_wheel'));
    expect(await resolveUv(chain(true))).toMatchObject({ kind: 'wheel', version: UV_VERSION });
    expect(await resolveUv(chain(false))).toMatchObject({ kind: 'cache' });
  });

  it('is missed with what pip and the index said, and all ways', async () => {
    program(bin, 'python3', fakePython('no_pip'));
    const missing = await resolveUv(chain(true, { PIP_INDEX_URL: 'http://127.0.0.1:9/simple' }));
    if (missing.found) throw new Error('found');
    expect(missing.tried.at(-1)).toContain('No module named pip');
    expect(missing.tried.at(-1)).toContain('without pip: fetch failed');
    expect(missing.ways.join('\n')).toMatch(/PATH[\s\S]*PIP_INDEX_URL[\s\S]*uv-/);
  });
});

/** A python3 that answers the probe, and either makes a wheel of a tiny `uv` for pip's call or has no pip at all. */
function fakePython(pip: 'make_wheel' | 'no_pip'): string {
  const wheel = `
    for last; do :; done
    mkdir -p "$last/uv-${UV_VERSION}.data/scripts"
    printf '#!/bin/sh\\necho uv ${UV_VERSION}\\n' > "$last/uv-${UV_VERSION}.data/scripts/uv"
    : > "$last/uv-${UV_VERSION}-py3-none-any.whl"; exit 0`;
  return `PATH=/usr/bin:/bin
case "$*" in
  *"-m pip"*) ${pip === 'make_wheel' ? wheel : 'echo "No module named pip" >&2; exit 1'} ;;
  *"-m zipfile"*) exit 0 ;;
  *) echo '["'"$0"'", "/usr", "3.12.0", [3, 12], "final"]' ;;
esac`;
}
