/**
 * Temporal's dev server as Nightshift runs it: state in a file, loopback only, Web UI on, histories kept for 30 days.
 * Only says how to start it; the supervisor starts it.
 */
import { answersAt } from './client.js';
import { freePort } from './free-port.js';
import { run } from './host-process.js';

export interface DevServerPorts {
  readonly grpc: number;
  readonly ui: number;
}

/** Closed builds stay visible in the Web UI for this many days; the dev server's own default is one day. */
const RETENTION = '30d';

/** Last time's ports when they are free (clients reconnect), else the well-known ones, else any. */
export async function choosePorts(previous: Readonly<Record<string, number>>): Promise<DevServerPorts> {
  return { grpc: await freePort(previous.grpc, 7233), ui: await freePort(previous.ui, 8233) };
}

export function devServerCommand(temporal: string, ports: DevServerPorts, database: string): [string, ...string[]] {
  const flags = [
    '--ip',
    '127.0.0.1',
    '--port',
    String(ports.grpc),
    '--ui-ip',
    '127.0.0.1',
    '--ui-port',
    String(ports.ui),
  ];
  return [temporal, 'server', 'start-dev', ...flags, '--db-filename', database, '--log-level', 'warn'];
}

/** True when the server answers and keeps its histories long enough. */
export async function devServerReady(temporal: string, ports: DevServerPorts): Promise<boolean> {
  const address = `127.0.0.1:${ports.grpc}`;
  if (!(await answersAt(address))) return false;
  const args = ['operator', 'namespace', 'update', '--namespace', 'default', '--retention', RETENTION];
  const result = await run(temporal, [...args, '--address', address], { timeoutMs: 10_000 });
  return result.exitCode === 0;
}
