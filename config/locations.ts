/**
 * Where things lie on this machine: state, cache, build folders, the package itself. Pure, given the environment.
 */
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Locations {
  /** State directory (0700): `NIGHTSHIFT_HOME`, else `$XDG_STATE_HOME/nightshift`, else `~/.local/state/nightshift`. */
  readonly state: string;
  /** Cache directory: `NIGHTSHIFT_CACHE`, else `$XDG_CACHE_HOME/nightshift`, else `~/.cache/nightshift`. */
  readonly cache: string;
  /** `run/` in the state directory: pid files, logs, supervisor.json. */
  readonly run: string;
  /** `builds/` in the state directory. */
  readonly builds: string;
}

export function locations(env: NodeJS.ProcessEnv): Locations {
  const home = env.HOME || homedir();
  const state = path.resolve(
    env.NIGHTSHIFT_HOME || path.join(env.XDG_STATE_HOME || path.join(home, '.local', 'state'), 'nightshift'),
  );
  const cache = path.resolve(
    env.NIGHTSHIFT_CACHE || path.join(env.XDG_CACHE_HOME || path.join(home, '.cache'), 'nightshift'),
  );
  return { state, cache, run: path.join(state, 'run'), builds: path.join(state, 'builds') };
}

/** Root of the package: the folder with package.json, prompts/ and the templates. Code runs from dist/ below it. */
export const packageRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** `<slug>-<12 hex of sha256(real path)>`: the same directory is the same build, whatever it is called from. */
export function buildIdFor(realProjectDir: string): string {
  const digest = createHash('sha256').update(realProjectDir).digest('hex').slice(0, 12);
  const slug = path
    .basename(realProjectDir)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return `${slug || 'build'}-${digest}`;
}
