/**
 * The one door of the Temporal client: connects to the server that the person named (@temporalio/envconfig: variables,
 * profile file) or to this user's dev server. Every call through it has a deadline of the caller's.
 */
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { Config } from '../config/config.js';
import { environmentWithout } from '../config/environment.js';

export interface TemporalClient {
  readonly client: Client;
  readonly connection: Connection;
  readonly address: string;
  readonly namespace: string;
  close(): Promise<void>;
}

/** Longest wait for a connection, in milliseconds. */
const CONNECT_LIMIT_MS = 3_000;

/** The server that the environment names; null when it names none. Never touches the network. */
export function externalTemporal(config: Config): { readonly address: string; readonly namespace: string } | null {
  if (!config.externalTemporal) return null;
  const { connectionOptions, namespace } = loadClientConnectConfig({
    overrideEnvVars: environmentWithout(config.environment, []),
  });
  return { address: connectionOptions.address ?? '127.0.0.1:7233', namespace: namespace ?? 'default' };
}

/**
 * Connects. `devServerAddress` is the supervised dev server's (`readRuntime().temporalAddress`) and counts only when the
 * environment names no server. Throws the connection's error, with the address in it.
 */
export async function connectTemporal(config: Config, devServerAddress: string | null): Promise<TemporalClient> {
  const named = config.externalTemporal
    ? loadClientConnectConfig({ overrideEnvVars: environmentWithout(config.environment, []) })
    : { connectionOptions: { address: devServerAddress ?? '127.0.0.1:7233' }, namespace: 'default' };
  const address = named.connectionOptions.address ?? '127.0.0.1:7233';
  const namespace = named.namespace ?? 'default';
  const connection = await Connection.connect({
    ...named.connectionOptions,
    address,
    connectTimeout: CONNECT_LIMIT_MS,
  } as Parameters<typeof Connection.connect>[0]).catch((error: unknown) => {
    throw new Error(`Temporal does not answer at ${address}: ${error instanceof Error ? error.message : error}`);
  });
  const client = new Client({ connection, namespace });
  return { client, connection, address, namespace, close: () => connection.close() };
}

/** True when a Temporal server answers at the address and its namespace `default` is there. */
export async function answersAt(address: string): Promise<boolean> {
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({ address, connectTimeout: CONNECT_LIMIT_MS });
    const { workflowService } = connection;
    await connection.withDeadline(Date.now() + CONNECT_LIMIT_MS, () =>
      workflowService.describeNamespace({ namespace: 'default' }),
    );
    return true;
  } catch {
    return false;
  } finally {
    await connection?.close();
  }
}
