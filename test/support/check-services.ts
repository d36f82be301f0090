/**
 * What verification needs of a machine, for tests: a private PostgreSQL cluster and the Python environment of the
 * pinned template packages, found by the product's own resolvers.
 */

import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openSandbox, SandboxUnavailable } from '../../activities/security/bubblewrap.js';
import type { Sandbox, SandboxRequest } from '../../activities/security/sandbox.js';
import { openUnsandboxed } from '../../activities/security/unsandboxed.js';
import {
  type DatabaseName,
  ensureDatabases,
  type ProjectDatabases,
  serverAddress,
} from '../../activities/workspace/databases.js';
import { ensureEnvironment, type PythonEnvironment } from '../../activities/workspace/python-environment.js';
import { loadConfig } from '../../config/config.js';
import { packageRoot } from '../../config/locations.js';
import { freePort } from '../../scripts/free-port.js';
import { run, spawnDetached, stop } from '../../scripts/host-process.js';
import {
  acceptsQueries,
  adminUrl,
  initialiseCluster,
  locateCluster,
  serverCommand,
  serverEnvironment,
} from '../../scripts/postgres-server.js';
import { pythonEnvironmentSettings } from '../../scripts/resolvers/machine.js';
import { resolvePostgres } from '../../scripts/resolvers/postgres.js';
import { resolvePython } from '../../scripts/resolvers/python.js';
import { type Chain, missingMessage, type Resolution, silentStep } from '../../scripts/resolvers/resolution.js';
import { resolveUv } from '../../scripts/resolvers/uv.js';
import { temporaryDirectory } from './temporary-directory.js';

export interface CheckServices {
  readonly address: { readonly host: string; readonly port: number };
  readonly adminUrl: string;
  readonly databases: ProjectDatabases;
  /** Emptied database, its URL as a process on this machine sees it. */
  emptied(name: DatabaseName): Promise<string>;
  readonly python: PythonEnvironment;
  /** Interpreter and uv, for `ensureEnvironment` of another requirements.txt. */
  environmentFor(requirementsText: string): Promise<PythonEnvironment>;
  stop(): Promise<void>;
}

/** Starts the cluster (about 2 s) and finds or builds the environment (30 s once a machine). */
export async function startCheckServices(checks = 3): Promise<CheckServices> {
  const state = await temporaryDirectory();
  const chain = resolverChain();
  await mkdir(path.join(state.path, 'run'), { mode: 0o700 });
  const cluster = await locateCluster(state.path, pathOf(await resolvePostgres(chain)));
  await initialiseCluster(cluster);
  const port = await freePort();
  const server = await spawnDetached({
    command: serverCommand(cluster, port),
    environment: serverEnvironment(),
    cwd: '/',
    logFile: path.join(state.path, 'run', 'postgres.log'),
    ...cluster.user,
  });
  const url = adminUrl(cluster.passwordFile, port) ?? '';
  while (!(await acceptsQueries(url))) await delay(50);
  const buildId = 'notes-0123456789ab';
  const databases = await ensureDatabases({ adminUrl: url, buildId, stateDir: state.path, checks });
  return {
    address: serverAddress(url),
    adminUrl: url,
    databases,
    emptied: async (name) => {
      await databases.reset(name);
      return databases.url(name, `127.0.0.1:${port}`);
    },
    python: await templatePython(),
    environmentFor: (text) => environment(chain, text),
    stop: async () => {
      await stop(server, 5_000, 'SIGINT');
      await run('rm', ['-rf', path.dirname(cluster.data)]);
      await state.remove();
    },
  };
}

/** The environment of the template's pinned packages, for tests that need no database. */
export async function templatePython(): Promise<PythonEnvironment> {
  const requirements = path.join(packageRoot, 'activities/scaffold/requirements/requirements.txt');
  return environment(resolverChain(), await readFile(requirements, 'utf8'));
}

function resolverChain(): Chain {
  const config = loadConfig();
  return { environment: config.environment, cache: config.locations.cache, step: silentStep, install: true };
}

async function environment(chain: Chain, requirementsText: string): Promise<PythonEnvironment> {
  const uv = pathOf(await resolveUv(chain));
  const python = pathOf(await resolvePython(chain, uv));
  return ensureEnvironment({ requirementsText, python, uv, ...pythonEnvironmentSettings(loadConfig()), run });
}

function pathOf(resolution: Resolution): string {
  if (!resolution.found) throw new Error(missingMessage(resolution));
  return resolution.path;
}

/** The boundary where this machine has it, else plain processes: what is tested is what a build would use here. */
export async function openBestSandbox(request: SandboxRequest): Promise<Sandbox> {
  try {
    return await openSandbox(request);
  } catch (error) {
    if (error instanceof SandboxUnavailable) return openUnsandboxed(request);
    throw error;
  }
}
