/**
 * Sends a test case's requests to the app under test, over any duplex stream (the sandbox's relay, plain TCP), with
 * keep-alive. A refused connection, a time-out or an oversized body is an answer of its own kind, never an exception.
 */
import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import { Pool } from 'undici';
import type { CaseRequest, JsonValue } from './feature.js';

/** The running app: a port and the way to reach it. */
export interface AppUnderTest {
  readonly port: number;
  connect(port: number): Promise<Duplex>;
}

/** An app that listens on this machine, outside of any sandbox. */
export function appOnLoopback(port: number): AppUnderTest {
  return {
    port,
    connect: (to) =>
      new Promise((resolve, reject) => {
        const socket = connectTcp({ host: '127.0.0.1', port: to, noDelay: true });
        socket.once('connect', () => resolve(socket));
        socket.once('error', reject);
      }),
  };
}

export type CaseResponse =
  | {
      readonly kind: 'response';
      readonly status: number;
      readonly text: string;
      /** By lower-case name. */
      readonly headers: Readonly<Record<string, string>>;
      /** undefined when the body is empty or not JSON. */
      readonly json: JsonValue | undefined;
    }
  | { readonly kind: 'no_response'; readonly reason: string };

/** As many as the requests that a case may send at once. */
const AT_ONCE = 20;

/** One connection, kept from request to request, and more for requests that are sent at once. */
export interface CaseClient {
  send(request: CaseRequest, authorization: string | null, atOnce?: boolean): Promise<CaseResponse>;
  close(): Promise<void>;
}

export interface ClientLimits {
  /** Per request, connection included. */
  readonly timeoutMs: number;
  readonly bodyBytes: number;
}

export const DEFAULT_CLIENT_LIMITS: ClientLimits = { timeoutMs: 10_000, bodyBytes: 1024 * 1024 };

export function openClient(app: AppUnderTest, limits: ClientLimits = DEFAULT_CLIENT_LIMITS): CaseClient {
  const kept = poolOf(app, 1);
  let wide: Pool | null = null;
  return {
    send: (request, authorization, atOnce = false) => {
      if (atOnce) wide ??= poolOf(app, AT_ONCE);
      return send((atOnce ? wide : null) ?? kept, request, authorization, limits);
    },
    close: async () => {
      await Promise.all([kept.destroy(), wide?.destroy()]);
    },
  };
}

function poolOf(app: AppUnderTest, connections: number): Pool {
  return new Pool(`http://127.0.0.1:${app.port}`, {
    connections,
    pipelining: 1,
    connect: (_options, callback) => {
      app.connect(app.port).then(
        // undici needs a duplex stream with the events of a socket, nothing of TCP itself.
        (stream) => callback(null, stream as Parameters<typeof callback>[1] & Duplex),
        (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
      );
    },
  });
}

async function send(
  pool: Pool,
  request: CaseRequest,
  authorization: string | null,
  limits: ClientLimits,
): Promise<CaseResponse> {
  const body = request.raw_body ?? (request.json === undefined ? null : JSON.stringify(request.json));
  const signal = AbortSignal.timeout(limits.timeoutMs);
  try {
    const response = await pool.request({
      method: request.method,
      path: pathWithQuery(request),
      headers: {
        ...(body === null ? {} : { 'content-type': 'application/json' }),
        ...(authorization === null ? {} : { authorization }),
        ...request.headers,
      },
      body,
      signal,
    });
    const text = await boundedText(response.body, limits.bodyBytes);
    const headers = namedOnce(response.headers);
    return { kind: 'response', status: response.statusCode, text, headers, json: parsed(text) };
  } catch (error) {
    const reason = signal.aborted ? `no answer within ${limits.timeoutMs / 1000} s` : messageOf(error);
    return { kind: 'no_response', reason };
  }
}

/** The request's path with its query, escaped where the case did not. */
export function pathWithQuery(request: CaseRequest): string {
  const query = new URLSearchParams(
    Object.entries(request.query ?? {}).map(([key, value]): [string, string] => [key, String(value)]),
  );
  const separator = request.path.includes('?') ? '&' : '?';
  return encodeURI(request.path).replaceAll('%25', '%') + (query.size > 0 ? `${separator}${query}` : '');
}

async function boundedText(body: AsyncIterable<Buffer>, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) throw new Error(`the response's body is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function namedOnce(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? ` (${String(error.code)})` : '';
  return `${error.message || error.name}${code}`;
}
