/** Reading a build's folder in the state directory from the command line: which builds there are, what they hold. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { specDigest } from '../activities/workspace/build-state.js';
import type { Config } from '../config/config.js';
import { StateDamaged } from '../config/damaged-state.js';
import { buildIdFor } from '../config/locations.js';
import { realProjectDir } from '../config/project-path.js';
import type { BuildSettings } from '../workflows/contract.js';
import type { BuildRequest } from './build-request.js';
import { UsageError } from './exit-codes.js';

export function buildFolder(config: Config, buildId: string): string {
  return path.join(config.locations.builds, buildId);
}

/** What `build.json` says, as far as the command line needs it (written by activities/workspace/build-state.ts). */
export interface KnownBuild {
  readonly buildId: string;
  readonly projectDir: string;
  readonly specDigest: string;
  readonly workflowId: string;
  /** What the last run was started with. */
  readonly settings?: Partial<BuildSettings>;
}

/** All builds of this state directory, by id. A folder without a readable build.json is not listed. */
export async function knownBuilds(config: Config): Promise<readonly KnownBuild[]> {
  const names = await readdir(config.locations.builds).catch(noneThere);
  const builds = await Promise.all(names.sort().map((name) => readBuild(config, name).catch(nullWhenDamaged)));
  return builds.filter((build) => build !== null);
}

/**
 * The build that a command means: `--project-dir`, else the default directory when it is a build, else the only one
 * there is. Throws a UsageError that lists the choices.
 */
export async function chosenBuild(config: Config, projectDir: string | undefined): Promise<KnownBuild> {
  const dir = await realProjectDir(projectDir ?? 'autonomous_demo_project', config.callerDirectory);
  const direct = await readBuild(config, buildIdFor(dir));
  if (direct !== null) return direct;
  if (projectDir !== undefined) throw new UsageError(`There is no build of ${dir}; nightshift status lists the builds`);
  const all = await knownBuilds(config);
  const [only] = all;
  if (only !== undefined && all.length === 1) return only;
  if (all.length === 0) throw new UsageError('There is no build yet; nightshift build starts one');
  const choices = all.map((build) => `  --project-dir ${build.projectDir}`).join('\n');
  throw new UsageError(`There are ${all.length} builds; say which:\n${choices}`);
}

/** Why this directory cannot be built from this spec (it holds a build of another one), or undefined. */
export async function specConflict(config: Config, request: BuildRequest): Promise<string | undefined> {
  const known = await readBuild(config, request.buildId);
  const digest = specDigest(request.input.spec);
  if (known === null || known.specDigest === digest) return undefined;
  const [recorded, given] = [known.specDigest, digest].map((text) => text.slice(0, 'sha256:'.length + 12));
  return (
    `${known.projectDir} is being built from another spec (${recorded}), ` +
    `and ${request.specFile} is ${given}; give the old spec, or another --project-dir`
  );
}

async function readBuild(config: Config, buildId: string): Promise<KnownBuild | null> {
  try {
    const text = await readFile(path.join(buildFolder(config, buildId), 'build.json'), 'utf8');
    return parsed(text, path.join(buildFolder(config, buildId), 'build.json'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function parsed(text: string, file: string): KnownBuild {
  try {
    return JSON.parse(text) as KnownBuild;
  } catch {
    throw new StateDamaged(
      `${file} is damaged: restore it from a backup, or move ${path.dirname(file)} away to start that build anew ` +
        '(its project directory is kept and must be given again)',
    );
  }
}

function nullWhenDamaged(error: Error): null {
  if (error instanceof StateDamaged) return null;
  throw error;
}

function noneThere(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
