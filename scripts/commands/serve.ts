/** `serve`: the built API on this machine's PostgreSQL with sample data, in a sandbox, until Ctrl+C. */
import { stat } from 'node:fs/promises';
import { type CaseClient, openClient } from '../../activities/features/case-client.js';
import type { JsonValue } from '../../activities/features/feature.js';
import type { Dependencies } from '../../activities/workshop.js';
import { buildFolder as folderOf, readBuildRecord } from '../../activities/workspace/build-state.js';
import { NIGHTSHIFT_IDENTITY } from '../../activities/workspace/git-call.js';
import { EnvironmentBuildError } from '../../activities/workspace/python-environment.js';
import { buildIdFor } from '../../config/locations.js';
import { realProjectDir } from '../../config/project-path.js';
import { type BuildReference, DEFAULT_SETTINGS } from '../../workflows/contract.js';
import { chosenBuild } from '../build-folder.js';
import { type CommandContext, shellPath } from '../command-context.js';
import { EnvironmentError, EXIT, UsageError } from '../exit-codes.js';
import { run } from '../host-process.js';
import { pythonEnvironmentSettings } from '../resolvers/machine.js';
import { type FrontDoor, openFrontDoor, PortRefused } from '../serve/front-door.js';
import { NotServable, type ServedApp, serveProject } from '../serve/served-app.js';
import type { Runtime } from '../supervisor/run-file.js';
import { ensureSupervisor } from '../supervisor/start.js';

export interface ServeOptions {
  readonly port?: string;
  readonly fresh?: boolean;
  readonly allowUnsandboxed?: boolean;
}

const DEFAULT_PORT = 8000;

export async function serve(
  directory: string | undefined,
  options: ServeOptions,
  context: CommandContext,
): Promise<number> {
  const { config, terminal } = context;
  const port = portOf(options.port);
  const projectDir = await directoryOf(directory, context);
  const reference = await referenceOf(projectDir, options.allowUnsandboxed === true, context);
  const interrupted = new Promise<void>((resolve) => terminal.onInterrupt(resolve));
  const runtime = await ensureSupervisor(config, (line) => terminal.problem(line));
  const say = (line: string): void => terminal.problem(`${line} …`);
  const served = await serveProject(dependenciesOf(context, runtime), {
    reference,
    fresh: options.fresh === true,
    say,
  }).catch(explained);
  try {
    const door = await openFrontDoor(served.app, port).catch((error: Error) => refused(error, port, context));
    await announce(served, door, projectDir, context);
    const ending = await Promise.race([interrupted.then(() => 'stopped'), served.app.ended.then(() => 'ended')]);
    await door.close();
    if (ending === 'stopped') return EXIT.ok;
    throw new EnvironmentError(`the app ended by itself; its last words:\n${(await served.app.logTail()).trim()}`);
  } finally {
    await served.close();
  }
}

function portOf(text: string | undefined): number {
  const port = text === undefined ? DEFAULT_PORT : Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new UsageError(`--port ${text} is no port; give a number from 1 to 65535, or 0 for any free one`);
}

/** A directory that was typed need not be a build of this machine: any project that Nightshift made will do. */
export async function directoryOf(typed: string | undefined, { config }: CommandContext): Promise<string> {
  if (typed === undefined) return (await chosenBuild(config, undefined)).projectDir;
  const directory = await realProjectDir(typed, config.callerDirectory);
  const found = await stat(directory).catch(() => null);
  if (found?.isDirectory() !== true)
    throw new UsageError(`${directory} is not a directory; give that of a built project`);
  return directory;
}

/** What the build ran with decides whether its code may run without a sandbox; unknown code never may unasked. */
export async function referenceOf(
  projectDir: string,
  allowUnsandboxed: boolean,
  { config }: CommandContext,
): Promise<BuildReference> {
  const buildId = buildIdFor(projectDir);
  const record = await readBuildRecord(folderOf(config.locations.builds, buildId));
  const settings = record?.settings ?? { ...DEFAULT_SETTINGS, model: 'unknown' };
  return {
    workflowId: record?.workflowId ?? buildId,
    projectDir,
    settings: { ...settings, allowUnsandboxed: settings.allowUnsandboxed || allowUnsandboxed },
  };
}

export function dependenciesOf({ config, terminal }: CommandContext, runtime: Runtime): Dependencies {
  return {
    config,
    services: {
      temporalAddress: runtime.temporalAddress,
      postgresAdminUrl: runtime.postgres?.adminUrl ?? null,
      offlineModelUrl: null,
      python: runtime.python,
      uv: runtime.uv,
      bubblewrap: runtime.bubblewrap,
    },
    run,
    python: pythonEnvironmentSettings(config),
    identity: NIGHTSHIFT_IDENTITY,
    packages: async () => ({ hosts: [], environment: {} }),
    log: (line) => terminal.problem(line),
  };
}

export function explained(error: Error): never {
  if (error instanceof NotServable) throw new UsageError(error.message);
  if (error instanceof EnvironmentBuildError) {
    throw new EnvironmentError(`the packages of requirements.txt cannot be installed: ${error.message}`);
  }
  if (error.name === 'ApplicationFailure') throw new EnvironmentError(error.message);
  throw error;
}

function refused(error: Error, port: number, { self }: CommandContext): never {
  if (!(error instanceof PortRefused)) throw error;
  throw new EnvironmentError(`port ${port} is not to be had: ${error.message}; take another: ${self} serve --port 0`);
}

async function announce(
  served: ServedApp,
  { port }: FrontDoor,
  projectDir: string,
  { terminal, config }: CommandContext,
): Promise<void> {
  const base = `http://127.0.0.1:${port}`;
  terminal.line(`Serving ${shellPath(projectDir, config.callerDirectory)} (sandbox: ${served.sandbox})`);
  terminal.line(`  API      ${base}`);
  terminal.line(`  Swagger  ${base}/docs    (try it there; no internet needed)`);
  terminal.line(`  ReDoc    ${base}/redoc`);
  terminal.line(`  OpenAPI  ${base}/openapi.json`);
  terminal.line(`  Data     ${served.data}`);
  terminal.line(`  Try      curl "${base}${await workingPath(served)}"`);
  terminal.line('Ctrl+C stops it. It runs a copy of the files: start it again to see changes.');
}

/** A list that answers now, best one with rows in it; the health check where the API has none. */
async function workingPath({ app }: ServedApp): Promise<string> {
  const client = openClient(app);
  try {
    let empty: string | null = null;
    for (const path of await plainReads(client)) {
      const answer = await client.send({ method: 'GET', path }, null);
      if (answer.kind !== 'response' || answer.status !== 200) continue;
      if (/\{[^{}]*"id"/.test(answer.text)) return path;
      empty ??= path;
    }
    return empty ?? '/health/live';
  } finally {
    await client.close();
  }
}

/** Paths with a GET and no parameter in them, as the app itself describes them. */
async function plainReads(client: CaseClient): Promise<readonly string[]> {
  const answer = await client.send({ method: 'GET', path: '/openapi.json' }, null);
  if (answer.kind !== 'response' || !isObject(answer.json) || !isObject(answer.json.paths)) return [];
  return Object.entries(answer.json.paths)
    .filter(([path, methods]) => !/[{]|^\/health/.test(path) && isObject(methods) && 'get' in methods)
    .map(([path]) => path);
}

function isObject(value: JsonValue | undefined): value is { [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
