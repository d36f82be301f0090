/**
 * A fault at a named point of a worker, as a file: the test writes it (arms), the worker's preload fault-point.ts reads
 * it at each point that it passes and carries it out once. Every model call is counted beside it.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** The variable that names the file; without it the preload does nothing. */
export const FAULT_VARIABLE = 'NIGHTSHIFT_TEST_FAULT';

export type Fault =
  /** A journal entry whose line holds `text`, the nth since arming: killed before it is written, or after it is on disk. */
  | { readonly point: 'before-entry' | 'after-entry'; readonly text: string; readonly nth: number; readonly act: Act }
  /** Before a file whose name ends so is renamed into place. */
  | { readonly point: 'before-rename'; readonly to: string; readonly nth: number; readonly act: Act }
  /** After the first bytes of the nth answer of the model. */
  | { readonly point: 'in-stream'; readonly nth: number; readonly act: Act }
  /** Calls go to another server for as long as the file is there. */
  | { readonly point: 'model-elsewhere'; readonly url: string }
  /** The worker's clock is off by so much for as long as the file is there. */
  | { readonly point: 'clock'; readonly ms: number };

export type Act =
  | { readonly kind: 'kill' }
  /** Leaves git's lock behind, as a git that died would. */
  | { readonly kind: 'lock-and-kill'; readonly lock: string }
  /** Cuts so many bytes off the end of the journal first. */
  | { readonly kind: 'tear-and-kill'; readonly bytes: number };

export const KILL: Act = { kind: 'kill' };

/** The fault as it is armed now, or null. `id` tells one arming from the next. */
export function armedFault(file: string): (Fault & { readonly id: string }) | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Fault & { id: string };
  } catch {
    return null; // not armed, or fired in between
  }
}

let armings = 0;

export function arm(file: string, fault: Fault): void {
  armings += 1;
  rmSync(firedFile(file), { force: true });
  writeFileSync(`${file}.tmp`, JSON.stringify({ ...fault, id: `${process.pid}-${armings}` }));
  renameSync(`${file}.tmp`, file);
}

export function disarm(file: string): void {
  rmSync(file, { force: true });
}

/** Takes the fault out of the file: true for exactly one of several workers, once. */
export function claimFault(file: string): boolean {
  try {
    renameSync(file, firedFile(file));
    return true;
  } catch {
    return false;
  }
}

export const hasFired = (file: string): boolean => existsSync(firedFile(file));
export const callsFile = (file: string): string => `${file}.calls`;
const firedFile = (file: string): string => `${file}.fired`;
