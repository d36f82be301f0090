/**
 * The one door through which trusted programs of this machine run (temporal, postgres, uv, go, our own node processes).
 * Nothing of a generated project may pass here: that is activities/security/sandbox.ts.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { environmentWithout, processEnvironment, SECRET_VARIABLES } from '../config/environment.js';

/** A process as it is found again later: a pid alone may belong to another process by then. */
export interface PidRecord {
  readonly pid: number;
  /** Boot id and start time: together with the pid they name one process for ever. */
  readonly startTime: string;
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Milliseconds until the program is killed; default 60,000. */
  readonly timeoutMs?: number;
  readonly input?: string;
  /** Unprivileged user to become first (root only). */
  readonly uid?: number;
  readonly gid?: number;
  readonly signal?: AbortSignal;
}

export interface RunResult {
  /** Exit status; null when it could not start, was killed or timed out. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** One line for a message: why it failed, or '' when it did not. */
  readonly problem: string;
}

/**
 * Runs a program to its end, in this process's environment or a given one, never with a model's credentials: no such
 * program needs them. A program that fails is a result, never an exception.
 */
export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const result = await execa(file, args, {
    reject: false,
    stdin: options.input === undefined ? 'ignore' : 'pipe',
    timeout: options.timeoutMs ?? 60_000,
    killSignal: 'SIGKILL',
    ...(options.input === undefined ? {} : { input: options.input }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: environmentWithout(options.environment ?? processEnvironment(), SECRET_VARIABLES),
    extendEnv: false,
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  const stderr = result.stderr ?? '';
  const lastLine = stderr.trim().split('\n').at(-1) ?? '';
  const reason = result.exitCode === undefined ? result.shortMessage : lastLine;
  const problem = result.failed ? reason || 'failed' : '';
  return { exitCode: result.exitCode ?? null, stdout: result.stdout ?? '', stderr, problem };
}

export interface SpawnRequest {
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Both outputs are appended here; rotated to `<file>.1` before the start when over `LOG_LIMIT_BYTES`. */
  readonly logFile: string;
  readonly uid?: number;
  readonly gid?: number;
}

/** A log over this many bytes becomes `<file>.1` at the next start: two generations, so at most about 20 MB a child. */
export const LOG_LIMIT_BYTES = 10 * 1024 * 1024;

/** Starts a program in a session of its own that outlives this process and its terminal. */
export async function spawnDetached(request: SpawnRequest): Promise<PidRecord> {
  rotateLog(request.logFile);
  const [file, ...args] = request.command;
  const log = openSync(request.logFile, 'a', 0o600);
  try {
    // Not execa: both outputs must be the file itself, not a pipe through this process, which may die first.
    const child = spawn(file, args, {
      detached: true,
      stdio: ['ignore', log, log],
      env: request.environment,
      cwd: request.cwd,
      ...(request.uid === undefined ? {} : { uid: request.uid }),
      ...(request.gid === undefined ? {} : { gid: request.gid }),
    });
    const started = new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    await started;
    child.unref();
    if (child.pid === undefined) throw new Error(`${file} did not start`);
    return { pid: child.pid, startTime: startTimeOf(child.pid) ?? 'ended' };
  } finally {
    closeSync(log);
  }
}

/** Runs a program on this terminal, with its input and output; resolves with its exit status. */
export async function runAttached(
  command: readonly [string, ...string[]],
  environment: Readonly<Record<string, string>>,
  cwd: string,
): Promise<number> {
  const [file, ...args] = command;
  const result = await execa(file, args, { reject: false, stdio: 'inherit', env: environment, extendEnv: false, cwd });
  return result.exitCode ?? 1;
}

/** A program that lives as long as its input is open: it ends with this process, however this one dies. */
export interface PipedProcess {
  /** Why it ended, in words; never rejects. */
  readonly ended: Promise<string>;
  /** Closes its input, which ends it. */
  end(): void;
}

/** Starts a program that reads a pipe of ours. One that is not there is a process that ended at once. */
export function spawnPiped(
  [file, ...args]: readonly [string, ...string[]],
  environment: Record<string, string>,
): PipedProcess {
  const child = execa(file, args, {
    ...{ reject: false, stdin: 'pipe', stdout: 'ignore', stderr: 'pipe', env: environment, extendEnv: false },
  });
  child.stdin?.on('error', () => undefined); // it ended before we closed its input
  const ended = child.then((result) => lastWord(result.stderr) || result.shortMessage || 'it ended');
  return { ended, end: () => child.stdin?.end() };
}

const lastWord = (text: unknown): string =>
  String(text ?? '')
    .trim()
    .split('\n')
    .at(-1) ?? '';

/** The record of this very process. */
export function ownRecord(): PidRecord {
  return { pid: process.pid, startTime: startTimeOf(process.pid) ?? 'unknown' };
}

/** True when exactly this process still runs; a zombie that nobody reaps counts as dead. */
export function isAlive(record: PidRecord): boolean {
  return startTimeOf(record.pid) === record.startTime;
}

/** Sends a signal to exactly this process; false when it is gone. */
export function signalProcess(record: PidRecord, signal: NodeJS.Signals): boolean {
  if (!isAlive(record)) return false;
  try {
    process.kill(record.pid, signal);
    return true;
  } catch {
    return false; // ended between the look and the signal, or is not ours
  }
}

/** TERM (or another signal), then KILL after the grace in milliseconds. Resolves when it is gone. */
export async function stop(record: PidRecord, graceMs = 10_000, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (!signalProcess(record, signal)) return;
  if (await gone(record, graceMs)) return;
  signalProcess(record, 'SIGKILL');
  await gone(record, 5_000);
}

async function gone(record: PidRecord, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (isAlive(record)) {
    if (Date.now() > deadline) return false;
    await delay(25);
  }
  return true;
}

/** Boot id and start time of a running process; null when there is none or it is a zombie. */
export function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets and may hold spaces: count from the last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    return `${bootId()}:${fields[19]}`;
  } catch {
    return process.platform === 'linux' ? null : startTimeWithoutProc(pid);
  }
}

/** Without /proc (macOS) only existence can be asked without starting a program. */
function startTimeWithoutProc(pid: number): string | null {
  try {
    process.kill(pid, 0);
    return 'exists';
  } catch {
    return null;
  }
}

let knownBootId: string | undefined;
function bootId(): string {
  knownBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
  return knownBootId;
}

function rotateLog(file: string): void {
  try {
    if (statSync(file).size > LOG_LIMIT_BYTES) renameSync(file, `${file}.1`);
  } catch {
    // no log yet
  }
}
