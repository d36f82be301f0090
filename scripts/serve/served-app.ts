/**
 * A project's API running for a person: a copy of its files, in a sandbox as verification uses it, on a database of its
 * own that stays. The project directory is only read, so a build may go on beside it.
 */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { parseFeatureList } from '../../activities/features/list.js';
import type { Sandbox } from '../../activities/security/sandbox.js';
import { type Dependencies, openWorkshop, type Workshop } from '../../activities/workshop.js';
import { type AppStart, type RunningApp, startApp } from '../../activities/workspace/app-under-test.js';
import { readProjectFile } from '../../activities/workspace/project-file.js';
import type { BuildReference } from '../../workflows/contract.js';
import { ownRecord, startTimeOf } from '../host-process.js';
import { addSamples } from './sample-data.js';

export interface ServeRequest {
  readonly reference: BuildReference;
  /** Begin with an empty database and new sample data. */
  readonly fresh: boolean;
  /** One line for each thing that a person waits for. */
  readonly say: (line: string) => void;
}

export interface ServedApp {
  readonly app: RunningApp;
  /** One line: which sandbox the app runs in. */
  readonly sandbox: string;
  /** What the database holds, in words. */
  readonly data: string;
  close(): Promise<void>;
}

/** The project cannot be served; the message says what failed, with the end of its own output. */
export class NotServable extends Error {
  override readonly name = 'NotServable';
}

/** Throws NotServable; EnvironmentBuildError when its packages cannot be installed. */
export async function serveProject(dependencies: Dependencies, request: ServeRequest): Promise<ServedApp> {
  const workshop = await openWorkshop(dependencies, request.reference);
  const directory = await scratchDirectory(path.join(workshop.folder.path, 'serve'));
  let sandbox: Sandbox | null = null;
  const close = async (): Promise<void> => {
    await sandbox?.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    const { requirements, featureList } = await copyProject(workshop, directory);
    request.say('preparing the Python packages of requirements.txt');
    const python = await workshop.python(requirements);
    sandbox = await workshop.openSandbox({
      projectDir: directory,
      readOnly: [...new Set([python.prefix, python.pythonPrefix])],
      path: [python.bin],
      environment: {},
      postgres: workshop.postgres,
    });
    const { app, data } = await startOnDatabase(workshop, sandbox, featureList, request);
    return { app, sandbox: workshop.sandbox, data, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startOnDatabase(
  { databases }: Workshop,
  sandbox: Sandbox,
  featureList: string | null,
  { fresh, say }: ServeRequest,
): Promise<{ app: RunningApp; data: string }> {
  const isNew = await databases.ensure('serve');
  if (fresh && !isNew) await databases.reset('serve');
  say('migrating the database and starting the app');
  const start = await startApp(sandbox, { databaseUrl: databases.url('serve', sandbox.postgresAddress ?? '') });
  if (start.kind === 'failed') throw new NotServable(whyNot(start, isNew || fresh));
  if (!isNew && !fresh) return { app: start.app, data: 'as you left it (--fresh begins anew)' };
  say('adding sample data');
  return { app: start.app, data: await samples(start.app, featureList) };
}

async function samples(app: RunningApp, featureList: string | null): Promise<string> {
  const parsed = featureList === null ? null : parseFeatureList(featureList);
  if (parsed?.kind !== 'ok') return 'empty (no readable feature_list.json to make samples from)';
  const { taken, refused } = await addSamples(app, parsed.list.features);
  return `sample data from ${taken} of the project's own test cases${refused > 0 ? `, ${refused} refused` : ''}`;
}

function whyNot(start: Extract<AppStart, { kind: 'failed' }>, emptied: boolean): string {
  const mend =
    start.step === 'migrations' && !emptied
      ? '\nIts database was made by other migrations, perhaps: --fresh begins with an empty one'
      : '';
  return `the app does not start: ${start.problem}\n${start.log.trim()}${mend}`;
}

/** Everything but git's folder and what tools leave behind; cut inside, where links of the project lead nowhere. */
const COPY = `cd "$1" && tar -cf - --exclude=./.git --exclude=./.venv --exclude=./node_modules --exclude=__pycache__ . |
  tar -xf - -C "$2" --no-same-owner --no-same-permissions`;
const COPY_TIMEOUT_MS = 60_000;

async function copyProject(
  workshop: Workshop,
  directory: string,
): Promise<{ requirements: string | null; featureList: string | null }> {
  const { projectDir } = workshop;
  const sandbox = await workshop.openSandbox({
    projectDir: directory,
    readOnly: [projectDir],
    path: [],
    environment: {},
  });
  try {
    const copied = await sandbox.run({
      command: ['bash', '-o', 'pipefail', '-c', COPY, 'bash', projectDir, directory],
      timeoutMs: COPY_TIMEOUT_MS,
    });
    if (copied.exitCode !== 0) throw new NotServable(`could not copy ${projectDir}: ${copied.output.slice(-400)}`);
    if ((await readProjectFile(sandbox, 'app/main.py')) === null) {
      throw new NotServable(`${projectDir} holds no app/main.py: no coding session has built anything there yet`);
    }
    return {
      requirements: await readProjectFile(sandbox, 'requirements.txt'),
      featureList: await readProjectFile(sandbox, 'feature_list.json'),
    };
  } finally {
    await sandbox.close();
  }
}

/** A new directory named after this process; those of processes that are gone are removed. */
async function scratchDirectory(parent: string): Promise<string> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  for (const name of await readdir(parent)) {
    const pid = Number(name.split('-')[0]);
    if (startTimeOf(pid) === null) await rm(path.join(parent, name), { recursive: true, force: true, maxRetries: 3 });
  }
  return mkdtemp(path.join(parent, `${ownRecord().pid}-`));
}
