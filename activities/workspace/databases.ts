/**
 * The databases of one build: a role without any privilege over the server and a fixed set of databases that it owns.
 * Administration goes over `pg` with the admin URL; the agent never sees that URL and never creates a database.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';

/** A killed server is back within 2 s and through its recovery within seconds more, even on a loaded machine. */
const COMEBACK_MS = 20_000;
/** Nobody listens, or PostgreSQL says that it starts up (57P03), shuts down (57P01) or lost a process (57P02). */
const COMING_BACK = new Set(['ECONNREFUSED', 'ECONNRESET', '57P01', '57P02', '57P03']);

export interface DatabaseRequest {
  /** Admin URL: may create roles and databases. A secret of the worker. */
  readonly adminUrl: string;
  /** `<slug>-<12 hex>`; names the role and the databases. */
  readonly buildId: string;
  /** The build's folder in the state directory; the role's password is kept there (0600). */
  readonly stateDir: string;
  /** How many `check_<n>` databases, at least 1. */
  readonly checks: number;
}

/** `app`, `test`, `check_<n>`, or `serve`: a person's own, kept from one `nightshift serve` to the next. */
export type DatabaseName = 'app' | 'test' | 'serve' | `check_${number}`;

export interface ProjectDatabases {
  readonly role: string;
  readonly names: readonly DatabaseName[];
  /** `postgresql+asyncpg://role:password@host:port/database`, the address as the reader sees it (in a sandbox: inside). */
  url(name: DatabaseName, address: string): string;
  /** Drops and creates the database, ending whatever is connected to it: empty, owned by the role. */
  reset(name: DatabaseName): Promise<void>;
  /** Creates the database unless it is there; tells whether it did. */
  ensure(name: DatabaseName): Promise<boolean>;
  /** Makes `to` a copy of `from`, ending whatever is connected to either. */
  copy(from: DatabaseName, to: DatabaseName): Promise<void>;
  /** Nightshift's own connection to the database. */
  connect(name: DatabaseName): Promise<DatabaseConnection>;
}

export interface DatabaseConnection {
  /** Rows of the last statement. */
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** The text as a literal of SQL. */
  literal(text: string): string;
  close(): Promise<void>;
}

/** Creates what is missing and sets the password; calling it again changes nothing. */
export async function ensureDatabases(request: DatabaseRequest): Promise<ProjectDatabases> {
  const role = roleName(request.buildId);
  const password = keptPassword(request.stateDir);
  const checks = Array.from({ length: Math.max(1, request.checks) }, (_, index): DatabaseName => `check_${index + 1}`);
  const names: readonly DatabaseName[] = ['app', 'test', ...checks];
  await withAdmin(request.adminUrl, async (admin) => {
    await ensureRole(admin, role, password);
    const { rows } = await admin.query<{ datname: string }>('SELECT datname FROM pg_database');
    const present = new Set(rows.map((row) => row.datname));
    for (const name of names) {
      if (!present.has(`${role}_${name}`)) await create(admin, request.adminUrl, role, name);
    }
  });
  return {
    role,
    names,
    url: (name, address) => `postgresql+asyncpg://${role}:${password}@${address}/${role}_${name}`,
    reset: (name) => resetDatabase(request.adminUrl, role, name),
    ensure: (name) => ensureDatabase(request.adminUrl, role, name),
    copy: (from, to) => copyDatabase(request.adminUrl, role, from, to),
    connect: (name) => connectTo(request.adminUrl, `${role}_${name}`),
  };
}

/** Drops the role and its databases, for a build whose state is removed. Missing ones are no error. */
export async function dropDatabases(adminUrl: string, buildId: string): Promise<void> {
  const role = roleName(buildId);
  await withAdmin(adminUrl, async (admin) => {
    const owned = 'SELECT datname FROM pg_database JOIN pg_roles r ON datdba = r.oid WHERE rolname = $1';
    const { rows } = await admin.query<{ datname: string }>(owned, [role]);
    for (const { datname } of rows) await admin.query(`DROP DATABASE IF EXISTS ${quoted(datname)} WITH (FORCE)`);
    await admin.query(`DROP ROLE IF EXISTS ${quoted(role)}`);
  });
}

/** Where the server listens, for the relay into a sandbox. */
export function serverAddress(adminUrl: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(adminUrl);
  return { host: hostname || '127.0.0.1', port: port ? Number(port) : 5432 };
}

/** At most 40 characters, so that every database name stays below PostgreSQL's 63. */
function roleName(buildId: string): string {
  const digest = buildId.slice(-12);
  const slug = buildId.slice(0, -13).slice(0, 24);
  return `ns_${slug}_${digest}`.toLowerCase().replace(/[^a-z0-9]+/g, '_');
}

