/**
 * Finds uv, which makes the Python environments: PATH -> cache -> its wheel from the person's own package index, with
 * or without pip.
 */
import { chmodSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { run } from '../host-process.js';
import { UV_VERSION } from './pins.js';
import { type Chain, type Found, indexWays, isExecutable, onPath, type Resolution } from './resolution.js';
import { openWheel } from './wheel-package.js';

export async function resolveUv(chain: Chain): Promise<Resolution> {
  for (const file of onPath(chain.environment, 'uv')) {
    const found = await answer(file, 'path', `uv on PATH (${file})`);
    if (found) return found;
  }
  const cached = path.join(chain.cache, 'bin', `uv-${UV_VERSION}`);
  const known = await answer(cached, 'cache', `cached binary (${cached})`);
  if (known) return known;
  const tried = ['PATH: no `uv`', `cache: no ${cached}`];
  if (chain.install) {
    const problem = await installWheel(chain, cached);
    const installed =
      problem === '' ? await answer(cached, 'wheel', `its wheel from your package index (${cached})`) : null;
    if (installed) return installed;
    tried.push(`its wheel from your package index: ${problem || 'the program in it does not start here'}`);
  }
  return {
    found: false,
    what: 'uv',
    tried,
    ways: [
      'put uv on PATH: https://docs.astral.sh/uv/getting-started/installation/',
      ...indexWays(),
      `put the binary at ${cached}`,
    ],
  };
}

async function answer(file: string, kind: string, how: string): Promise<Found | null> {
  if (!isExecutable(file)) return null;
  const { stdout } = await run(file, ['--version'], { timeoutMs: 10_000 });
  const version = /^uv (\d\S*)/.exec(stdout)?.[1];
  return version ? { found: true, kind, path: file, how, version } : null;
}

/** Returns '' or the problem. */
async function installWheel(chain: Chain, target: string): Promise<string> {
  const scratch = path.join(chain.cache, 'bin', `.uv-${process.pid}`);
  mkdirSync(scratch, { recursive: true });
  try {
    return await chain.step(
      `fetching uv ${UV_VERSION} from your Python package index (once, about 25 MB)`,
      async () => {
        const problem = await openWheel(chain, { name: 'uv', version: UV_VERSION }, scratch);
        if (problem) return problem;
        const program = path.join(scratch, `uv-${UV_VERSION}.data`, 'scripts', 'uv');
        chmodSync(program, 0o755);
        renameSync(program, target);
        return '';
      },
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
