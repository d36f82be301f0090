import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fetchWheel, fitsPlatform } from '../../../scripts/resolvers/wheel.js';
import { scratchDirectory } from '../../support/scratch.js';

const WHEEL = ['x86_64', 'aarch64'].map((machine) => `uv-1.0-py3-none-manylinux_2_17_${machine}.whl`);

describe('a wheel without pip', () => {
  let scratch: ReturnType<typeof scratchDirectory>;
  let server: Server;
  let sha256: string;
  beforeEach(async () => {
    scratch = scratchDirectory();
    sha256 = createHash('sha256').update('bytes').digest('hex');
    server = createServer((request, response) => {
      if (request.url !== '/simple/uv/') return void response.end('bytes');
      const files = WHEEL.map((filename) => ({ filename, url: `../../files/${filename}`, hashes: { sha256 } }));
      response.end(JSON.stringify({ files }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    server.close();
    scratch.remove();
  });

  const environment = () => {
    const { port } = server.address() as AddressInfo;
    return { HOME: scratch.path, PIP_INDEX_URL: `http://127.0.0.1:${port}/simple/` };
  };

  it('comes from the configured index, for this platform', async () => {
    expect(await fetchWheel(environment(), 'uv', '1.0', scratch.path)).toBe('');
    const name = WHEEL.find((filename) => fitsPlatform(filename)) ?? '';
    expect(readFileSync(path.join(scratch.path, name), 'utf8')).toBe('bytes');
  });

  it('is refused when its hash is another', async () => {
    sha256 = '0'.repeat(64);
    expect(await fetchWheel(environment(), 'uv', '1.0', scratch.path)).toContain('does not match');
  });

  it('is named when the index does not have it', async () => {
    expect(await fetchWheel(environment(), 'uv', '2.0', scratch.path)).toContain('has no uv 2.0');
  });
});

it('tells the platforms apart', () => {
  expect(fitsPlatform('uv-1-py3-none-macosx_11_0_arm64.whl', 'darwin', 'arm64')).toBe(true);
  expect(fitsPlatform('uv-1-py3-none-manylinux_2_17_aarch64.whl', 'linux', 'x64')).toBe(false);
  expect(fitsPlatform('uv-1-py3-none-win_amd64.whl', 'linux', 'x64')).toBe(false);
});
