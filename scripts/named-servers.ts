/**
 * The servers that a person named in the environment, tried before anything is started: a wrong address is a sentence
 * within seconds, not a supervisor that waits. Passwords are never shown.
 */
import { Client as PostgresClient } from 'pg';
import type { Config } from '../config/config.js';
import { connectTemporal } from './client.js';

const ANSWER_LIMIT_MS = 4_000;

/** What does not answer and what to do, or undefined. Asks nothing where the environment names no server. */
export async function namedServerProblem(config: Config): Promise<string | undefined> {
  return databaseUrlProblem(config) ?? (await temporalProblem(config)) ?? (await databaseProblem(config));
}

/** Why NIGHTSHIFT_DATABASE_URL cannot be one, or undefined. Its value may hold a password and is not repeated. */
export function databaseUrlProblem({ databaseUrl }: Config): string | undefined {
  if (databaseUrl === null || /^postgres(ql)?:$/.test(URL.canParse(databaseUrl) ? new URL(databaseUrl).protocol : ''))
    return undefined;
  return (
    'NIGHTSHIFT_DATABASE_URL is no URL of PostgreSQL: give postgresql://admin:password@host:5432/postgres, or unset it ' +
    'to use a server that Nightshift starts itself'
  );
}

async function temporalProblem(config: Config): Promise<string | undefined> {
  if (!config.externalTemporal) return undefined;
  const cure =
    'start it or mend the address; or unset TEMPORAL_ADDRESS (and TEMPORAL_PROFILE) to use a server of our own';
  try {
    const { connection, namespace, address, close } = await connectTemporal(config, null);
    try {
      const ask = (): Promise<unknown> => connection.workflowService.describeNamespace({ namespace });
      await connection.withDeadline(Date.now() + ANSWER_LIMIT_MS, ask);
      return undefined;
    } catch (error) {
      if ((error as { code?: unknown }).code !== 5) return `Temporal at ${address} refuses: ${oneLine(error)}; ${cure}`;
      return `Temporal at ${address} has no namespace ${namespace}; make it: temporal operator namespace create ${namespace}`;
    } finally {
      await close();
    }
  } catch (error) {
    return `${oneLine(error)}; ${cure}`;
  }
}

async function databaseProblem({ databaseUrl }: Config): Promise<string | undefined> {
  if (databaseUrl === null) return undefined;
  const { host } = new URL(databaseUrl);
  const client = new PostgresClient({ connectionString: databaseUrl, connectionTimeoutMillis: ANSWER_LIMIT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query(
      'SELECT rolsuper OR (rolcreaterole AND rolcreatedb) AS able FROM pg_roles WHERE rolname = current_user',
    );
    if (rows[0]?.able === true) return undefined;
    return `The role of NIGHTSHIFT_DATABASE_URL at ${host} may not create roles and databases: ALTER ROLE … CREATEROLE CREATEDB`;
  } catch (error) {
    return (
      `PostgreSQL does not answer at ${host} (${oneLine(error)}); start it or mend NIGHTSHIFT_DATABASE_URL, or unset ` +
      'that to use a server that Nightshift starts itself'
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

function oneLine(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return (message || code || String(error)).split('\n')[0] ?? '';
}
