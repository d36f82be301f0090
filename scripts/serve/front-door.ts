/** A port of this machine's loopback address in front of an app that listens inside a sandbox. Bytes pass unread. */
import { createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import type { AppUnderTest } from '../../activities/features/case-client.js';

export interface FrontDoor {
  readonly port: number;
  close(): Promise<void>;
}

/** The port is in use, or needs rights that we don't have. */
export class PortRefused extends Error {
  override readonly name = 'PortRefused';
}

/** Listens on 127.0.0.1; port 0 takes a free one. Throws PortRefused. */
export async function openFrontDoor(app: AppUnderTest, port: number): Promise<FrontDoor> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    void carry(socket, app);
  });
  await listen(server, port);
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

async function carry(socket: Socket, app: AppUnderTest): Promise<void> {
  // Either side may hang up at any moment: that ends the other side and nothing else.
  socket.on('error', () => undefined);
  const inside = await app.connect(app.port).catch(() => null);
  if (inside === null) {
    socket.destroy();
    return;
  }
  pipeline(socket, inside, () => undefined);
  pipeline(inside, socket, () => undefined);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new PortRefused(reason(error), { cause: error })));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, resolve);
  });
}

function reason({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE') return 'another program listens there';
  if (code === 'EACCES') return 'this user may not listen there (ports below 1024 need root)';
  return message;
}
