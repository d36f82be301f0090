/**
 * Which limit a command ran into, in words for the model. Only reports: the limits themselves are the kernel's, and those
 * of the watches beside this file. Plain Node, no dependencies.
 */
import { readdirSync } from 'node:fs';
import type { CommandEnd } from './command.mjs';

/** The limits that the exec server watches or explains. */
export interface Bounds {
  readonly projectDir: string;
  readonly memoryBytes: number;
  /** True where no control group bounds the memory of everything inside together. */
  readonly watchMemory: boolean;
  readonly processes: number;
  readonly fileBytes: number;
  readonly projectBytes: number;
  readonly cpuSeconds: number;
}

const SIGXCPU = 128 + 24;
const SIGXFSZ = 128 + 25;
/** What shells, Python and this server say when nothing more can start. */
const OUT_OF_PROCESSES =
  /fork: (retry: )?Resource temporarily unavailable|BlockingIOError: \[Errno 11\]|can't start new thread|nightshift: .*process limit/;
/** Share of the process limit that background processes may hold when their command has ended. */
const CROWDED = 0.8;

/** What its exit status and its output say about file size and CPU time. */
export function breachesOf(end: CommandEnd, { fileBytes, cpuSeconds }: Bounds): string[] {
  const breaches: string[] = [];
  if (end.exitCode === SIGXFSZ || /File size limit exceeded|\[Errno 27\] File too large|EFBIG/.test(end.output)) {
    breaches.push(`a file reached ${sizeText(fileBytes)}, the most that one file may hold; the rest was not written`);
  }
  if (end.exitCode === SIGXCPU || /CPU time limit exceeded/.test(end.output)) {
    breaches.push(`a process used ${cpuSeconds} s of CPU time, the most that one may use, and was ended`);
  }
  return breaches;
}

/** True when what the command left running keeps the next one from starting: a fork bomb. */
export function isOutOfProcesses(end: CommandEnd, { processes }: Bounds): boolean {
  return OUT_OF_PROCESSES.test(end.output) || (end.background && countProcesses() >= processes * CROWDED);
}

export function outOfProcesses({ processes }: Bounds): string {
  return `the process limit of the sandbox (${processes}) was reached; every process in it was ended, servers too`;
}

/** Processes inside, the server and its parent too. */
export function countProcesses(): number {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length;
}

/** `2 GB`, `512 MB`, `30 kB`: powers of 1024, for people. */
export function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${Math.round((bytes / 1024 ** power) * 10) / 10} ${units[power]}`;
}
