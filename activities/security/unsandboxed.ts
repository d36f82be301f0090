/**
 * The same interface with plain process groups on the host: the stated exception for the offline model where no sandbox
 * can start, or for a person who said --allow-unsandboxed. It bounds nothing; it only cleans up after itself.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { realpath, rm } from 'node:fs/promises';
import { connect as connectSocket } from 'node:net';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import getPort from 'get-port';
import { baseEnvironment, commandSpec } from './command-environment.js';
import { type StartedCommand, startCommand } from './inside/command.mjs';
import { openPostgresRelay, type Relay } from './postgres-relay.js';
import type { CommandRequest, CommandResult, RunningProcess, Sandbox, SandboxRequest } from './sandbox.js';

/** By this variable `close` finds processes that left their group (setsid, nohup). */
const MARK = 'NIGHTSHIFT_UNSANDBOXED';
const SHELL = ['/bin/bash', '--noprofile', '--norc', '-c', 'c=$SANDBOX_COMMAND; unset SANDBOX_COMMAND; eval -- "$c"'];

export async function openUnsandboxed(request: SandboxRequest): Promise<Sandbox> {
  const projectDir = await realpath(request.projectDir);
  const home = mkdtempSync('/tmp/nightshift-home-');
  const target = request.postgres;
  const relay =
    target && 'socketPath' in target ? await openPostgresRelay({ port: 0, host: '127.0.0.1' }, target) : null;
  const address = target && 'host' in target ? `${target.host}:${target.port}` : null;
  return new UnsandboxedProject({ ...request, projectDir }, home, relay, relay ? `127.0.0.1:${relay.port}` : address);
}

class UnsandboxedProject implements Sandbox {
  readonly kind = 'none';
  readonly holder = null;
  readonly notes = ['no sandbox: commands run as this user with access to everything this user has'];
  readonly #mark = randomUUID();
  readonly #environment: Record<string, string>;
  readonly #running = new Set<StartedCommand>();
  #closing: Promise<void> | null = null;

  constructor(
    readonly request: SandboxRequest,
    readonly home: string,
    readonly relay: Relay | null,
    readonly postgresAddress: string | null,
  ) {
    const nodeDirectory = path.dirname(process.execPath);
    const base = baseEnvironment(request, { home, temporary: '/tmp', nodeDirectory, proxyPort: null });
    this.#environment = { ...GIT_DEFAULTS, ...base, [MARK]: this.#mark };
  }

  async run(request: CommandRequest): Promise<CommandResult> {
    const command = this.#start(request, request.timeoutMs);
    const abort = (): void => command.kill();
    if (request.signal?.aborted) abort();
    request.signal?.addEventListener('abort', abort, { once: true });
    const end = await command.ended;
    request.signal?.removeEventListener('abort', abort);
    return { ...end, refusedHosts: [] };
  }

  async start(request: Omit<CommandRequest, 'timeoutMs' | 'signal' | 'stdin'>): Promise<RunningProcess> {
    const command = this.#start(request, null);
    const exited = command.ended.then(({ exitCode, output }) => ({ exitCode, output }));
    return {
      exited,
      stop: async () => {
        command.kill();
        await exited;
      },
    };
  }

  freePort(): Promise<number> {
    return getPort({ host: '127.0.0.1' });
  }

  connect(port: number): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const socket = connectSocket({ host: '127.0.0.1', port }, () => {
        socket.off('error', reject);
        resolve(socket);
      });
      socket.once('error', reject);
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  #start(request: Omit<CommandRequest, 'timeoutMs' | 'signal'>, timeoutMs: number | null): StartedCommand {
    const { spec, shell } = commandSpec(request, timeoutMs, this.request.projectDir, this.#environment);
    const command = startCommand(shell ? { ...spec, argv: SHELL } : spec);
    this.#running.add(command);
    void command.ended.then(() => this.#running.delete(command));
    return command;
  }

  async #end(): Promise<void> {
    const running = [...this.#running];
    for (const command of running) command.kill();
    await Promise.all(running.map((command) => command.ended));
    for (const pid of markedProcesses(this.#mark)) kill(pid);
    await this.relay?.close();
    await rm(this.home, { recursive: true, force: true });
  }
}

const GIT_DEFAULTS = {
  GIT_CONFIG_COUNT: '4',
  GIT_CONFIG_KEY_0: 'safe.directory',
  GIT_CONFIG_VALUE_0: '*',
  GIT_CONFIG_KEY_1: 'init.defaultBranch',
  GIT_CONFIG_VALUE_1: 'main',
  GIT_CONFIG_KEY_2: 'core.hooksPath',
  GIT_CONFIG_VALUE_2: '/dev/null',
  GIT_CONFIG_KEY_3: 'core.fsmonitor',
  GIT_CONFIG_VALUE_3: 'false',
};

/** Processes of this user whose environment carries the mark. */
function markedProcesses(mark: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1 && pid !== process.pid && environmentOf(pid).includes(`${MARK}=${mark}`));
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone already
  }
}
