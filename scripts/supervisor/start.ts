/**
 * What a command does before it needs servers: looks whether the right supervisor runs, starts or replaces it, and waits
 * until all of its processes work. Never hosts one itself.
 */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Config } from '../../config/config.js';
import { environmentWithout } from '../../config/environment.js';
import { EnvironmentError } from '../exit-codes.js';
import { isAlive, type PidRecord, signalProcess, spawnDetached, stop } from '../host-process.js';
import { namedServerProblem } from '../named-servers.js';
import {
  type ChildRecord,
  logDirectory,
  makeRunDirectories,
  type RunFile,
  type Runtime,
  readRunFile,
  readRuntime,
} from './run-file.js';
import { currentVersions, type Versions } from './versions.js';

/** First start with initdb on a slow disk; a machine that needs longer has a problem worth a message. */
const READY_LIMIT_MS = 120_000;

/**
 * Makes sure that servers and worker of this code run, and returns where they are. `say` gets one line for each thing
 * a person waits for. Throws EnvironmentError with the failing part, its last words and its log.
 */
export async function ensureSupervisor(config: Config, say: (line: string) => void): Promise<Runtime> {
  const problem = await namedServerProblem(config);
  if (problem !== undefined) throw new EnvironmentError(problem);
  makeRunDirectories(config);
  const wanted = currentVersions(config);
  const running = readRunFile(config);
  if (!running || !isAlive(running.supervisor)) {
    say('starting Temporal, PostgreSQL, the offline model and a worker in the background');
    await startSupervisor(config);
    return waitUntilReady(config, null, say);
  }
  const change = difference(running, wanted);
  if (change) await replace(config, running, change, say);
  return waitUntilReady(config, change && running.supervisor, say);
}

type Change = { readonly what: string; readonly by: 'successor' | 'us' };

/**
 * What differs so that the supervisor must be replaced. A shell without any provider variable changes nothing about
 * them: looking at a build from another terminal must not take its key away.
 */
function difference(running: RunFile, wanted: Versions): Change | null {
  if (wanted.providerHash !== null && running.providerHash !== wanted.providerHash) {
    return { what: 'the provider settings have changed', by: 'us' };
  }
  if (running.serversHash !== wanted.serversHash) return { what: 'the servers named have changed', by: 'us' };
  if (running.codeVersion !== wanted.codeVersion || running.lockHash !== wanted.lockHash) {
    return {
      what: "Nightshift's code has changed",
      by: wanted.providerHash === null && running.packageRoot === wanted.packageRoot ? 'successor' : 'us',
    };
  }
  return null;
}

async function replace(config: Config, running: RunFile, change: Change, say: (line: string) => void): Promise<void> {
  say(`${change.what}: draining the worker and starting a new one (builds go on where they are)`);
  if (change.by === 'successor') {
    signalProcess(running.supervisor, 'SIGUSR2');
  } else {
    await stop(running.supervisor, 15_000, 'SIGHUP');
    await startSupervisor(config);
  }
}

/** Starts a supervisor of the code on disk, in a session of its own. A second one ends by itself. */
export async function startSupervisor(config: Config): Promise<void> {
  makeRunDirectories(config);
  await spawnDetached({
    command: [process.execPath, fileURLToPath(new URL('./main.js', import.meta.url))],
    environment: environmentWithout(config.environment, []),
    cwd: config.locations.state,
    logFile: path.join(logDirectory(config), 'supervisor.log'),
  });
}

/** `replaced` is the supervisor that is on its way out: what it says does not count. */
async function waitUntilReady(
  config: Config,
  replaced: PidRecord | null,
  say: (line: string) => void,
): Promise<Runtime> {
  const since = Date.now();
  let said = since;
  for (;;) {
    const file = readRunFile(config);
    const isNew = file?.supervisor.pid !== replaced?.pid;
    const current = file && isNew && isAlive(file.supervisor) ? file : null;
    const runtime = readRuntime(config);
    if (current && runtime && current.children.length > 0) {
      if (current.children.every(({ state }) => state === 'running')) return runtime;
      const looping = current.children.find(({ state }) => state === 'crash_loop');
      if (looping) throw new EnvironmentError(troubleWith(looping));
    }
    if (Date.now() - since > READY_LIMIT_MS) throw new EnvironmentError(notReady(config, current));
    if (Date.now() - said > 4_000) {
      said = Date.now();
      say(`${waitingFor(current)} (${Math.round((said - since) / 1000)} s)`);
    }
    await delay(50);
  }
}

function waitingFor(file: RunFile | null): string {
  const slow = file?.children.filter(({ state }) => state !== 'running').map(({ name, state }) => `${name} ${state}`);
  return slow && slow.length > 0 ? `waiting for ${slow.join(', ')}` : 'waiting for the supervisor';
}

function troubleWith(child: ChildRecord): string {
  return `${child.name} does not start: ${child.lastError ?? 'no reason known'}\nits log: ${child.logFile}`;
}

function notReady(config: Config, file: RunFile | null): string {
  const slow = file?.children.find(({ state }) => state !== 'running');
  if (slow) return `after ${READY_LIMIT_MS / 1000} s: ${troubleWith(slow)}`;
  const log = path.join(logDirectory(config), 'supervisor.log');
  return `the supervisor did not start within ${READY_LIMIT_MS / 1000} s\nits log: ${log}`;
}
