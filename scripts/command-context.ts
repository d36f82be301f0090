/** What every command gets: configuration, terminal, how to call Nightshift in this shell, and a way to the server. */
import path from 'node:path';
import type { Client } from '@temporalio/client';
import { quote } from 'shell-quote';
import type { Config } from '../config/config.js';
import { packageRoot } from '../config/locations.js';
import type { Terminal } from './terminal.js';

export interface CommandContext {
  readonly config: Config;
  readonly terminal: Terminal;
  /** `./nightshift`, or the path that works pasted into the caller's shell. */
  readonly self: string;
  /** Starts what must run (supervisor, servers, worker) and connects. Throws EnvironmentError with the cure. */
  connect(): Promise<Client>;
  /** Connects to what runs already; null when nothing does. Starts nothing. */
  connectIfRunning(): Promise<Client | null>;
}

/** How to call Nightshift from `directory`: the shortest of relative and absolute that a shell takes as it is. */
export function selfFrom(directory: string): string {
  const relative = path.relative(directory, path.join(packageRoot, 'nightshift'));
  const absolute = path.join(packageRoot, 'nightshift');
  const shortest = relative.startsWith('..') && relative.length > absolute.length ? absolute : relative;
  return quote([path.isAbsolute(shortest) || shortest.startsWith('.') ? shortest : `./${shortest}`]);
}

/** A directory as it may be pasted into the caller's shell. */
export function shellPath(directory: string, from: string): string {
  const relative = path.relative(from, directory) || '.';
  return quote([relative.length < directory.length && !relative.startsWith('../..') ? relative : directory]);
}
