/**
 * Everything that a build needs of this machine, resolved together and remembered, so that the next command only looks
 * whether the files are still there.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ensureEnvironment, type ProgramRunner } from '../../activities/workspace/python-environment.js';
import type { Config } from '../../config/config.js';
import { environmentWithout } from '../../config/environment.js';
import { uvEnvironment } from '../../config/package-index.js';
import { externalTemporal } from '../client.js';
import { EnvironmentError } from '../exit-codes.js';
import { run } from '../host-process.js';
import { databaseUrlProblem } from '../named-servers.js';
import { resolveBubblewrap } from './bubblewrap.js';
import { resolveGit } from './git.js';
import { type Machine, recallMachine, rememberMachine, TEMPLATE_REQUIREMENTS } from './machine-stamp.js';
import { resolvePostgres } from './postgres.js';
import { resolvePython } from './python.js';
import { type Chain, type Missing, type Resolution, type Step, sharedCache, silentStep } from './resolution.js';
import { resolveTemporal } from './temporal.js';
import { resolveUv } from './uv.js';

/** Without bubblewrap the offline model still builds; without any of these nothing does. */
const REQUIRED_PARTS = ['temporal', 'postgres', 'uv', 'python', 'git'] as const;

/** The required parts that are missing, for one message. */
export function missingParts(machine: Machine): Missing[] {
  return REQUIRED_PARTS.map((part) => machine[part]).filter((part) => !part.found);
}

/** The machine as remembered, when nothing it depends on changed; else resolved anew (and installed, when allowed). */
export async function prepareMachine(config: Config, step: Step = silentStep, install = true): Promise<Machine> {
  const remembered = recallMachine(config);
  if (remembered) return remembered;
  const machine = await resolveMachine(config, step, install);
  if (install && missingParts(machine).length === 0) {
    await prefetchPackages(config, machine, step);
    rememberMachine(config, machine);
  }
  return machine;
}

/** Resolves every part, each on its own: one that is missing does not hide another. */
export async function resolveMachine(config: Config, step: Step, install: boolean): Promise<Machine> {
  const chain: Chain = { environment: config.environment, cache: config.locations.cache, step, install };
  makeCache(chain.cache);
  const problem = databaseUrlProblem(config);
  if (problem !== undefined) throw new EnvironmentError(problem);
  const uv = await resolveUv(chain);
  return {
    uv,
    python: await resolvePython(chain, uv.found ? uv.path : null),
    git: await resolveGit(chain),
    temporal: namedTemporal(config) ?? (await resolveTemporal(chain)),
    postgres: namedPostgres(config) ?? (await resolvePostgres(chain)),
    bubblewrap: await resolveBubblewrap(chain),
  };
}

function makeCache(cache: string): void {
  try {
    mkdirSync(path.join(cache, 'bin'), { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new EnvironmentError(
      `The cache ${cache} cannot be made (${code}); name another: NIGHTSHIFT_CACHE=/a/directory/of/yours`,
    );
  }
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
  await ensureEnvironment({
    requirementsText,
    python: python.path,
    uv: uv.path,
    ...pythonEnvironmentSettings(config),
    run: announced(step),
  });
}

/** Says that packages are being installed only when they are: an environment that is there starts no uv. */
function announced(step: Step): ProgramRunner {
  return (file, args, options) => {
    if (args[0] !== 'pip') return run(file, args, options);
    const source = args.includes('--offline') ? "from uv's cache" : 'from your Python package index, about 150 MB';
    return step(`installing the Python packages of generated projects (once, ${source})`, () =>
      run(file, args, options),
    );
  };
}
