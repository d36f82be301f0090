/**
 * A server that speaks the streaming Messages API from a script, one step a request: answers, refusals, limits, and
 * the ways a connection breaks. Records every request, so that a test can say what was paid for.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { event, eventsOf, type ScriptedBlock, type ScriptedUsage } from './message-events.js';

export type Step =
  | {
      readonly kind: 'answer';
      readonly blocks: readonly ScriptedBlock[];
      readonly stopReason?: string;
      readonly usage?: ScriptedUsage;
      readonly cutInputAt?: number;
    }
  /** An HTTP error before any event. */
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly type: string;
      readonly headers?: Record<string, string>;
      readonly message?: string;
    }
  /** The first half of an answer, then: the connection reset; an `error` event; a clean end; bytes that are no JSON. */
  | { readonly kind: 'half'; readonly broken: 'reset' | 'overloaded' | 'end' | 'garbage' }
  /** The first event, then silence until the client goes away. */
  | { readonly kind: 'hang' };

export interface RecordedRequest {
  readonly body: Record<string, unknown> & { readonly messages: readonly unknown[] };
  /** Exactly the bytes of the body. */
  readonly raw: string;
  readonly headers: IncomingMessage['headers'];
}

export interface ScriptedModel {
  readonly url: string;
  readonly requests: readonly RecordedRequest[];
  /** Resolves when the n-th request (1-based) has arrived and its step was begun. */
  arrived(n: number): Promise<void>;
  /** Resolves when the client of a `hang` step has gone away. */
  readonly hangUp: Promise<void>;
  close(): Promise<void>;
}

export const say = (text: string): Step => ({ kind: 'answer', blocks: [{ type: 'text', text }] });

export const call = (id: string, name: string, input: unknown): ScriptedBlock => ({
  type: 'tool_use',
  id,
  name,
  input,
});

export const calls = (...blocks: readonly ScriptedBlock[]): Step => ({
  kind: 'answer',
  blocks,
  stopReason: 'tool_use',
});

/** Starts on a free loopback port. A request beyond the script gets 500 and is recorded too. */
export async function scriptedModel(script: readonly Step[]): Promise<ScriptedModel> {
  const server = new ScriptServer(script);
  await server.listen();
  return server;
}

class ScriptServer implements ScriptedModel {
  readonly requests: RecordedRequest[] = [];
  readonly hangUp: Promise<void>;
  readonly #server: Server;
  #waiters: { readonly n: number; readonly resolve: () => void }[] = [];
  #hungUp: () => void = () => undefined;
  #begun = 0;

  constructor(private readonly script: readonly Step[]) {
    this.hangUp = new Promise((resolve) => {
      this.#hungUp = resolve;
    });
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async arrived(n: number): Promise<void> {
    if (this.#begun >= n) return;
    await new Promise<void>((resolve) => this.#waiters.push({ n, resolve }));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks).toString('utf8');
    this.requests.push({ raw, body: JSON.parse(raw), headers: request.headers });
    const number = this.requests.length;
    const step = this.script[number - 1] ?? {
      kind: 'error',
      status: 500,
      type: 'api_error',
      message: 'script is over',
    };
    await this.#play(step, number, response);
    this.#begun = number;
    for (const waiter of this.#waiters.filter(({ n }) => n <= number)) waiter.resolve();
    this.#waiters = this.#waiters.filter(({ n }) => n > number);
  }

  async #play(step: Step, number: number, response: ServerResponse): Promise<void> {
    if (step.kind === 'error') return playError(step, response);
    response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': `req_${number}` });
    const events = eventsOf({
      id: `msg_${number}`,
      model: 'claude-scripted',
      blocks: step.kind === 'answer' ? step.blocks : [{ type: 'text', text: 'half of an answer, and then' }],
      stopReason: (step.kind === 'answer' && step.stopReason) || 'end_turn',
      usage: (step.kind === 'answer' && step.usage) || { input_tokens: 100, output_tokens: 10 },
      ...(step.kind === 'answer' && step.cutInputAt !== undefined ? { cutInputAt: step.cutInputAt } : {}),
    });
    if (step.kind === 'answer') {
      for (const text of events) response.write(text);
      response.end();
      return;
    }
    await written(response, events.slice(0, step.kind === 'hang' ? 3 : 4).join(''));
    if (step.kind === 'half') breakOff(step.broken, response);
    else response.on('close', () => this.#hungUp());
  }
}

function playError(step: Extract<Step, { kind: 'error' }>, response: ServerResponse): void {
  response.writeHead(step.status, { 'content-type': 'application/json', ...step.headers });
  response.end(JSON.stringify({ type: 'error', error: { type: step.type, message: step.message ?? step.type } }));
}

function breakOff(how: 'reset' | 'overloaded' | 'end' | 'garbage', response: ServerResponse): void {
  if (how === 'reset') response.socket?.resetAndDestroy();
  else if (how === 'overloaded')
    response.end(event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }));
  else if (how === 'garbage') response.end('event: content_block_delta\ndata: {"type": "conten\u0000<html>\n\n');
  else response.end();
}

function written(response: ServerResponse, text: string): Promise<void> {
  return new Promise((resolve, reject) => response.write(text, (error) => (error ? reject(error) : resolve())));
}
