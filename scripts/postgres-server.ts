/**
 * The PostgreSQL cluster that Nightshift owns: made once, bound to loopback, run by an unprivileged user when we are
 * root (PostgreSQL refuses root). Only says how to start it; the supervisor starts it.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { isAlive, type PidRecord, run, startTimeOf } from './host-process.js';

export interface Cluster {
  /** Directory with `initdb` and `postgres`. */
  readonly binaries: string;
  readonly data: string;
  /** Directory of the unix socket; null where its path would be too long for one. */
  readonly socket: string | null;
  /** Kept in the state directory (0600); the superuser is for the harness only. */
  readonly passwordFile: string;
  /** The user that runs it; null = ourselves. */
  readonly user: { readonly uid: number; readonly gid: number } | null;
}

export const ADMIN_ROLE = 'nightshift_admin';

/** As root: data of every state directory, each under its hash, so that the unprivileged user can reach them. */
const ROOT_BASE = '/var/lib/nightshift';
/** A unix socket's path may hold 107 bytes. */
const SOCKET_PATH_LIMIT = 107;

/** Where the cluster of this state directory lies. Makes the directories, not the cluster. */
export async function locateCluster(stateDir: string, binaries: string): Promise<Cluster> {
  const user = process.getuid?.() === 0 ? await unprivilegedUser() : null;
  const base = clusterPlace(stateDir);
  mkdirSync(base, { recursive: true, mode: user ? 0o755 : 0o700 });
  if (user) writeFileSync(path.join(base, 'state-directory'), `${stateDir}\n`);
  const socket = path.join(base, 'socket');
  // A newer PostgreSQL cannot read an older one's files; what a build needs in its databases is made again.
  const data = path.join(base, `data-${await majorVersion(binaries)}`);
  for (const directory of [data, socket]) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (user) chownSync(directory, user.uid, user.gid);
  }
  const fits = path.join(socket, '.s.PGSQL.65535').length <= SOCKET_PATH_LIMIT;
  const passwordFile = path.join(stateDir, 'run', 'postgres-password');
  return { binaries, data, socket: fits ? socket : null, passwordFile, user };
}

/** The directory of everything PostgreSQL keeps for a state directory; it need not be there. */
export function clusterPlace(stateDir: string): string {
  if (process.getuid?.() !== 0) return path.join(stateDir, 'pg');
  return path.join(ROOT_BASE, createHash('sha256').update(stateDir).digest('hex').slice(0, 12));
}

/** As root: every state directory that ever had a cluster on this machine; else none is known. */
export function stateDirectoriesOfRoot(): string[] {
  if (process.getuid?.() !== 0 || !existsSync(ROOT_BASE)) return [];
  const owners = readdirSync(ROOT_BASE).map((name) => path.join(ROOT_BASE, name, 'state-directory'));
  return owners.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8').trim());
}

/** Makes the cluster when there is none. A half-made one (no stamp) is made anew. Throws with initdb's own words. */
export async function initialiseCluster(cluster: Cluster): Promise<void> {
  const stamp = path.join(cluster.data, 'nightshift-complete');
  if (existsSync(stamp) && existsSync(cluster.passwordFile)) return;
  for (const name of readdirSync(cluster.data)) rmSync(path.join(cluster.data, name), { recursive: true, force: true });
  const password = keptPassword(cluster.passwordFile) ?? randomBytes(24).toString('hex');
  const problems: string[] = [];
  // C.UTF-8 lower-cases every alphabet and sorts by code point everywhere; older systems know only C.
  for (const locale of ['C.UTF-8', 'C']) {
    const problem = await initdb(cluster, locale, password);
    if (problem === '') {
      writeFileSync(`${cluster.passwordFile}.tmp`, password, { mode: 0o600 });
      renameSync(`${cluster.passwordFile}.tmp`, cluster.passwordFile);
      writeFileSync(stamp, '');
      return;
    }
    problems.push(problem);
  }
  throw new Error(`initdb in ${cluster.data}: ${problems.join('; ')}`);
}

