/**
 * The worker's end of the conversation with the exec server of one sandbox: orders out, results in. Bounded waits only;
 * when the server is gone every open order ends as `SandboxLost`.
 */
import type { Duplex } from 'node:stream';
import type { CommandEnd, CommandSpec } from './inside/command.mjs';
import { SandboxLost } from './sandbox.js';

type Reply =
  | { readonly type: 'ready' }
  | { readonly type: 'started'; readonly id: number; readonly pid: number | null }
  | { readonly type: 'ended'; readonly id: number; readonly end: CommandEnd };

interface Order {
  readonly ended: PromiseWithResolvers<CommandEnd>;
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

export interface RemoteCommand {
  readonly ended: Promise<CommandEnd>;
  kill(): void;
}

export class ControlChannel {
  /** Resolves when the server is up; rejects when it ends before. */
  readonly ready: Promise<void>;
  readonly #stream: Duplex;
  readonly #orders = new Map<number, Order>();
  readonly #ready = withResolvers<void>();
  #next = 1;
  #pending = '';
  #lost: SandboxLost | null = null;

  constructor(stream: Duplex) {
    this.#stream = stream;
    this.ready = this.#ready.promise;
    this.ready.catch(() => undefined);
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => this.#read(text));
    stream.on('error', () => this.lose('the connection to it broke'));
    stream.on('close', () => this.lose('it ended'));
    stream.on('end', () => this.lose('it ended'));
  }

  run(spec: CommandSpec, shell: boolean): RemoteCommand {
    if (this.#lost) throw this.#lost;
    const id = this.#next++;
    const ended = withResolvers<CommandEnd>();
    ended.promise.catch(() => undefined); // whoever waits for it gets the rejection too
    this.#orders.set(id, { ended });
    this.#send({ op: 'run', id, spec, shell });
    return { ended: ended.promise, kill: () => this.#send({ op: 'kill', id }) };
  }

  /** Asks the server to end, which ends the sandbox. */
  end(): void {
    this.#stream.end();
  }

  /** Fails every open and later order. */
  lose(why: string): void {
    if (this.#lost) return;
    this.#lost = new SandboxLost(
      `the sandbox is gone: ${why}. Servers started in it have stopped; a new one is needed.`,
    );
    this.#ready.reject(this.#lost);
    for (const { ended } of this.#orders.values()) ended.reject(this.#lost);
    this.#orders.clear();
  }

  #send(message: object): void {
    if (!this.#stream.writable) return;
    this.#stream.write(`${JSON.stringify(message)}\n`);
  }

  #read(text: string): void {
    const lines = (this.#pending + text).split('\n');
    this.#pending = lines.pop() ?? '';
    for (const line of lines) this.#accept(JSON.parse(line) as Reply);
  }

  #accept(reply: Reply): void {
    if (reply.type === 'ready') this.#ready.resolve();
    if (reply.type !== 'ended') return;
    this.#orders.get(reply.id)?.ended.resolve(reply.end);
    this.#orders.delete(reply.id);
  }
}

function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}
