/** The Sandbox interface with plain processes, for tests of what runs inside one; protects nothing. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import type {
  CommandRequest,
  CommandResult,
  RunningProcess,
  Sandbox,
  SandboxRequest,
} from '../../activities/security/sandbox.js';

/** Opens one over `request.projectDir`; `close` ends what it started and removes its temporary directory. */
export async function openLocalSandbox(request: SandboxRequest): Promise<Sandbox> {
  const temporary = await mkdtemp(path.join(tmpdir(), 'nightshift-sandbox-'));
  const children = new Set<ChildProcess>();
  const launch = (command: Omit<CommandRequest, 'timeoutMs'>): ChildProcess => {
    const [file, ...args] = argv(command.command);
    const child = spawn(file ?? 'true', args, {
      cwd: path.resolve(request.projectDir, command.cwd ?? '.'),
      detached: true,
      env: {
        ...request.environment,
        HOME: temporary,
        TMPDIR: temporary,
        LANG: 'C.UTF-8',
        PATH: [...request.path, '/usr/bin', '/bin'].join(':'),
        ...command.environment,
      },
    });
    children.add(child);
    child.once('close', () => children.delete(child));
    return child;
  };
  return {
    kind: 'none',
    holder: null,
    notes: [],
    postgresAddress:
      request.postgres && 'host' in request.postgres ? `${request.postgres.host}:${request.postgres.port}` : null,
    run: (command) => runToEnd(launch(command), command),
    start: async (command) => running(launch(command)),
    freePort,
    connect,
    close: async () => {
      await Promise.all([...children].map((child) => end(child, 'SIGKILL')));
      await rm(temporary, { recursive: true, force: true });
    },
  };
}

function argv(command: CommandRequest['command']): readonly string[] {
  return 'shell' in command ? ['bash', '-c', command.shell] : command;
}

async function runToEnd(child: ChildProcess, command: CommandRequest): Promise<CommandResult> {
  const started = Date.now();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup(child, 'SIGKILL');
  }, command.timeoutMs);
  const abort = (): void => killGroup(child, 'SIGKILL');
  command.signal?.addEventListener('abort', abort, { once: true });
  if (command.signal?.aborted) abort();
  child.stdin?.on('error', () => {});
  child.stdin?.end(command.stdin ?? '');
  const out = collect(child, ['stdout']);
  const all = collect(child, ['stdout', 'stderr']);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  clearTimeout(timer);
  command.signal?.removeEventListener('abort', abort);
  const stopped = timedOut || command.signal?.aborted;
  return {
    exitCode: stopped ? null : (code ?? (signal ? 137 : 1)),
    output: all(),
    stdout: out(),
    truncatedBytes: 0,
    timedOut,
    durationMs: Date.now() - started,
    background: false,
    refusedHosts: [],
  };
}

function collect(child: ChildProcess, streams: readonly ('stdout' | 'stderr')[]): () => string {
  const chunks: Buffer[] = [];
  for (const stream of streams) child[stream]?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}

function running(child: ChildProcess): RunningProcess {
  const output = collect(child, ['stdout', 'stderr']);
  const exited = once(child, 'close').then(([code]) => ({ exitCode: code as number | null, output: output() }));
  return { exited, stop: () => end(child, 'SIGTERM') };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  killGroup(child, signal);
  await closed;
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function connect(port: number): Promise<Duplex> {
  const socket = net.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}
