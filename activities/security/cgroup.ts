/**
 * Memory and process bounds for a whole sandbox where the worker may make control groups (v1 or v2). Where it may not,
 * it says why; the limits of each process and the memory watch inside remain.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { SandboxLimits } from './sandbox.js';

export interface ControlGroup {
  /** `cgroup.procs` files that the first process writes its pid to. */
  readonly joinFiles: readonly string[];
  /** Directories, for the sweep after a crash. */
  readonly directories: readonly string[];
  /** Why there is none; null when there is one. */
  readonly reason: string | null;
}

const ROOT = '/sys/fs/cgroup';
/** Processes outside of the commands: bwrap twice, the server's threads. */
const OWN_PROCESSES = 24;

/** A group without directories states its reason. Never throws. */
export function createControlGroup(name: string, limits: SandboxLimits): ControlGroup {
  const made: string[] = [];
  try {
    if (existsSync(path.join(ROOT, 'cgroup.controllers'))) createUnified(name, limits, made);
    else createSeparate(name, limits, made);
    return {
      joinFiles: made.map((directory) => path.join(directory, 'cgroup.procs')),
      directories: made,
      reason: null,
    };
  } catch (error) {
    removeControlGroup(made);
    return {
      joinFiles: [],
      directories: [],
      reason: `no memory control group: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

export function removeControlGroup(directories: readonly string[]): void {
  for (const directory of directories) {
    try {
      rmdirSync(directory);
    } catch {
      // still busy or never made; the sweep at the next start takes it
    }
  }
}

/** How often the kernel ended a process for want of memory in these groups; 0 where there are none. */
export function memoryKills(directories: readonly string[]): number {
  for (const file of directories.flatMap((one) => [`${one}/memory.events`, `${one}/memory.oom_control`])) {
    try {
      return Number(/^oom_kill (\d+)$/m.exec(readFileSync(file, 'latin1'))?.[1] ?? 0);
    } catch {
      // the other version of control groups, or another controller
    }
  }
  return 0;
}

function createSeparate(name: string, limits: SandboxLimits, made: string[]): void {
  const memory = path.join(ROOT, 'memory', ownGroup('memory'), name);
  make(memory, made);
  writeFileSync(path.join(memory, 'memory.limit_in_bytes'), String(limits.memoryBytes));
  const pids = path.join(ROOT, 'pids', ownGroup('pids'), name);
  make(pids, made);
  writeFileSync(path.join(pids, 'pids.max'), String(limits.processes + OWN_PROCESSES));
}

function createUnified(name: string, limits: SandboxLimits, made: string[]): void {
  // Next to the worker's own group: a group with processes may not have children with controllers.
  const directory = path.join(ROOT, path.dirname(ownGroup('')), name);
  make(directory, made);
  writeFileSync(path.join(directory, 'memory.max'), String(limits.memoryBytes));
  writeFileSync(path.join(directory, 'pids.max'), String(limits.processes + OWN_PROCESSES));
  appendFileSync(path.join(directory, 'cgroup.procs'), ''); // refuses now rather than in the starting process
}

function make(directory: string, made: string[]): void {
  mkdirSync(directory);
  made.push(directory);
}

/** The worker's own group below the controller's root, e.g. `/user.slice/x`. */
function ownGroup(controller: string): string {
  const line = readFileSync('/proc/self/cgroup', 'latin1')
    .split('\n')
    .map((row) => row.split(':'))
    .find(([, controllers = '']) => controllers.split(',').includes(controller));
  if (line === undefined) throw new Error(`the kernel lists no ${controller || 'unified'} control group`);
  return line.slice(2).join(':');
}
