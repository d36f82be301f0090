/**
 * Finds uv, which makes the Python environments: PATH -> cache -> its wheel from the person's own package index, with
 * or without pip.
 */
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { environmentWithout } from '../../config/environment.js';
import { run } from '../host-process.js';
import { UV_VERSION } from './pins.js';
import { pipDefaults } from './pip-defaults.js';
import { findInterpreters } from './python.js';
import { type Chain, type Found, isExecutable, onPath, type Resolution } from './resolution.js';
import { fetchWheel } from './wheel.js';

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
      'set PIP_INDEX_URL to a Python package index that this machine can reach, and run the same command again',
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
  const python = (await findInterpreters(chain.environment))[0];
  if (!python) return 'no Python >= 3.11 to unpack it with';
  const scratch = path.join(chain.cache, 'bin', `.uv-${process.pid}`);
  mkdirSync(scratch, { recursive: true });
  try {
    return await chain.step(
      `fetching uv ${UV_VERSION} from your Python package index (once, about 25 MB)`,
      async () => {
        const problem = await download(chain, python.path, scratch);
        if (problem) return problem;
        return unpack(python.path, scratch, target);
      },
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function download(chain: Chain, python: string, directory: string): Promise<string> {
  const args = ['-m', 'pip', 'download', `uv==${UV_VERSION}`, '--no-deps', '--only-binary', ':all:', '--quiet'];
  const environment = environmentWithout(chain.environment, []);
  const pip = await run(python, [...args, '--dest', directory], { timeoutMs: 180_000, environment });
  if (pip.exitCode === 0) return '';
  const fallback = (await pipDefaults(python))?.indexUrl ?? null;
  const direct = await fetchWheel(chain.environment, 'uv', UV_VERSION, directory, fallback);
  return direct === '' ? '' : `pip: ${pip.problem}; without pip: ${direct}`;
}

/** A wheel is a zip file; Python, which is required anyway, can open it. */
async function unpack(python: string, directory: string, target: string): Promise<string> {
  const wheel = readdirSync(directory).find((name) => name.endsWith('.whl'));
  if (!wheel) return 'no wheel for this platform';
  const result = await run(python, ['-m', 'zipfile', '-e', path.join(directory, wheel), directory], {
    timeoutMs: 60_000,
  });
  if (result.exitCode !== 0) return result.problem;
  const program = path.join(directory, `uv-${UV_VERSION}.data`, 'scripts', 'uv');
  chmodSync(program, 0o755);
  renameSync(program, target);
  return '';
}
