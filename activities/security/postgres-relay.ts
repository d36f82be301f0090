/**
 * Carries connections from a sandbox to PostgreSQL on the host, one upstream connection each, so that a restarted
 * server is reached again (a bind-mounted socket file would not be). Never parses what it carries.
 */
import { connect, createServer, type ListenOptions, type Socket } from 'node:net';

export type PostgresTarget = { readonly host: string; readonly port: number } | { readonly socketPath: string };

export interface Relay {
  /** Port when it listens on TCP, else null. */
  readonly port: number | null;
  close(): Promise<void>;
}

export async function openPostgresRelay(listen: ListenOptions, target: PostgresTarget): Promise<Relay> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.once('close', () => sockets.delete(socket));
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const address = 'socketPath' in target ? { path: target.socketPath } : { host: target.host, port: target.port };
    const upstream = keep(connect({ ...address, allowHalfOpen: true }));
    keep(client).on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
    client.pipe(upstream);
    upstream.pipe(client);
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(listen, resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : null,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
