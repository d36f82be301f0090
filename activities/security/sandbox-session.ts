/**
 * A live bubblewrap sandbox as the rest of Nightshift sees it: runs commands over the control channel, reaches servers
 * inside, ends everything at close. How it was started is `bubblewrap.ts`'s business.
 */
import { connect as connectSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import { baseEnvironment, commandSpec, GRACE_MS, type Surroundings } from './command-environment.js';
import type { ControlChannel, RemoteCommand } from './control-channel.js';
import { sizeText } from './inside/breach.mjs';
import type {
  CommandRequest,
  CommandResult,
  ProcessIdentity,
  RunningProcess,
  Sandbox,
  SandboxRequest,
} from './sandbox.js';

/** A command that hasn't ended this long after its time and grace: the server inside is stopped or starved. */
const UNRESPONSIVE_MS = 10_000;
const FIRST_PORT = 20_000;
const PORTS = 10_000;

export interface SessionParts {
  readonly request: SandboxRequest;
  readonly channel: ControlChannel;
  readonly holder: ProcessIdentity;
  readonly surroundings: Surroundings;
  /** Unix socket that leads to the exec server's port forwarding. */
  readonly inwardSocket: string;
  readonly postgresAddress: string | null;
  readonly refusedHosts: readonly string[];
  readonly notes: readonly string[];
  /** How often the kernel ended something inside for want of memory, so far. */
  readonly memoryKills: () => number;
  readonly memoryBytes: number;
  /** Ends the processes and frees everything on the host. */
  readonly dispose: () => Promise<void>;
}

export class BubblewrapSandbox implements Sandbox {
  readonly kind = 'bubblewrap';
  readonly postgresAddress: string | null;
  readonly holder: ProcessIdentity;
  readonly notes: readonly string[];
  readonly #parts: SessionParts;
  readonly #environment: Record<string, string>;
  #nextPort = 0;
  #closing: Promise<void> | null = null;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.postgresAddress = parts.postgresAddress;
    this.holder = parts.holder;
    this.notes = parts.notes;
    this.#environment = baseEnvironment(parts.request, parts.surroundings);
  }

  async run(request: CommandRequest): Promise<CommandResult> {
    const mark = this.#parts.refusedHosts.length;
    const kills = this.#parts.memoryKills();
    const command = this.#start(request, request.timeoutMs);
    const abort = (): void => command.kill();
    if (request.signal?.aborted) abort();
    request.signal?.addEventListener('abort', abort, { once: true });
    const watchdog = setTimeout(
      () => {
        this.#parts.channel.lose(`it did not answer ${UNRESPONSIVE_MS / 1000} s after the command's time limit`);
        void this.close();
      },
      request.timeoutMs + GRACE_MS + UNRESPONSIVE_MS,
    );
    try {
      const end = await command.ended;
      const refusedHosts = [...new Set(this.#parts.refusedHosts.slice(mark))];
      const outOfMemory = this.#parts.memoryKills() > kills ? [this.#outOfMemory()] : [];
      return { ...end, refusedHosts, limits: [...end.limits, ...outOfMemory] };
    } finally {
      clearTimeout(watchdog);
      request.signal?.removeEventListener('abort', abort);
    }
  }

  async start(request: Omit<CommandRequest, 'timeoutMs' | 'signal' | 'stdin'>): Promise<RunningProcess> {
    const command = this.#start(request, null);
    const exited = command.ended.then(({ exitCode, output }) => ({ exitCode, output }));
    exited.catch(() => undefined); // a caller may never ask how its server ended
    return {
      exited,
      stop: async () => {
        command.kill();
        await exited.catch(() => undefined); // gone with the sandbox
      },
    };
  }

  async freePort(): Promise<number> {
    for (let tries = 0; tries < PORTS; tries++) {
      const port = FIRST_PORT + (this.#nextPort++ % PORTS);
      const taken = await this.connect(port).then(
        (connection) => Boolean(connection.destroy()),
        () => false,
      );
      if (!taken) return port;
    }
    throw new Error(`no free port between ${FIRST_PORT} and ${FIRST_PORT + PORTS} in the sandbox`);
  }

  connect(port: number): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const socket = connectSocket(this.#parts.inwardSocket);
      const refuse = (): void => reject(new Error(`nothing listens on 127.0.0.1:${port} in the sandbox`));
      socket.once('error', refuse).once('close', refuse);
      socket.write(`${port}\n`);
      socket.once('readable', () => {
        const answer = socket.read(1) as Buffer | null;
        if (answer === null) return; // its end: 'close' follows
        socket.off('error', refuse).off('close', refuse);
        resolve(socket);
      });
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#parts.dispose();
    return this.#closing;
  }

  #outOfMemory(): string {
    const size = sizeText(this.#parts.memoryBytes);
    return `the memory of the session (${size}, files in /tmp and servers in the background included) was used up: the kernel ended a process`;
  }

  #start(request: Omit<CommandRequest, 'timeoutMs' | 'signal'>, timeoutMs: number | null): RemoteCommand {
    const { spec, shell } = commandSpec(request, timeoutMs, this.#parts.request.projectDir, this.#environment);
    return this.#parts.channel.run(spec, shell);
  }
}
