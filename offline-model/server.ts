/**
 * The offline model over HTTP: POST /v1/messages (streaming or not) and GET /healthz, on loopback only. It keeps
 * nothing between requests but a count for the fault script, so it may be restarted at any moment.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answer } from './answer.js';
import { apiError } from './api-error.js';
import { type Fault, faultFor } from './faults.js';
import { replyTo, requestDigest } from './message.js';
import { type MessagesRequest, messagesRequest, requestProblem } from './request.js';

/** The API's own limit for a request body. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

export interface OfflineModelOptions {
  /** 127.0.0.1 or ::1; anything else is refused. */
  readonly host?: string;
  /** 0 = a free one. */
  readonly port?: number;
  readonly faults?: readonly Fault[];
}

export interface OfflineModel {
  /** `http://127.0.0.1:PORT`: the client's base URL. */
  readonly url: string;
  /** Ends every connection, also one that a fault holds open. */
  close(): Promise<void>;
}

/** Listens. Rejects when the port is taken or the host is not loopback. */
export async function startOfflineModel(options: OfflineModelOptions = {}): Promise<OfflineModel> {
  const host = options.host ?? '127.0.0.1';
  if (host !== '127.0.0.1' && host !== '::1') {
    throw new Error(`the offline model listens on loopback only, not on ${host}; use 127.0.0.1 or ::1`);
  }
  const server = serverWith(options.faults ?? []);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://${host === '::1' ? '[::1]' : host}:${port}`, close: () => closed(server) };
}

function serverWith(faults: readonly Fault[]): Server {
  let requests = 0;
  return createServer((request, response) => {
    // A client that hangs up is no fault of ours; the response is simply dropped.
    response.on('error', () => undefined);
    const path = (request.url ?? '').split('?', 1)[0];
    if (request.method === 'GET' && path === '/healthz')
      return sendJson(response, 200, { status: 'ok', model: 'offline' });
    if (path !== '/v1/messages') return refuse(response, 404, `no such resource: ${request.method} ${path}`);
    if (request.method !== 'POST') return refuse(response, 405, 'use POST', { allow: 'POST' });
    requests += 1;
    messages(request, response, faultFor(faults, requests)).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 500, `the offline model failed: ${String(error)}`);
    });
  });
}

async function messages(request: IncomingMessage, response: ServerResponse, fault?: Fault): Promise<void> {
  const body = await readBody(request);
  if (body === null) return refuse(response, 413, `the request is larger than ${MAX_BODY_BYTES} bytes`);
  if (fault?.fault === 'status') return refuse(response, fault.status, fault.message, fault.headers);
  const read = readRequest(body);
  if ('problem' in read) return refuse(response, read.status, read.problem);
  response.setHeader('request-id', requestId(requestDigest(read.request)));
  await answer(response, replyTo(read.request), { stream: read.request.stream === true, fault });
}

type ReadRequest = { readonly request: MessagesRequest } | { readonly status: number; readonly problem: string };

function readRequest(body: string): ReadRequest {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (error) {
    return { status: 400, problem: `the body is not JSON: ${String(error)}` };
  }
  const parsed = messagesRequest.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { status: 400, problem: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}` };
  }
  const { model } = parsed.data;
  if (!/^offline\b/.test(model)) {
    return {
      status: 404,
      problem: `model: ${model}. This is Nightshift's rule system; it serves the model "offline" only.`,
    };
  }
  const problem = requestProblem(parsed.data);
  return problem === null ? { request: parsed.data } : { status: 400, problem };
}

/** Null when it is too large; the rest is then read and thrown away, so that the client sees the answer. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return bytes > MAX_BODY_BYTES ? null : Buffer.concat(chunks).toString('utf8');
}

function refuse(response: ServerResponse, status: number, message: string, headers: Record<string, string> = {}): void {
  const id = requestId('none');
  for (const [name, value] of Object.entries({ 'request-id': id, ...headers })) response.setHeader(name, value);
  sendJson(response, status, apiError(status, message, id));
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const requestId = (digest: string): string => `req_offline_${digest.slice(0, 24)}`;

async function closed(server: Server): Promise<void> {
  const done = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await done;
}
