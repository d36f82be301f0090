import { chmodSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../config/config.js';
import { downloadLines, downloadsFor, spaceProblem } from '../../../scripts/resolvers/downloads.js';
import type { Machine } from '../../../scripts/resolvers/machine-stamp.js';
import type { Resolution } from '../../../scripts/resolvers/resolution.js';
import { scratchDirectory } from '../../support/scratch.js';

const HERE: Resolution = { found: true, kind: 'path', path: '/usr/bin/true', how: '', version: '1' };
const NOT_HERE: Resolution = { found: false, what: 'it', tried: [], ways: [] };
const COMPLETE: Machine = {
  ...{ temporal: HERE, postgres: HERE, uv: HERE, python: HERE, git: HERE, bubblewrap: HERE },
};

describe('before the first download', () => {
  let scratch: ReturnType<typeof scratchDirectory>;
  beforeEach(() => {
    scratch = scratchDirectory();
    chmodSync(scratch.path, 0o755); // as root, a private cache would stand for the machine's shared one
  });
  afterEach(() => scratch.remove());

  const config = () => loadConfig({ HOME: scratch.path, NIGHTSHIFT_CACHE: path.join(scratch.path, 'cache') });

  it('everything that is missing is named with its size, beside the free disk', () => {
    const downloads = downloadsFor(config(), { ...COMPLETE, temporal: NOT_HERE, postgres: NOT_HERE });
    const [head, ...rest] = downloadLines(downloads, '/some/cache', 74_000);
    expect(head).toMatch(/\/some\/cache \(\d+ MB needed, 74\.0 GB free\)/);
    expect(rest).toEqual([
      expect.stringMatching(/Temporal CLI .*: 60 MB to download/),
      expect.stringMatching(/PostgreSQL .*: 40 MB to download/),
      expect.stringMatching(/Python packages .*: 60 MB to download/),
    ]);
  });

  it('nothing is said where nothing is missing', () => {
    mkdirSync(path.join(config().locations.cache, 'envs', 'one'), { recursive: true });
    const downloads = downloadsFor(config(), COMPLETE);
    expect(downloadLines(downloads, '/some/cache', 10)).toEqual([]);
    expect(spaceProblem(downloads, '/some/cache', 10)).toBeUndefined();
  });

  it('a disk that is too small is refused with both figures and a way out', () => {
    const downloads = downloadsFor(config(), { ...COMPLETE, uv: NOT_HERE });
    expect(spaceProblem(downloads, '/some/cache', 100)).toMatch(
      /^\/some\/cache has 100 MB of free disk and set-up needs 620 MB, so nothing was downloaded\. .*NIGHTSHIFT_CACHE=/,
    );
    expect(spaceProblem(downloads, '/some/cache', 700)).toBeUndefined();
  });
});
