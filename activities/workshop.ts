/**
 * Where one build's activities work on this machine: its folder, databases, Python environment, and how its sandboxes
 * are opened. Made anew for every activity from the build's reference; holds no state of its own.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../config/config.js';
import { buildIdFor, packageRoot } from '../config/locations.js';
import { realProjectDir } from '../config/project-path.js';
import type { Services } from '../config/services.js';
import type { BuildReference } from '../workflows/contract.js';
import { failure } from './failures.js';
import { isolationOf } from './isolation.js';
import type { Sandbox, SandboxRequest } from './security/sandbox.js';
import { type BuildFolder, buildFolder } from './workspace/build-state.js';
import { type DatabaseName, ensureDatabases, type ProjectDatabases, serverAddress } from './workspace/databases.js';
import type { GitIdentity } from './workspace/git-call.js';
import { ensureEnvironment, type ProgramRunner, type PythonEnvironment } from './workspace/python-environment.js';

/** What a worker hands to its activities; the same for all builds. */
export interface Dependencies {
  readonly config: Config;
  readonly services: Services;
  /** Runs a trusted program of this machine (uv). */
  readonly run: ProgramRunner;
  /** Where Python environments are kept, and what uv needs of the environment. */
  readonly python: { readonly cache: string; readonly environment: Readonly<Record<string, string>> };
  /** The user's own git identity, or Nightshift's. */
  readonly identity: GitIdentity;
  /** Hosts that a live agent may install packages from, and the variables that tell pip and npm so inside. */
  readonly packages: () => Promise<PackageAccess>;
  /** For lines that belong to no build's event log. */
  readonly log: (line: string) => void;
}

export interface PackageAccess {
  /** `host:port` entries for the egress proxy. */
  readonly hosts: readonly string[];
  /** Index and certificate settings, without secrets. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Databases verify may use side by side: two under HTTP checks, one under pytest. */
export const CHECK_DATABASES = 3;

/** The pinned package set of generated projects; also the fallback before a project has a requirements.txt. */
const TEMPLATE_REQUIREMENTS = path.join(packageRoot, 'activities', 'scaffold', 'requirements', 'requirements.txt');

export interface Workshop {
  readonly buildId: string;
  /** Real path of the project. */
  readonly projectDir: string;
  readonly folder: BuildFolder;
  readonly databases: ProjectDatabases;
  /** One line for progress: `bubblewrap 0.8.0`, or `none (why)`. */
  readonly sandbox: string;
  /** PostgreSQL on the host, for sandbox requests. */
  readonly postgres: { readonly host: string; readonly port: number };
  /** Outside of any project, for checkouts. */
  readonly scratch: string;
  /** The sandbox of this machine, or none for the offline model. */
  readonly openSandbox: (request: SandboxRequest) => Promise<Sandbox>;
  /** URL of a database as seen inside a sandbox. */
  databaseUrl(name: DatabaseName): string;
  /** Built from these requirements, or from the template's when null. */
  python(requirements: string | null): Promise<PythonEnvironment>;
  /** Opens a sandbox over `directory` (default: the project) with the Python environment on PATH. */
  open(python: PythonEnvironment, options?: OpenOptions): Promise<Sandbox>;
}

export interface OpenOptions {
  readonly directory?: string;
  readonly readOnly?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly egress?: readonly string[];
}

/** PostgreSQL as a project in a bubblewrap sandbox sees it. */
const POSTGRES_INSIDE = '127.0.0.1:5432';

/** Throws `ServiceDown` when PostgreSQL or uv is not there, `WorkspaceRefused` when a live model would run unsandboxed. */
export async function openWorkshop(dependencies: Dependencies, reference: BuildReference): Promise<Workshop> {
  const { config, services } = dependencies;
  const projectDir = await realProjectDir(reference.projectDir, '/');
  const buildId = buildIdFor(projectDir);
  const folder = buildFolder(config.locations.builds, buildId);
  const adminUrl = config.databaseUrl ?? services.postgresAdminUrl;
  if (adminUrl === null)
    throw failure('ServiceDown', 'no PostgreSQL for checks: nightshift doctor says which are possible');
  const isolation = await isolationOf(reference);
  const databases = await ensureDatabases({ adminUrl, buildId, stateDir: folder.path, checks: CHECK_DATABASES }).catch(
    (error: Error) => {
      throw failure('ServiceDown', `PostgreSQL does not answer (${error.message}); the supervisor restarts it`, error);
    },
  );
  const host = serverAddress(adminUrl);
  const address = isolation.sandboxed ? POSTGRES_INSIDE : `${host.host}:${host.port}`;
  return {
    buildId,
    projectDir,
    folder,
    databases,
    sandbox: isolation.line,
    postgres: host,
    scratch: path.join(folder.path, 'scratch'),
    openSandbox: isolation.open,
    databaseUrl: (name) => databases.url(name, address),
    python: (requirements) => pythonEnvironment(dependencies, requirements),
    open: (python, options = {}) =>
      isolation.open(sandboxRequest({ projectDir, databases, address, host }, python, options)),
  };
}

interface Place {
  readonly projectDir: string;
  readonly databases: ProjectDatabases;
  /** PostgreSQL as seen inside, and on the host. */
  readonly address: string;
  readonly host: Workshop['postgres'];
}

function sandboxRequest(
  { projectDir, databases, address, host }: Place,
  python: PythonEnvironment,
  { directory = projectDir, readOnly = [], environment = {}, egress }: OpenOptions,
): SandboxRequest {
  return {
    projectDir: directory,
    readOnly: [python.prefix, python.pythonPrefix, ...readOnly],
    path: [path.join(directory, '.venv', 'bin'), python.bin],
    environment: {
      DATABASE_URL: databases.url('app', address),
      TEST_DATABASE_URL: databases.url('test', address),
      ...environment,
    },
    postgres: host,
    ...(egress === undefined ? {} : { egress }),
  };
}

async function pythonEnvironment(
  { services, python, run }: Dependencies,
  requirements: string | null,
): Promise<PythonEnvironment> {
  if (services.uv === null || services.python === null) {
    throw failure('ServiceDown', 'no uv or no Python >= 3.11 was found: nightshift doctor says how to get them');
  }
  return ensureEnvironment({
    requirementsText: requirements ?? (await readFile(TEMPLATE_REQUIREMENTS, 'utf8')),
    python: services.python,
    uv: services.uv,
    ...python,
    run,
  });
}
