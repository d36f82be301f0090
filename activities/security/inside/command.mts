/**
 * One process group: starts it, collects its output, ends it on time. Knows nothing of sandboxes; the exec server
 * uses it inside, the unsandboxed implementation on the host. Plain Node, no dependencies.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { BoundedOutput } from './output.mjs';
import { OutputValve } from './output-valve.mjs';

export interface CommandSpec {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly stdin: string | null;
  /** null: a server, runs until killed. */
  readonly timeoutMs: number | null;
  readonly graceMs: number;
  readonly outputBytes: number;
}

export interface CommandEnd {
  readonly exitCode: number | null;
  readonly output: string;
  readonly stdout: string;
  readonly truncatedBytes: number;
  readonly timedOut: boolean;
  readonly durationMs: number;
  readonly background: boolean;
  /** Limits that it ran into, in words. */
  readonly limits: readonly string[];
}

export interface StartedCommand {
  /** Process group; null when it could not be started. */
  readonly pid: number | null;
  readonly ended: Promise<CommandEnd>;
  /** TERM to the group, KILL after the grace. */
  kill(): void;
}

/** How long after the exit of the command its pipes may still be open before the rest counts as background. */
const BACKGROUND_AFTER_MS = 150;
const SIGNALS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGSYS: 31,
};

export function startCommand(spec: CommandSpec): StartedCommand {
  const startedAt = performance.now();
  const output = new BoundedOutput(spec.outputBytes, spec.timeoutMs !== null);
  const stdout = new BoundedOutput(spec.outputBytes);
  const state = { timedOut: false, killed: false };
  let child: ChildProcess;
  try {
    child = spawnGroup(spec);
  } catch (error) {
    return { pid: null, ended: Promise.resolve(notStarted(error, spec)), kill: () => undefined };
  }
  const valve = collect(child, spec, output, stdout);
  child.once('exit', () => valve.drain());
  const kill = (): void => {
    if (state.killed) return;
    state.killed = true;
    signalGroup(child.pid, 'SIGTERM');
    setTimeout(() => signalGroup(child.pid, 'SIGKILL'), spec.graceMs).unref();
  };
  const ended = awaitEnd(child, spec, state).then((end) => ({
    ...end,
    output: end.output || output.text(),
    stdout: stdout.text(),
    truncatedBytes: output.truncatedBytes,
    limits: valve.breach === null ? [] : [valve.breach],
    durationMs: performance.now() - startedAt,
  }));
  if (spec.timeoutMs !== null) limitTime(ended, spec.timeoutMs, state, kill);
  return { pid: child.pid ?? null, ended, kill };
}

interface Interruption {
  timedOut: boolean;
  killed: boolean;
}

function spawnGroup(spec: CommandSpec): ChildProcess {
  const [program = 'false', ...args] = spec.argv;
  return spawn(program, args, {
    cwd: spec.cwd,
    env: { ...spec.environment },
    stdio: [spec.stdin === null ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    detached: true,
  });
}

function limitTime(ended: Promise<CommandEnd>, timeoutMs: number, state: Interruption, kill: () => void): void {
  const timer = setTimeout(() => {
    state.timedOut = true;
    kill();
  }, timeoutMs);
  void ended.then(() => clearTimeout(timer));
}

function awaitEnd(child: ChildProcess, spec: CommandSpec, state: Interruption): Promise<CommandEnd> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(notStarted(error, spec)));
    child.once('exit', async (code, signal) => {
      const background = await settle(child, state.killed);
      const interrupted = state.killed && spec.timeoutMs !== null;
      const exitCode = interrupted ? null : (code ?? 128 + (SIGNALS[signal ?? ''] ?? 0));
      resolve({ ...NOTHING, exitCode, timedOut: state.timedOut, background });
    });
  });
}

const NOTHING = {
  output: '',
  stdout: '',
  truncatedBytes: 0,
  timedOut: false,
  durationMs: 0,
  background: false,
  limits: [],
};

/** Reads both pipes for as long as they live: closing them would kill background servers by SIGPIPE. */
function collect(child: ChildProcess, spec: CommandSpec, output: BoundedOutput, stdout: BoundedOutput): OutputValve {
  child.stdout?.on('data', (chunk: Buffer) => {
    output.push(chunk);
    stdout.push(chunk);
  });
  child.stderr?.on('data', (chunk: Buffer) => output.push(chunk));
  child.stdout?.on('error', () => undefined);
  child.stderr?.on('error', () => undefined);
  if (spec.stdin !== null && child.stdin) {
    child.stdin.on('error', () => undefined); // the command ended without reading all of it
    child.stdin.end(spec.stdin);
  }
  return new OutputValve([child.stdout, child.stderr].filter((stream) => stream !== null));
}

/** After the exit: true when processes of the group, or holders of its pipes, go on. */
async function settle(child: ChildProcess, killed: boolean): Promise<boolean> {
  if (killed) signalGroup(child.pid, 'SIGKILL');
  const closed = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), BACKGROUND_AFTER_MS);
    child.once('close', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
  if (!closed) return true;
  if (!groupAlive(child.pid)) return false;
  await new Promise((resolve) => setTimeout(resolve, 20)); // members that are just ending
  return groupAlive(child.pid);
}

function groupAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

export function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // gone already
  }
}

function notStarted(error: unknown, spec: CommandSpec): CommandEnd {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  const why =
    code === 'EAGAIN'
      ? 'the process limit of the sandbox is reached; end background processes first (pkill) and try again'
      : code === 'ENOENT'
        ? `the directory ${spec.cwd} does not exist`
        : code === 'E2BIG'
          ? 'the command is too long; write it to a file first'
          : code;
  const output = `nightshift: the command could not be started: ${why}`;
  return { ...NOTHING, exitCode: 126, output };
}
