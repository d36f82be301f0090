/**
 * Starts the session sandbox: relays, runtime directory, ownership, control group, then bubblewrap with the exec server
 * inside. The boundary of Nightshift: nothing of a project runs outside of what this file starts.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chown, link, realpath } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { bubblewrapArguments, HOME_INSIDE, type Mount, RUN_INSIDE } from './bubblewrap-arguments.js';
import { createControlGroup, removeControlGroup } from './cgroup.js';
import { ControlChannel } from './control-channel.js';
import { type EgressProxy, openEgressProxy } from './egress-proxy.js';
import { identityOf, killHolder } from './holder.js';
import { hostView } from './host-view.js';
import { completeLimits, rlimitArguments } from './limits.js';
import { openPostgresRelay, type Relay } from './postgres-relay.js';
import { claimProject, type ProjectClaim } from './project-claim.js';
import { SANDBOX_UID } from './project-ownership.js';
import type { ProcessIdentity, Sandbox, SandboxLimits, SandboxRequest } from './sandbox.js';
import { bubblewrapPath, dropArguments, probeSandbox } from './sandbox-probe.js';
import {
  createRuntimeDirectory,
  ownIdentity,
  type RuntimeDirectory,
  removeRuntimeDirectory,
  sweepRuntimeDirectories,
  writeRecord,
} from './sandbox-runtime.js';
import { BubblewrapSandbox } from './sandbox-session.js';
import { stagingCommand } from './staging.js';

const INSIDE = fileURLToPath(new URL('./inside', import.meta.url));
const POSTGRES_PORT = 5432;
const PROXY_PORT = 3128;
const START_TIMEOUT_MS = 15_000;

/** No sandbox can start on this machine. `cure` is what a person can do. */
export class SandboxUnavailable extends Error {
  override readonly name = 'SandboxUnavailable';
  constructor(
    override readonly cause: string,
    readonly cure: string,
  ) {
    super(`No sandbox can start here: ${cause}. To mend it: ${cure}`);
  }
}

let swept: Promise<void> | null = null;
let nestedFlag: Promise<boolean> | null = null;

/**
 * Opens a sandbox around a project. Throws `SandboxUnavailable` with cause and cure when this machine can't; leaves
 * nothing behind when it fails. A root worker's project belongs to an unprivileged uid until `close`.
 */
export async function openSandbox(request: SandboxRequest): Promise<Sandbox> {
  swept ??= sweepRuntimeDirectories();
  nestedFlag ??= nestedNamespacesOff(request.runAs);
  await swept;
  const disableNestedNamespaces = await nestedFlag.catch((error: unknown) => {
    nestedFlag = null; // a cure may be applied while the worker runs
    throw error;
  });
  const cleanup: (() => Promise<void> | void)[] = [];
  try {
    return await open(request, disableNestedNamespaces, cleanup);
  } catch (error) {
    await runInReverse(cleanup);
    throw error;
  }
}

async function nestedNamespacesOff(runAs: number | undefined): Promise<boolean> {
  const probe = await probeSandbox(runAs);
  if (!probe.available) throw new SandboxUnavailable(probe.cause, probe.cure);
  return probe.disableNestedNamespaces;
}

async function open(
  request: SandboxRequest,
  disableNestedNamespaces: boolean,
  cleanup: (() => Promise<void> | void)[],
): Promise<Sandbox> {
  const limits = completeLimits(request.limits);
  const projectDir = await realpath(request.projectDir);
  const directory = await createRuntimeDirectory();
  cleanup.push(() => removeRuntimeDirectory(directory));
  const group = createControlGroup(path.basename(directory.root), limits);
  const controlGroups = 'reason' in group ? [] : group.directories;
  cleanup.push(() => removeControlGroup(controlGroups));
  const uid = request.runAs ?? SANDBOX_UID;
  const claim = await claimProject(projectDir, uid);
  cleanup.push(() => claim.release());
  const record = { worker: ownIdentity(), projectDir, owner: claim.owner, uid, controlGroups };
  await writeRecord(directory, { ...record, holder: null });
  await claim.take();
  const relays = await openRelays(request, directory, claim, uid);
  cleanup.push(relays.close);
  const started = await startHolder({
    request,
    projectDir,
    directory,
    limits,
    uid,
    disableNestedNamespaces,
    joinFiles: 'reason' in group ? [] : group.joinFiles,
    watchMemory: 'reason' in group,
    forwards: relays.forwards,
  });
  cleanup.push(() => endHolder(started));
  await writeRecord(directory, { ...record, holder: started.holder });
  return new BubblewrapSandbox({
    request: { ...request, projectDir },
    channel: started.channel,
    holder: started.holder,
    surroundings: {
      home: HOME_INSIDE,
      temporary: '/tmp',
      nodeDirectory: path.dirname(process.execPath),
      proxyPort: relays.proxy ? PROXY_PORT : null,
    },
    inwardSocket: `${directory.secret}/in.sock`,
    postgresAddress: request.postgres ? `127.0.0.1:${POSTGRES_PORT}` : null,
    refusedHosts: relays.proxy?.refused ?? [],
    notes: [
      ...('reason' in group ? [group.reason] : []),
      ...(disableNestedNamespaces ? [] : ['nested user namespaces stay possible inside']),
    ],
    dispose: () => runInReverse(cleanup),
  });
}