async function initdb(cluster: Cluster, locale: string, password: string): Promise<string> {
  const args = ['--pgdata', cluster.data, '--username', ADMIN_ROLE, '--encoding', 'UTF8', '--locale', locale];
  const file = path.join(path.dirname(cluster.data), 'socket', 'first-password');
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  if (cluster.user) chownSync(file, cluster.user.uid, cluster.user.gid);
  const result = await run(
    path.join(cluster.binaries, 'initdb'),
    [...args, '--auth', 'scram-sha-256', '--pwfile', file, '--no-instructions'],
    { timeoutMs: 120_000, cwd: '/', ...(cluster.user ?? {}), environment: serverEnvironment() },
  );
  rmSync(file, { force: true });
  return result.exitCode === 0 ? '' : result.problem;
}

/** The command line of the server. Check databases may lose the last second in a power cut, never their consistency. */
export function serverCommand(cluster: Cluster, port: number): [string, ...string[]] {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: cluster.socket ?? '',
    fsync: 'on',
    synchronous_commit: 'off',
    max_connections: '200',
    shared_buffers: '128MB',
    max_wal_size: '512MB',
    log_min_messages: 'warning',
    log_checkpoints: 'off',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return [path.join(cluster.binaries, 'postgres'), '-D', cluster.data, '-p', String(port), ...options];
}

/** What the server's programs see: nothing of ours, least of all keys. */
export function serverEnvironment(): Record<string, string> {
  return { PATH: '/usr/bin:/bin', LANG: 'C', LC_ALL: 'C', TZ: 'UTC' };
}

/** Admin URL; a secret. Null before the cluster was made. */
export function adminUrl(passwordFile: string, port: number): string | null {
  const password = keptPassword(passwordFile);
  return password && `postgresql://${ADMIN_ROLE}:${password}@127.0.0.1:${port}/postgres`;
}

function keptPassword(passwordFile: string): string | null {
  try {
    return readFileSync(passwordFile, 'utf8').trim() || null;
  } catch {
    return null;
  }
}

async function majorVersion(binaries: string): Promise<string> {
  const { stdout, problem } = await run(path.join(binaries, 'postgres'), ['--version'], { timeoutMs: 10_000 });
  const major = /(\d+)\./.exec(stdout)?.[1] ?? /(\d+)/.exec(stdout)?.[1];
  if (!major) throw new Error(`${binaries}/postgres does not tell its version: ${problem}`);
  return major;
}

/** True when the server takes queries. */
export async function acceptsQueries(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Removes clusters whose state directory is gone (tests, deleted homes) and which nobody runs. */
export function sweepOrphanedClusters(): void {
  if (process.getuid?.() !== 0 || !existsSync(ROOT_BASE)) return;
  for (const name of readdirSync(ROOT_BASE)) {
    const base = path.join(ROOT_BASE, name);
    const owner = path.join(base, 'state-directory');
    if (!existsSync(owner) || existsSync(readFileSync(owner, 'utf8').trim())) continue;
    const clusters = readdirSync(base).filter((entry) => entry.startsWith('data-'));
    const running = clusters.some((data) => postmaster(path.join(base, data)) !== null);
    if (!running) rmSync(base, { recursive: true, force: true });
  }
}

/** The running server of a data directory, by the pid in its own lock file; null when none runs. */
export function postmaster(data: string): PidRecord | null {
  try {
    const pid = Number(readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
    const startTime = startTimeOf(pid);
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    if (startTime === null || !command.includes(data)) return null;
    return isAlive({ pid, startTime }) ? { pid, startTime } : null;
  } catch {
    return null;
  }
}

async function unprivilegedUser(): Promise<{ uid: number; gid: number }> {
  for (const name of ['postgres', 'nobody']) {
    const uid = await run('id', ['-u', name]);
    const gid = await run('id', ['-g', name]);
    if (uid.exitCode === 0 && gid.exitCode === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  throw new Error('PostgreSQL refuses to run as root, and there is no user postgres or nobody to run it as');
}
