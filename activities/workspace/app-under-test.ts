/**
 * Starts a project as its README says, in a sandbox over its files: migrations, then uvicorn, then the first answer.
 * That a project doesn't start is a result with the log's tail, never an exception.
 */
import http from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { AppUnderTest } from '../features/case-client.js';
import type { RunningProcess, Sandbox } from '../security/sandbox.js';

export interface AppSettings {
  /** Of an empty database, as seen inside the sandbox: `postgresql+asyncpg://…`. */
  readonly databaseUrl: string;
  /** Further variables of the project's settings (AUTH_MODE, …). */
  readonly environment?: Readonly<Record<string, string>>;
  /** From the start of uvicorn to its first answer, default 30 s. */
  readonly readyTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface RunningApp extends AppUnderTest {
  /** Resolves when the server ends by itself or is stopped. */
  readonly ended: Promise<void>;
  /** Last lines that the app printed, at most 8 kB. */
  logTail(): Promise<string>;
  stop(): Promise<void>;
}

export type AppStart =
  | { readonly kind: 'running'; readonly app: RunningApp }
  | { readonly kind: 'failed'; readonly step: 'migrations' | 'start'; readonly problem: string; readonly log: string };

const MIGRATION_TIMEOUT_MS = 60_000;
const READY_TIMEOUT_MS = 30_000;
const PROBE_TIMEOUT_MS = 5_000;
const PROBE_PAUSE_MS = 40;
const LOG_BYTES = 8_000;

type AppFailure = Extract<AppStart, { readonly kind: 'failed' }>;

/** `alembic upgrade head`, then `uvicorn app.main:app`; resolves at the first HTTP answer, whatever its status. */
export async function startApp(sandbox: Sandbox, settings: AppSettings): Promise<AppStart> {
  return (await migrate(sandbox, settings)) ?? serve(sandbox, settings);
}

/** `alembic upgrade head`; null when it went well. */
export async function migrate(sandbox: Sandbox, settings: AppSettings): Promise<AppFailure | null> {
  const migrated = await sandbox.run({
    command: ['alembic', 'upgrade', 'head'],
    environment: environmentOf(settings),
    timeoutMs: MIGRATION_TIMEOUT_MS,
    outputBytes: LOG_BYTES,
    ...(settings.signal ? { signal: settings.signal } : {}),
  });
  settings.signal?.throwIfAborted();
  if (migrated.exitCode === 0) return null;
  const end = migrated.timedOut ? `no end after ${MIGRATION_TIMEOUT_MS / 1000} s` : `exit status ${migrated.exitCode}`;
  return { kind: 'failed', step: 'migrations', problem: `alembic upgrade head: ${end}`, log: migrated.output };
}

/** `uvicorn app.main:app` on a migrated database. */
export async function serve(sandbox: Sandbox, settings: AppSettings): Promise<AppStart> {
  const port = await sandbox.freePort();
  const server = await startServer(sandbox, port, environmentOf(settings));
  return untilReady(sandbox, server, port, settings);
}

function environmentOf(settings: AppSettings): Readonly<Record<string, string>> {
  return { ...settings.environment, DATABASE_URL: settings.databaseUrl, PYTHONUNBUFFERED: '1' };
}

function startServer(
  sandbox: Sandbox,
  port: number,
  environment: Readonly<Record<string, string>>,
): Promise<RunningProcess> {
  const server = `exec uvicorn app.main:app --host 127.0.0.1 --port ${port} --no-access-log`;
  // The log goes to a file so that its tail can be read while the server runs.
  return sandbox.start({ command: ['sh', '-c', `${server} > "${logFile(port)}" 2>&1`], environment });
}

function logFile(port: number): string {
  return `$HOME/app-${port}.log`; // HOME is the sandbox's own and ends with it
}

async function untilReady(
  sandbox: Sandbox,
  server: RunningProcess,
  port: number,
  settings: AppSettings,
): Promise<AppStart> {
  const timeoutMs = settings.readyTimeoutMs ?? READY_TIMEOUT_MS;
  const over = new AbortController();
  const outcome = await Promise.race([
    server.exited.then(({ exitCode }) => `it ended with exit status ${exitCode}`),
    firstAnswer(sandbox, port, timeoutMs, over.signal),
    aborted(settings.signal, over.signal),
  ]).finally(() => over.abort());
  const app = runningApp(sandbox, server, port);
  if (outcome === null) return { kind: 'running', app };
  await server.stop();
  settings.signal?.throwIfAborted();
  const problem = `uvicorn app.main:app did not answer: ${outcome}`;
  return { kind: 'failed', step: 'start', problem, log: await app.logTail() };
}

function runningApp(sandbox: Sandbox, server: RunningProcess, port: number): RunningApp {
  return {
    port,
    ended: server.exited.then(() => undefined),
    connect: (to) => sandbox.connect(to),
    stop: () => server.stop(),
    logTail: async () => {
      const command = ['sh', '-c', `tail -c ${LOG_BYTES} "${logFile(port)}"`];
      return (await sandbox.run({ command, timeoutMs: 10_000, outputBytes: LOG_BYTES * 2 })).stdout;
    },
  };
}

/** Null at the first answer; the reason when there is none in time. */
async function firstAnswer(
  sandbox: Sandbox,
  port: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | null> {
  const end = performance.now() + timeoutMs;
  while (performance.now() < end && !signal.aborted) {
    if (await answers(sandbox, port)) return null;
    await delay(PROBE_PAUSE_MS);
  }
  return `nothing on its port for ${timeoutMs / 1000} s`;
}

async function answers(sandbox: Sandbox, port: number): Promise<boolean> {
  const stream = await sandbox.connect(port).catch(() => null);
  if (stream === null) return false;
  try {
    return await probed(stream);
  } finally {
    stream.destroy();
  }
}

function probed(stream: Duplex): Promise<boolean> {
  return new Promise((resolve) => {
    stream.once('error', () => resolve(false));
    stream.once('close', () => resolve(false));
    const request = http.get({ path: '/health/live', timeout: PROBE_TIMEOUT_MS, createConnection: () => stream });
    request.once('response', (response) => resolve(response.resume().statusCode !== undefined));
    request.once('timeout', () => resolve(false));
    request.once('error', () => resolve(false));
  });
}

function aborted(signal: AbortSignal | undefined, over: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve('stopped');
    signal?.addEventListener('abort', () => resolve('stopped'), { once: true, signal: over });
  });
}
