/**
 * The process tree of one sandbox: staging, dropped rights, bubblewrap, exec server; its start and its end.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { type FileHandle, link, open, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { bubblewrapArguments, type Mount, RUN_INSIDE } from './bubblewrap-arguments.js';
import { ControlChannel } from './control-channel.js';
import { identityOf, killHolder } from './holder.js';
import { hostView } from './host-view.js';
import type { Bounds } from './inside/breach.mjs';
import { rlimitArguments } from './limits.js';
import type { ProcessIdentity, SandboxLimits, SandboxRequest } from './sandbox.js';
import { type Abilities, bubblewrapPath, dropArguments } from './sandbox-probe.js';
import type { RuntimeDirectory } from './sandbox-runtime.js';
import { stagingCommand } from './staging.js';
import { systemCallFilter } from './system-call-filter.js';

const INSIDE = fileURLToPath(new URL('./inside', import.meta.url));
const START_TIMEOUT_MS = 15_000;
/** After the standard streams, the control channel (3) and the socket for connections in (4). */
const FILTER_DESCRIPTOR = 5;

export interface StartPlan {
  readonly request: SandboxRequest;
  readonly projectDir: string;
  readonly directory: RuntimeDirectory;
  readonly limits: SandboxLimits;
  readonly uid: number;
  readonly abilities: Abilities;
  readonly joinFiles: readonly string[];
  readonly watchMemory: boolean;
  readonly forwards: Readonly<Record<string, string>>;
}

export interface StartedHolder {
  readonly child: ChildProcess;
  readonly channel: ControlChannel;
  readonly holder: ProcessIdentity;
}

/** Throws with bubblewrap's own message when it doesn't come up; leaves no process then. */
export async function startHolder(plan: StartPlan): Promise<StartedHolder> {
  const argv = await holderCommand(plan);
  const inward = await listenInward(plan.directory);
  const filter = await filterFile(plan);
  const [file = '', ...args] = argv;
  const child = spawn(file, args, {
    env: {}, // the first process inside is bubblewrap itself: its environment is readable there
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', inward.descriptor, filter?.fd ?? 'ignore'],
    detached: true,
  });
  await filter?.close();
  inward.server.close(); // the descriptor lives on inside
  return awaitReady(child);
}

async function holderCommand(plan: StartPlan): Promise<string[]> {
  const server = [
    '/usr/bin/prlimit',
    ...rlimitArguments(plan.limits),
    process.execPath,
    `${RUN_INSIDE}-inside/exec-server.mjs`,
  ];
  return stagingCommand({
    stage: plan.directory.stage,
    joinFiles: plan.joinFiles,
    mounts: await mountsOf(plan),
    drop: dropArguments(plan.uid),
    command: (mounts, links) => [
      bubblewrapPath() ?? 'bwrap',
      ...bubblewrapArguments({
        host: hostView(),
        mounts,
        links,
        projectDir: plan.projectDir,
        tmpfsBytes: plan.limits.tmpfsBytes,
        nestedNamespacesOff: plan.abilities.nestedNamespacesOff,
        filterDescriptor: plan.abilities.systemCallFilter ? FILTER_DESCRIPTOR : null,
      }),
      ...server,
      JSON.stringify({ forwards: plan.forwards, bounds: boundsOf(plan) }),
    ],
    links: plan.request.projectDir === plan.projectDir ? {} : { [plan.request.projectDir]: plan.projectDir },
  });
}

function boundsOf({ projectDir, watchMemory, limits }: StartPlan): Bounds {
  const { memoryBytes, processes, fileBytes, projectBytes, cpuSeconds } = limits;
  return { projectDir, watchMemory, memoryBytes, processes, fileBytes, projectBytes, cpuSeconds };
}

/** A listening socket whose path the sandbox can't see: the descriptor is passed, the path stays in the secret part. */
async function listenInward(directory: RuntimeDirectory): Promise<{ server: Server; descriptor: number }> {
  const listenPath = `${directory.secret}/in.sock.0`;
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(listenPath, resolve));
  await rm(`${directory.secret}/in.sock`, { force: true }); // of a start that failed
  await link(listenPath, `${directory.secret}/in.sock`); // close() below unlinks the first name only
  const handle = Reflect.get(server, '_handle') as { fd?: number } | null;
  const descriptor = handle?.fd;
  if (typeof descriptor !== 'number') throw new Error('this Node does not give the descriptor of a listening socket');
  return { server, descriptor };
}

/** The seccomp program as an open file, whose path the sandbox can't see; bubblewrap reads it and closes it. */
async function filterFile({ abilities, watchMemory, directory }: StartPlan): Promise<FileHandle | null> {
  const program = abilities.systemCallFilter ? systemCallFilter(process.arch, { memoryFiles: !watchMemory }) : null;
  if (program === null) return null;
  const file = `${directory.secret}/system-calls.bpf`;
  await writeFile(file, program, { mode: 0o600 });
  return open(file, 'r');
}

async function mountsOf(plan: StartPlan): Promise<Mount[]> {
  const nodePrefix = path.dirname(path.dirname(process.execPath));
  const readOnly = [...plan.request.readOnly, ...(nodePrefix.startsWith('/usr') ? [] : [nodePrefix])];
  const visible = [...new Set(readOnly)].filter((target) => !target.startsWith('/usr/') && target !== '/usr');
  return [
    { source: plan.directory.share, target: RUN_INSIDE, writable: false },
    { source: INSIDE, target: `${RUN_INSIDE}-inside`, writable: false },
    { source: plan.projectDir, target: plan.projectDir, writable: true },
    ...(await Promise.all(
      visible.map(async (target) => ({ source: await realpath(target), target, writable: false })),
    )),
  ];
}

async function awaitReady(child: ChildProcess): Promise<StartedHolder> {
  const channel = new ControlChannel(child.stdio[3] as Duplex);
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4_000);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()));
  const holder = child.pid === undefined ? null : identityOf(child.pid);
  const timer = setTimeout(() => channel.lose('it did not start in time'), START_TIMEOUT_MS);
  try {
    await channel.ready;
  } catch {
    if (holder) await killHolder(holder.pid, holder.startTime);
    await ended;
    throw new Error(`the sandbox did not start: ${errors.trim() || 'no message'}`);
  } finally {
    clearTimeout(timer);
  }
  void ended.then(() => channel.lose('its first process ended'));
  if (holder === null) throw new Error('the sandbox ended at once');
  return { child, channel, holder };
}

/** Returns when no process of the sandbox is left. */
export async function endHolder({ child, channel, holder }: StartedHolder): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
  channel.lose('it was closed');
  await killHolder(holder.pid, holder.startTime);
  await ended;
}
