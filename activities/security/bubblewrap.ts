/**
 * Starts the session sandbox: runtime directory, ownership, control group, relays, then bubblewrap with the exec server
 * inside. The boundary of Nightshift: nothing of a project runs outside of what this file starts.
 */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { HOME_INSIDE } from './bubblewrap-arguments.js';
import { type ControlGroup, createControlGroup, memoryKills, removeControlGroup } from './cgroup.js';
import { completeLimits } from './limits.js';
import { claimProject } from './project-claim.js';
import { SANDBOX_UID } from './project-ownership.js';
import type { Sandbox, SandboxRequest } from './sandbox.js';
import { type Abilities, missingAbilities, probeSandbox } from './sandbox-probe.js';
import { endHolder, type StartedHolder, type StartPlan, startHolder } from './sandbox-process.js';
import { openRelays, POSTGRES_PORT, PROXY_PORT, type Relays } from './sandbox-relays.js';
import {
  createRuntimeDirectory,
  ownIdentity,
  removeRuntimeDirectory,
  sweepRuntimeDirectories,
  writeRecord,
} from './sandbox-runtime.js';
import { BubblewrapSandbox } from './sandbox-session.js';

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
let abilities: Promise<Abilities> | null = null;

/**
 * Opens a sandbox around a project. Throws `SandboxUnavailable` with cause and cure when this machine can't; leaves
 * nothing behind when it fails. A root worker's project belongs to an unprivileged uid until `close`.
 */
export async function openSandbox(request: SandboxRequest): Promise<Sandbox> {
  swept ??= sweepRuntimeDirectories();
  abilities ??= abilitiesHere(request.runAs);
  await swept;
  const offered = await abilities.catch((error: unknown) => {
    abilities = null; // a cure may be applied while the worker runs
    throw error;
  });
  const cleanup: Cleanup = [];
  try {
    return await open(request, offered, cleanup);
  } catch (error) {
    await runInReverse(cleanup);
    throw error;
  }
}

async function abilitiesHere(runAs: number | undefined): Promise<Abilities> {
  const probe = await probeSandbox(runAs);
  if (!probe.available) throw new SandboxUnavailable(probe.cause, probe.cure);
  return probe.abilities;
}

type Cleanup = (() => Promise<void> | void)[];

async function open(request: SandboxRequest, offered: Abilities, cleanup: Cleanup): Promise<Sandbox> {
  const limits = completeLimits(request.limits);
  const projectDir = await realpath(request.projectDir);
  const uid = request.runAs ?? SANDBOX_UID;
  const directory = await createRuntimeDirectory();
  cleanup.push(() => removeRuntimeDirectory(directory));
  const group = createControlGroup(path.basename(directory.root), limits);
  cleanup.push(() => removeControlGroup(group.directories));
  const claim = await claimProject(projectDir, uid);
  cleanup.push(() => claim.release());
  const record = { worker: ownIdentity(), projectDir, owner: claim.owner, uid, controlGroups: group.directories };
  await writeRecord(directory, { ...record, holder: null });
  await claim.take();
  const relays = await openRelays(request, directory.share, claim.owner === null ? null : uid);
  cleanup.push(relays.close);
  const place = { request, projectDir, directory, limits, uid, abilities: offered, forwards: relays.forwards };
  const { started, groupProblem } = await startBounded(place, group);
  cleanup.push(() => endHolder(started));
  await writeRecord(directory, { ...record, holder: started.holder });
  const notes = [...(groupProblem === null ? [] : [groupProblem]), ...missingAbilities(offered)];
  const dispose = (): Promise<void> => runInReverse(cleanup);
  return sessionOf({ ...place, started, relays, notes, dispose }, group);
}

/** A control group that can be made but not joined is done without, and that is stated. */
async function startBounded(
  place: Omit<StartPlan, 'joinFiles' | 'watchMemory'>,
  group: ControlGroup,
): Promise<{ readonly started: StartedHolder; readonly groupProblem: string | null }> {
  const unbounded = { ...place, joinFiles: [], watchMemory: true };
  if (group.reason !== null) return { started: await startHolder(unbounded), groupProblem: group.reason };
  try {
    const started = await startHolder({ ...place, joinFiles: group.joinFiles, watchMemory: false });
    return { started, groupProblem: null };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { started: await startHolder(unbounded), groupProblem: `no memory control group: ${why}` };
  }
}

interface Opened extends Omit<StartPlan, 'joinFiles' | 'watchMemory'> {
  readonly started: StartedHolder;
  readonly relays: Relays;
  readonly notes: readonly string[];
  readonly dispose: () => Promise<void>;
}

function sessionOf(opened: Opened, group: ControlGroup): Sandbox {
  const { request, projectDir, directory, limits, started, relays, notes, dispose } = opened;
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
    notes,
    memoryKills: () => memoryKills(group.directories),
    memoryBytes: limits.memoryBytes,
    dispose,
  });
}

async function runInReverse(steps: Cleanup): Promise<void> {
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
