/** Free ports on the loopback address. Reserves nothing: whoever listens first has it, so callers retry. */
import { createServer } from 'node:net';

/** The first of the wanted ports that is free on 127.0.0.1, else any free one. */
export async function freePort(...wanted: readonly (number | undefined)[]): Promise<number> {
  for (const port of wanted) {
    if (port !== undefined && (await listens(port)) !== null) return port;
  }
  const port = await listens(0);
  if (port === null) throw new Error('no free port on 127.0.0.1');
  return port;
}

function listens(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : null));
    });
  });
}
