/**
 * The lease on a build's state: an epoch, a number that only grows. Whoever takes it gets the next one, ends what the
 * older epochs left running on this host, and has their journals sealed. Knows nothing of what the epochs do.
 *
 * `lease/<epoch>.json` is linked into place complete and exclusively: that is the lock, so a holder that dies or is
 * suspended in the middle never blocks the next one, and two takers can't get the same epoch.
 */
import { link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { killHolder } from '../security/holder.js';
import type { ProcessIdentity } from '../security/sandbox.js';
import { bootId, killGroup, type ProcessMark, processMark } from './process-mark.js';

const LEASE_VERSION = 1;

/** What an epoch wrote about itself: enough for the next one to end what it left. */
export interface LeaseHolder {
  readonly version: number;
  readonly epoch: number;
  /** Who holds it, for people: the workflow's id. */
  readonly owner: string;
  readonly host: string;
  /** Processes of an earlier boot are gone, and their numbers belong to others. */
  readonly bootId: string | null;
  readonly worker: ProcessMark;
  readonly sandbox: ProcessIdentity | null;
  /** Leader of a process group to end with the sandbox. */
  readonly processGroup: ProcessMark | null;
  /** True once older epochs are ended and their journals sealed. */
  readonly settled: boolean;
  readonly released: boolean;
}

export interface TakeLease {
  /** The build's folder in the state directory. */
  readonly buildDir: string;
  readonly owner: string;
  /** Fixes what older epochs wrote; `sealJournals` of activities/agent/journal-file.ts. */
  readonly seal: (range: { readonly from: number; readonly below: number }) => Promise<void>;
}

export interface Lease {
  readonly epoch: number;
  /** Rejects with LeaseLost when a newer epoch has taken over: stop and write nothing. */
  assertCurrent(): Promise<void>;
  /**
   * Remembers the sandbox's outermost process (`Sandbox.holder`; null = none runs), and the leader of a process group
   * of ours if there is one, so that a take-over can end them. Call it before anything runs inside.
   */
  recordSandbox(holder: ProcessIdentity | null, processGroup?: number): Promise<void>;
  /** Says that nothing is left running; nothing to say for one that was overtaken. The epoch is never given back. */
  release(): Promise<void>;
}

/** A newer epoch holds the build. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** Takes the next epoch. Throws LeaseLost when another taker overtook this one while it was settling. */
export async function takeLease({ buildDir, owner, seal }: TakeLease): Promise<Lease> {
  const folder = path.join(buildDir, 'lease');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const claimed = await claimNextEpoch(folder, owner);
  const older = (await claims(folder)).filter((claim) => claim.epoch < claimed.epoch);
  for (const claim of older) await endLeftovers(claim);
  const settledBefore = older.filter((claim) => claim.settled).map((claim) => claim.epoch);
  await seal({ from: Math.max(0, ...settledBefore), below: claimed.epoch });
  const lease = new FolderLease(folder, claimed);
  await lease.settle();
  await forget(folder, claimed.epoch - 1);
  return lease;
}

/** The newest claim, or null when the build was never leased. For people and for attaching; grants nothing. */
export async function leaseHolder(buildDir: string): Promise<LeaseHolder | null> {
  return (await claims(path.join(buildDir, 'lease'))).at(-1) ?? null;
}

class FolderLease implements Lease {
  readonly epoch: number;
  #holder: LeaseHolder;

  constructor(
    private readonly folder: string,
    holder: LeaseHolder,
  ) {
    this.epoch = holder.epoch;
    this.#holder = holder;
  }

  async assertCurrent(): Promise<void> {
    const newest = (await epochsIn(this.folder)).at(-1);
    if (newest === this.epoch) return;
    const what = newest === undefined ? 'its folder is gone' : `epoch ${newest} has taken over`;
    throw new LeaseLost(`epoch ${this.epoch} no longer holds ${path.dirname(this.folder)}: ${what}`);
  }

  async recordSandbox(sandbox: ProcessIdentity | null, processGroup?: number): Promise<void> {
    const group = processGroup === undefined ? null : await processMark(processGroup);
    await this.#write({ ...this.#holder, sandbox, processGroup: group });
  }

  async release(): Promise<void> {
    const released = this.#write({ ...this.#holder, sandbox: null, processGroup: null, released: true });
    await released.catch((error: unknown) => {
      if (!(error instanceof LeaseLost)) throw error;
    });
  }

  async settle(): Promise<void> {
    await this.#write({ ...this.#holder, settled: true });
  }

  /** Checked again after the write: a taker that came in between may have missed what was written. */
  async #write(holder: LeaseHolder): Promise<void> {
    await this.assertCurrent();
    const temporary = await writeTemporary(this.folder, holder);
    await rename(temporary, claimFile(this.folder, this.epoch));
    this.#holder = holder;
    await this.assertCurrent();
  }
}

async function claimNextEpoch(folder: string, owner: string): Promise<LeaseHolder> {
  for (;;) {
    const epoch = ((await epochsIn(folder)).at(-1) ?? 0) + 1;
    const holder: LeaseHolder = {
      version: LEASE_VERSION,
      epoch,
      owner,
      host: hostname(),
      bootId: await bootId(),
      worker: await processMark(process.pid),
      sandbox: null,
      processGroup: null,
      settled: false,
      released: false,
    };
    const temporary = await writeTemporary(folder, holder);
    const won = await link(temporary, claimFile(folder, epoch)).then(() => true, alreadyClaimed);
    await rm(temporary, { force: true });
    if (won) return holder;
  }
}

function alreadyClaimed(error: NodeJS.ErrnoException): false {
  if (error.code === 'EEXIST') return false;
  throw error;
}

/** A worker is never killed: it may serve other builds. What it ran for this one is. */
async function endLeftovers(claim: LeaseHolder): Promise<void> {
  if (claim.released || claim.host !== hostname() || claim.bootId !== (await bootId())) return;
  if (claim.sandbox !== null) await killHolder(claim.sandbox.pid, claim.sandbox.startTime);
  if (claim.processGroup !== null) await killGroup(claim.processGroup);
}

async function claims(folder: string): Promise<readonly LeaseHolder[]> {
  const holders: LeaseHolder[] = [];
  for (const epoch of await epochsIn(folder)) {
    const text = await readFile(claimFile(folder, epoch), 'utf8').catch(nothingThere);
    if (text !== null) holders.push(parseHolder(text, claimFile(folder, epoch)));
  }
  return holders;
}

function parseHolder(text: string, file: string): LeaseHolder {
  const holder = JSON.parse(text) as LeaseHolder;
  if (holder.version <= LEASE_VERSION) return holder;
  throw new Error(
    `${file} has format ${holder.version}, this Nightshift reads up to ${LEASE_VERSION}: run the newer one`,
  );
}

/** Claims below `epoch` are settled history. The settled one at or above it stays: its number bounds what may be read. */
async function forget(folder: string, epoch: number): Promise<void> {
  for (const old of await epochsIn(folder)) if (old < epoch) await rm(claimFile(folder, old), { force: true });
}

const claimFile = (folder: string, epoch: number): string => path.join(folder, `${epoch}.json`);

async function epochsIn(folder: string): Promise<readonly number[]> {
  const names = (await readdir(folder).catch(nothingThere)) ?? [];
  return names
    .map((name) => /^(\d+)\.json$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

let temporaries = 0;

async function writeTemporary(folder: string, holder: LeaseHolder): Promise<string> {
  temporaries += 1;
  const temporary = path.join(folder, `claim.${process.pid}.${temporaries}.tmp`);
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(holder, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return temporary;
}

function nothingThere(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