interface Relays {
  readonly proxy: EgressProxy | null;
  readonly forwards: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

async function openRelays(
  request: SandboxRequest,
  directory: RuntimeDirectory,
  claim: ProjectClaim,
  uid: number,
): Promise<Relays> {
  const forwards: Record<string, string> = {};
  const open: (EgressProxy | Relay)[] = [];
  const share = async (port: number, name: string): Promise<void> => {
    if (claim.owner !== null) await chown(`${directory.share}/${name}`, uid, uid);
    forwards[port] = `${RUN_INSIDE}/${name}`;
  };
  if (request.postgres) {
    open.push(await openPostgresRelay({ path: `${directory.share}/postgres.sock` }, request.postgres));
    await share(POSTGRES_PORT, 'postgres.sock');
  }
  let proxy: EgressProxy | null = null;
  if (request.egress && request.egress.length > 0) {
    proxy = await openEgressProxy(`${directory.share}/egress.sock`, request.egress);
    open.push(proxy);
    await share(PROXY_PORT, 'egress.sock');
  }
  return { proxy, forwards, close: async () => void (await Promise.all(open.map((relay) => relay.close()))) };
}

interface StartPlan {
  readonly request: SandboxRequest;
  readonly projectDir: string;
  readonly directory: RuntimeDirectory;
  readonly limits: SandboxLimits;
  readonly uid: number;
  readonly disableNestedNamespaces: boolean;
  readonly joinFiles: readonly string[];
  readonly watchMemory: boolean;
  readonly forwards: Readonly<Record<string, string>>;
}

interface StartedHolder {
  readonly child: ChildProcess;
  readonly channel: ControlChannel;
  readonly holder: ProcessIdentity;
}

async function startHolder(plan: StartPlan): Promise<StartedHolder> {
  const inward = await listenInward(plan.directory);
  const argv = stagingCommand({
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
        disableNestedNamespaces: plan.disableNestedNamespaces,
      }),
      ...[
        '/usr/bin/prlimit',
        ...rlimitArguments(plan.limits),
        process.execPath,
        `${RUN_INSIDE}-inside/exec-server.mjs`,
      ],
      JSON.stringify({ forwards: plan.forwards, watchMemoryBytes: plan.watchMemory ? plan.limits.memoryBytes : null }),
    ],
    links: plan.request.projectDir === plan.projectDir ? {} : { [plan.request.projectDir]: plan.projectDir },
  });
  const [file = '', ...args] = argv;
  const child = spawn(file, args, {
    env: {}, // the first process inside is bubblewrap itself: its environment is readable there
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', inward.descriptor],
    detached: true,
  });
  inward.server.close(); // the descriptor lives on inside
  return awaitReady(child);
}

/** A listening socket whose path the sandbox can't see: the descriptor is passed, the path stays in the secret part. */
async function listenInward(directory: RuntimeDirectory): Promise<{ server: Server; descriptor: number }> {
  const listenPath = `${directory.secret}/in.sock.0`;
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(listenPath, resolve));
  await link(listenPath, `${directory.secret}/in.sock`); // close() below unlinks the first name only
  const handle = Reflect.get(server, '_handle') as { fd?: number } | null;
  const descriptor = handle?.fd;
  if (typeof descriptor !== 'number') throw new Error('this Node does not give the descriptor of a listening socket');
  return { server, descriptor };
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

async function endHolder({ child, channel, holder }: StartedHolder): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
  channel.lose('it was closed');
  await killHolder(holder.pid, holder.startTime);
  await ended;
}

async function runInReverse(steps: (() => Promise<void> | void)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps.splice(0).reverse()) {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, 'the sandbox could not be taken down completely');
}
