/**
 * Where a path really leads: every symlink followed, also dangling ones, `..` taken after the link as the kernel does.
 * Inside the project or /dev/null; files that Nightshift owns are never write targets.
 */
import { readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { keptBecause, ownedBecause, ownedFiles } from './owned-files.js';

/** What the guard asks the file system; a test gives its own. */
export interface FileFacts {
  /** The real path of an existing entry, else null. */
  realpath(file: string): string | null;
  /** The target of a symlink, also a dangling one, else null. */
  readlink(file: string): string | null;
  isDirectory(file: string): boolean;
  /** Names in a directory; none where it can't be read. */
  names(directory: string): readonly string[];
}

export type PathMode = 'read' | 'write' | 'remove';

export interface PathGuard {
  readonly root: string;
  /** The reason why not, or null. `text` may hold a glob when `glob` is set. */
  problem(text: string, cwd: string, mode: PathMode, glob?: boolean): string | null;
  /** The real path that `text` leads to; null when it can't be told. */
  resolve(text: string, cwd: string): string | null;
  exists(file: string): boolean;
  isDirectory(file: string): boolean;
}

const MAX_LINKS = 40;
/** Names that a pattern may be held against. */
const MAX_NAMES = 5_000;

export const hostFiles: FileFacts = {
  realpath: (file) => orNull(() => realpathSync(file)),
  readlink: (file) => orNull(() => readlinkSync(file)),
  isDirectory: (file) => orNull(() => statSync(file).isDirectory()) ?? false,
  names: (directory) => orNull(() => readdirSync(directory)) ?? [],
};

export function createPathGuard(projectDir: string, files: FileFacts = hostFiles): PathGuard {
  const root = files.realpath(projectDir) ?? path.resolve(projectDir);
  const resolve = (text: string, cwd: string): string | null => follow(text, cwd, files, { links: 0 });
  return {
    root,
    resolve,
    isDirectory: (file) => files.isDirectory(file),
    exists: (file) => files.realpath(file) !== null,
    problem: (text, cwd, mode, glob = false) => {
      if (text === '/dev/null') return null;
      if (text.startsWith('/dev/')) return `${text} is a device; only /dev/null is allowed`;
      const fixed = glob ? text.replace(/[^/]*[*?[].*$/s, '') : text;
      const real = resolve(fixed === '' ? '.' : fixed, cwd);
      if (real === null) return `${text} is a loop of symlinks`;
      if (real !== root && !real.startsWith(`${root}/`)) return `${text} leads outside of the project`;
      return insideProblem(text, real, text.slice(fixed.length), { root, mode, files, budget: { names: MAX_NAMES } });
    },
  };
}

/** `real` lies inside; `pattern` is what follows it, empty for a path that is written out. */
function insideProblem(text: string, real: string, pattern: string, at: Matching): string | null {
  if (climbs(pattern)) return `${text} climbs out behind a pattern`;
  const owned = at.mode === 'read' ? null : ownedProblem(at.root, real, text, at.mode, pattern);
  return owned === null && pattern !== '' ? matchProblem(real, pattern.split('/'), at) : owned;
}

function ownedProblem(root: string, real: string, text: string, mode: PathMode, pattern: string): string | null {
  const relative = path.relative(root, real);
  const because = relative === '' ? null : mode === 'remove' ? keptBecause(relative) : ownedBecause(relative);
  if (because !== null && pattern === '') return `${text} can't be changed: ${because}`;
  if (pattern !== '') {
    const covered = coveredBy(path.posix.join(relative, pattern));
    return covered === null ? null : `${text} covers ${covered}: ${ownedBecause(covered)}`;
  }
  if (mode === 'remove' && relative === '') {
    return `${text} covers the whole project, with .git and the files that belong to Nightshift`;
  }
  return null;
}

/** The first owned path that a pattern, relative to the project, may match or hold. */
function coveredBy(pattern: string): string | null {
  const segments = pattern.split('/').filter((segment) => segment !== '' && segment !== '.');
  const covers = (owned: string): boolean => {
    const names = owned.split('/');
    return segments.slice(0, names.length).every((segment, index) => couldBe(segment, names[index] ?? ''));
  };
  return [...ownedFiles, '.git', '.venv'].find(covers) ?? null;
}

/** Whether a segment with wildcards may match this name; brackets count as any character. */
function couldBe(segment: string, name: string): boolean {
  if (name.startsWith('.') && !segment.startsWith('.')) return false;
  const source = segment
    .replace(/\[[!^]?\]?[^\]]*\]/g, '?')
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(name);
}

interface Matching {
  readonly root: string;
  readonly mode: PathMode;
  readonly files: FileFacts;
  readonly budget: { names: number };
}

/** What a pattern matches right now may be a link: each is followed like a name that was written out. */
function matchProblem(base: string, [segment, ...rest]: readonly string[], at: Matching): string | null {
  if (segment === undefined) return null;
  if (segment === '' || segment === '.') return matchProblem(base, rest, at);
  const names = /[*?[]/.test(segment) ? at.files.names(base).filter((name) => couldBe(segment, name)) : [segment];
  for (const name of names) {
    if (--at.budget.names < 0) return `a pattern in ${base} matches more than ${MAX_NAMES} names`;
    const real = follow(name, base, at.files, { links: 0 });
    if (real === null) return `${name} is a loop of symlinks`;
    if (real !== at.root && !real.startsWith(`${at.root}/`)) return `${name}, which a pattern matches, leads outside`;
    const owned = at.mode === 'read' ? null : ownedBecause(path.relative(at.root, real));
    if (owned !== null && rest.length === 0) return `${name}, which a pattern matches, can't be changed: ${owned}`;
    const deeper = matchProblem(real, rest, at);
    if (deeper !== null) return deeper;
  }
  return null;
}

/** `.*` and `.?` match `..` in every bash before 5.2. */
function climbs(pattern: string): boolean {
  return pattern
    .split('/')
    .some(
      (segment) =>
        segment === '..' || (/^\.[*?[]/.test(segment) && !/^\.\[[!^]\./.test(segment) && couldBe(segment, '..')),
    );
}

/** Walks segment by segment, as the kernel does. Missing entries stay as they are written. */
function follow(text: string, cwd: string, files: FileFacts, budget: { links: number }): string | null {
  const absolute = text.startsWith('/') ? '/' : (files.realpath(cwd) ?? cwd);
  let current = absolute;
  for (const segment of text.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') {
      current = path.dirname(current);
      continue;
    }
    const next = path.join(current, segment);
    const target = files.readlink(next);
    if (target === null) {
      current = next;
      continue;
    }
    if (++budget.links > MAX_LINKS) return null;
    const led = follow(target, current, files, budget);
    if (led === null) return null;
    current = led;
  }
  return current;
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
