/**
 * The only way out of a sandbox: an HTTP proxy on a unix socket that lets an exact `host:port` list through and names
 * what it refused. Names are looked up on the host alone. Never forwards to anything that is not on the list.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface EgressProxy {
  /** Distinct `host:port` refused so far, in order; slice it from a mark to attribute them to a command. */
  readonly refused: readonly string[];
  close(): Promise<void>;
}

/** Listens on `socketPath`. `allowed`: `host:port` entries, compared without case. */
export async function openEgressProxy(socketPath: string, allowed: readonly string[]): Promise<EgressProxy> {
  const list = new Set(allowed.map((entry) => entry.toLowerCase()));
  const refused: string[] = [];
  const sockets = new Set<Duplex>();
  const permitted = (host: string): boolean => {
    if (list.has(host)) return true;
    refused.push(host);
    return false;
  };
  const server = createServer((incoming, response) => forwardPlain(incoming, response, permitted));
  server.on('connect', (incoming: IncomingMessage, client: Duplex, head: Buffer) => {
    sockets.add(client);
    client.once('close', () => sockets.delete(client));
    tunnel(incoming.url ?? '', client, head, permitted);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socketPath, resolve));
  return {
    refused,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function refusal(host: string): string {
  return `The sandbox's egress list does not hold ${host}. Only the package hosts of the user's own configuration are reachable.\n`;
}

function tunnel(authority: string, client: Duplex, head: Buffer, permitted: (host: string) => boolean): void {
  client.on('error', () => client.destroy());
  const target = splitAuthority(authority, 443);
  if (target === null || !permitted(target.name)) {
    client.end(
      `HTTP/1.1 403 Refused-by-sandbox-egress-list\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n${refusal(target?.name ?? authority)}`,
    );
    return;
  }
  const upstream: Socket = connect({ host: target.host, port: target.port });
  upstream.once('connect', () => {
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) upstream.write(head);
    upstream.pipe(client);
    client.pipe(upstream);
  });
  upstream.on('error', (error) =>
    client.end(`HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n${error.message}\n`),
  );
  client.once('close', () => upstream.destroy());
}

function forwardPlain(incoming: IncomingMessage, response: ServerResponse, permitted: (host: string) => boolean): void {
  const url = absoluteHttpUrl(incoming.url);
  const target = url === null ? null : splitAuthority(url.host, 80);
  if (url === null || target === null || !permitted(target.name)) {
    response.writeHead(403, 'Refused-by-sandbox-egress-list', { 'content-type': 'text/plain' });
    response.end(refusal(target?.name ?? String(incoming.url)));
    return;
  }
  const headers = { ...incoming.headers, host: url.host };
  const upstream = request(url, { method: incoming.method ?? 'GET', headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  upstream.on('error', (error) => {
    if (!response.headersSent) response.writeHead(502, { 'content-type': 'text/plain' });
    response.end(`${error.message}\n`);
  });
  incoming.pipe(upstream);
}

function absoluteHttpUrl(text: string | undefined): URL | null {
  if (text === undefined || !URL.canParse(text)) return null;
  const url = new URL(text);
  return url.protocol === 'http:' ? url : null;
}

function splitAuthority(authority: string, defaultPort: number): { host: string; port: number; name: string } | null {
  const match = /^(\[[0-9a-f:]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(authority);
  if (match === null) return null;
  const host = (match[1] ?? '').toLowerCase();
  const port = Number(match[2] ?? defaultPort);
  return { host: host.replace(/^\[|\]$/g, ''), port, name: `${host}:${port}` };
}
