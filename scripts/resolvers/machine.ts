/**
 * Everything that a build needs of this machine, resolved together and remembered, so that the next command only looks
 * whether the files are still there.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureEnvironment } from '../../activities/workspace/python-environment.js';
import type { Config } from '../../config/config.js';
import { environmentWithout } from '../../config/environment.js';
import { packageRoot } from '../../config/locations.js';
import { uvEnvironment } from '../../config/package-index.js';
import { externalTemporal } from '../client.js';
import { run } from '../host-process.js';
import { resolveBubblewrap } from './bubblewrap.js';
import { EMBEDDED_POSTGRES_VERSION, resolvePostgres } from './postgres.js';
import { resolvePython } from './python.js';
import { type Chain, type Resolution, type Step, sharedCache, silentStep } from './resolution.js';
import { resolveTemporal, TEMPORAL_VERSIONS } from './temporal.js';
import { resolveUv, UV_VERSION } from './uv.js';

export interface Machine {
  readonly temporal: Resolution;
  readonly postgres: Resolution;
  readonly uv: Resolution;
  readonly python: Resolution;
  readonly bubblewrap: Resolution;
}

/** Without bubblewrap the offline model still builds; without any of the others nothing does. */
export const REQUIRED_PARTS = ['temporal', 'postgres', 'uv', 'python'] as const;

/** Pinned packages of every generated project, fetched ahead so that an offline build needs no network. */
const TEMPLATE_REQUIREMENTS = path.join(packageRoot, 'activities', 'scaffold', 'requirements', 'requirements.txt');

/** The machine as remembered, when nothing it depends on changed; else resolved anew (and installed, when allowed). */
export async function prepareMachine(config: Config, step: Step = silentStep, install = true): Promise<Machine> {
  const remembered = recall(config);
  if (remembered) return remembered;
  const machine = await resolveMachine(config, step, install);
  const complete = REQUIRED_PARTS.every((part) => machine[part].found);
  if (install && complete) {
    await prefetchPackages(config, machine, step);
    remember(config, machine);
  }
  return machine;
}

/** Resolves every part, each on its own: one that is missing does not hide another. */
export async function resolveMachine(config: Config, step: Step, install: boolean): Promise<Machine> {
  const chain: Chain = { environment: config.environment, cache: config.locations.cache, step, install };
  mkdirSync(path.join(chain.cache, 'bin'), { recursive: true });
  const uv = await resolveUv(chain);
  return {
    uv,
    python: await resolvePython(chain, uv.found ? uv.path : null),
    temporal: namedTemporal(config) ?? (await resolveTemporal(chain)),
    postgres: namedPostgres(config) ?? (await resolvePostgres(chain)),
    bubblewrap: await resolveBubblewrap(chain),
  };
}

function namedTemporal(config: Config): Resolution | null {
  const named = externalTemporal(config);
  if (!named) return null;
  const how = `your own server (TEMPORAL_ADDRESS or profile), namespace ${named.namespace}`;
  return { found: true, kind: 'address', path: named.address, how, version: 'as the server is' };
}

function namedPostgres(config: Config): Resolution | null {
  if (!config.databaseUrl) return null;
  const { host } = new URL(config.databaseUrl);
  return {
    found: true,
    kind: 'address',
    path: host,
    how: 'your own server (NIGHTSHIFT_DATABASE_URL)',
    version: 'as is',
  };
}

/** Settings with which uv is run on this machine, for `ensureEnvironment`. */
export function pythonEnvironmentSettings(config: Config): { cache: string; environment: Record<string, string> } {
  const environment = environmentWithout(config.environment, ['VIRTUAL_ENV', 'PYTHONPATH', 'PYTHONHOME']);
  return { cache: sharedCache(config.locations.cache), environment: { ...environment, ...uvEnvironment(environment) } };
}

async function prefetchPackages(config: Config, machine: Machine, step: Step): Promise<void> {
  if (!machine.uv.found || !machine.python.found || !existsSync(TEMPLATE_REQUIREMENTS)) return;
  const { uv, python } = machine;
  const requirementsText = readFileSync(TEMPLATE_REQUIREMENTS, 'utf8');
  await step('fetching the Python packages of generated projects (once, about 150 MB)', () =>
    ensureEnvironment({
      requirementsText,
      python: python.path,
      uv: uv.path,
      ...pythonEnvironmentSettings(config),
      run,
    }),
  );
}

/** What an answer depends on: pins, PATH, the variables that the chains read, the template's packages. */
function keyOf(config: Config): string {
  const variables = Object.entries(config.environment)
    .filter(([name]) => /^(PATH|HOME|TEMPORAL_.*|NIGHTSHIFT_(DATABASE_URL|PYTHON|CACHE))$/.test(name))
    .sort(([a], [b]) => a.localeCompare(b));
  const requirements = existsSync(TEMPLATE_REQUIREMENTS) ? readFileSync(TEMPLATE_REQUIREMENTS, 'utf8') : '';
  const pins = [TEMPORAL_VERSIONS, UV_VERSION, EMBEDDED_POSTGRES_VERSION, process.version];
  return createHash('sha256')
    .update(JSON.stringify([variables, requirements, pins]))
    .digest('hex');
}

function stampFile(config: Config): string {
  return path.join(config.locations.cache, 'machine.json');
}

function recall(config: Config): Machine | null {
  try {
    const stamp = JSON.parse(readFileSync(stampFile(config), 'utf8')) as { key: string; machine: Machine };
    if (stamp.key !== keyOf(config)) return null;
    const present = Object.values(stamp.machine).every(
      (part: Resolution) => part.found && (part.kind === 'address' || existsSync(part.path)),
    );
    return present ? stamp.machine : null;
  } catch {
    return null;
  }
}

function remember(config: Config, machine: Machine): void {
  const file = stampFile(config);
  writeFileSync(`${file}.${process.pid}`, JSON.stringify({ version: 1, key: keyOf(config), machine }, null, 1));
  renameSync(`${file}.${process.pid}`, file);
}