async function resetDatabase(adminUrl: string, role: string, name: DatabaseName): Promise<void> {
  await withAdmin(adminUrl, async (admin) => {
    await admin.query(`DROP DATABASE IF EXISTS ${quoted(`${role}_${name}`)} WITH (FORCE)`);
    await create(admin, adminUrl, role, name);
  });
}

async function ensureDatabase(adminUrl: string, role: string, name: DatabaseName): Promise<boolean> {
  return withAdmin(adminUrl, async (admin) => {
    const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [`${role}_${name}`]);
    if (rowCount) return false;
    await create(admin, adminUrl, role, name);
    return true;
  });
}

async function copyDatabase(adminUrl: string, role: string, from: DatabaseName, to: DatabaseName): Promise<void> {
  const [source, target] = [`${role}_${from}`, `${role}_${to}`];
  await withAdmin(adminUrl, async (admin) => {
    await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [source]);
    await admin.query(`DROP DATABASE IF EXISTS ${quoted(target)} WITH (FORCE)`);
    await admin.query(`CREATE DATABASE ${quoted(target)} OWNER ${quoted(role)} TEMPLATE ${quoted(source)}`);
    await admin.query(`REVOKE ALL ON DATABASE ${quoted(target)} FROM PUBLIC`);
  });
}

async function connectTo(adminUrl: string, database: string): Promise<DatabaseConnection> {
  const client = await connected(urlOf(adminUrl, database));
  return {
    query: async (sql) => {
      const result: unknown = await client.query(sql); // several statements give several results
      const last = (Array.isArray(result) ? result.at(-1) : result) as { rows?: Record<string, unknown>[] } | undefined;
      return last?.rows ?? [];
    },
    literal: (text) => client.escapeLiteral(text),
    close: () => client.end().catch(() => undefined),
  };
}

function urlOf(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}

async function ensureRole(admin: Client, role: string, password: string): Promise<void> {
  const { rowCount } = await admin.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  const attributes = 'LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION';
  const verb = rowCount ? 'ALTER' : 'CREATE';
  await admin.query(`${verb} ROLE ${quoted(role)} ${attributes} PASSWORD '${password}'`);
  const { rows } = await admin.query<{ rolsuper: boolean }>(
    'SELECT rolsuper FROM pg_roles WHERE rolname = current_user',
  );
  // Whoever is no superuser may give a database only to a role that it is a member of.
  if (!rows[0]?.rolsuper) await admin.query(`GRANT ${quoted(role)} TO CURRENT_USER`);
}

async function create(admin: Client, adminUrl: string, role: string, name: DatabaseName): Promise<void> {
  const database = `${role}_${name}`;
  await admin.query(`CREATE DATABASE ${quoted(database)} OWNER ${quoted(role)} TEMPLATE template0 ENCODING 'UTF8'`);
  await admin.query(`REVOKE ALL ON DATABASE ${quoted(database)} FROM PUBLIC`);
  await withAdmin(urlOf(adminUrl, database), async (inside) => {
    const { rowCount } = await inside.query("SELECT 1 FROM pg_available_extensions WHERE name = 'btree_gist'");
    if (rowCount) await inside.query('CREATE EXTENSION IF NOT EXISTS btree_gist');
  });
}

async function withAdmin<T>(url: string, work: (admin: Client) => Promise<T>): Promise<T> {
  const admin = await connected(url);
  try {
    return await work(admin);
  } finally {
    await admin.end().catch(() => undefined);
  }
}

/** A server that was killed is restarted by its supervisor and recovers for some seconds: waited for, not reported. */
async function connected(url: string): Promise<Client> {
  const deadline = Date.now() + COMEBACK_MS;
  for (;;) {
    const client = new Client({
      connectionString: url,
      connectionTimeoutMillis: 10_000,
      application_name: 'nightshift',
    });
    // A server that goes away between two queries is reported by the next query; without a listener it ends the worker.
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (!COMING_BACK.has((error as { code?: string }).code ?? '') || Date.now() > deadline) throw error;
      await delay(250);
    }
  }
}

/** Only names that `roleName` made come here; quoted all the same. */
function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

function keptPassword(stateDir: string): string {
  const file = path.join(stateDir, 'database.json');
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { version: number; password: string };
    if (/^[0-9a-f]{48}$/.test(kept.password)) return kept.password;
  } catch {
    // none yet
  }
  const password = randomBytes(24).toString('hex');
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.tmp`, `${JSON.stringify({ version: 1, password })}\n`, { mode: 0o600 });
  renameSync(`${file}.tmp`, file);
  return password;
}
