/**
 * What every resolver answers: the part that was found and how, or what was tried and every way to get it.
 * Looks at the machine only through PATH; installs nothing.
 */
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import type { Environment } from '../../config/environment.js';
import { installLine, PIP } from './system-package.js';

export interface Found {
  readonly found: true;
  /** Which link of the chain answered: `environment`, `path`, `cache`, `download`, … */
  readonly kind: string;
  /** Absolute path of the program (or directory of programs), or an address. */
  readonly path: string;
  /** One line a person reads: how it was found. */
  readonly how: string;
  readonly version: string;
}

export interface Missing {
  readonly found: false;
  readonly what: string;
  /** One line for each link of the chain: what it answered. */
  readonly tried: readonly string[];
  /** Every way to get it, each a command or a setting that works when pasted. */
  readonly ways: readonly string[];
}

export type Resolution = Found | Missing;

/** What one link of a chain answers. */
export type Attempt = Found | { readonly found: false; readonly why: string };

/** Announces slow work. The bootstrap shows it with a ticking clock; the supervisor writes it into its log. */
export type Step = <T>(title: string, work: () => Promise<T>) => Promise<T>;

/** Does the work without saying anything. */
export const silentStep: Step = (_title, work) => work();

export interface Chain {
  readonly environment: Environment;
  /** Cache directory of this user. */
  readonly cache: string;
  readonly step: Step;
  /** False: only look, never download, build or install (doctor). */
  readonly install: boolean;
  /** Where the system keeps PostgreSQL's versions; default Debian's `/usr/lib/postgresql`. */
  readonly systemPostgres?: string;
}

/** Every executable of this name on PATH, in PATH's order. */
export function onPath(environment: Environment, name: string): string[] {
  return (environment.PATH ?? '')
    .split(path.delimiter)
    .filter((directory) => path.isAbsolute(directory))
    .map((directory) => path.join(directory, name))
    .filter(isExecutable);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** True when another user can reach the file: every directory above it may be searched by all. */
export function isReachableByAll(file: string): boolean {
  for (let current = path.resolve(file); ; current = path.dirname(current)) {
    try {
      if ((statSync(current).mode & 0o001) === 0) return false;
    } catch {
      // does not exist yet: its parents decide
    }
    if (current === path.dirname(current)) return true;
  }
}

/**
 * Where things go that an unprivileged uid must read too (Python environments, PostgreSQL binaries): the cache itself,
 * or `/var/cache/nightshift` when root's own cache lies below a private home.
 */
export function sharedCache(cache: string): string {
  const isRoot = process.getuid?.() === 0;
  return isRoot && !isReachableByAll(cache) ? '/var/cache/nightshift' : cache;
}

/** How a machine without uv, or without Go, gets at a Python package index; each works when pasted. */
export function indexWays(): string[] {
  const pip = installLine(PIP);
  return [
    ...(pip === null ? [] : [`install pip, which knows an index, and run the same command again: ${pip}`]),
    'set PIP_INDEX_URL to a Python package index that this machine can reach, and run the same command again',
  ];
}

/** One message: what is missing, what was tried, all ways out. */
export function missingMessage(missing: Missing): string {
  const tried = missing.tried.map((line) => `  tried: ${line}`);
  const ways = missing.ways.map((line, index) => `  ${index === 0 ? 'either' : 'or    '} ${line}`);
  return [`${missing.what} was not found on this machine.`, ...tried, ...ways].join('\n');
}
