/**
 * The few ways out of one sandbox: PostgreSQL and the egress proxy, each a unix socket that is visible inside.
 */
import { chown } from 'node:fs/promises';
import { RUN_INSIDE } from './bubblewrap-arguments.js';
import { type EgressProxy, openEgressProxy } from './egress-proxy.js';
import { openPostgresRelay, type Relay } from './postgres-relay.js';
import type { SandboxRequest } from './sandbox.js';

export const POSTGRES_PORT = 5432;
export const PROXY_PORT = 3128;

export interface Relays {
  readonly proxy: EgressProxy | null;
  readonly forwards: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

/** `socketOwner`: uid that the sandbox runs as when it isn't the worker's own, else null. */
export async function openRelays(request: SandboxRequest, share: string, socketOwner: number | null): Promise<Relays> {
  const forwards: Record<string, string> = {};
  const open: (EgressProxy | Relay)[] = [];
  const publish = async (port: number, name: string): Promise<void> => {
    if (socketOwner !== null) await chown(`${share}/${name}`, socketOwner, socketOwner);
    forwards[port] = `${RUN_INSIDE}/${name}`;
  };
  if (request.postgres) {
    open.push(await openPostgresRelay({ path: `${share}/postgres.sock` }, request.postgres));
    await publish(POSTGRES_PORT, 'postgres.sock');
  }
  let proxy: EgressProxy | null = null;
  if (request.egress && request.egress.length > 0) {
    proxy = await openEgressProxy(`${share}/egress.sock`, request.egress);
    open.push(proxy);
    await publish(PROXY_PORT, 'egress.sock');
  }
  return { proxy, forwards, close: async () => void (await Promise.all(open.map((relay) => relay.close()))) };
}
