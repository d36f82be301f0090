/**
 * The host-side directory of one sandbox: sockets, the few files of its /etc, and a record by which the next worker
 * cleans up after a killed one. Below /tmp because socket paths must be short; 0711 with a private part.
 */
import { mkdtempSync, readdirSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { removeControlGroup } from './cgroup.js';
import { identityOf, isAlive, killHolder } from './holder.js';
import { giveBack, type Owner } from './project-ownership.js';
import type { ProcessIdentity } from './sandbox.js';

const BASE = '/tmp';
const PREFIX = 'nightshift-sandbox-';

export interface SandboxRecord {
  readonly worker: ProcessIdentity;
  readonly holder: ProcessIdentity | null;
  readonly projectDir: string;
  /** Set when a root worker handed the project over. */
  readonly owner: Owner | null;
  readonly uid: number;
  readonly controlGroups: readonly string[];
}

export interface RuntimeDirectory {
  readonly root: string;
  /** Mount point of the private staging area. */
  readonly stage: string;
  /** Visible inside as /run/nightshift: etc/, sockets. */
  readonly share: string;
  /** 0700, never visible inside. */
  readonly secret: string;
}

export async function createRuntimeDirectory(): Promise<RuntimeDirectory> {
  const root = mkdtempSync(path.join(BASE, PREFIX));
  const directory = { root, stage: `${root}/stage`, share: `${root}/share`, secret: `${root}/secret` };
  await Promise.all([
    mkdir(directory.stage),
    mkdir(`${directory.share}/etc`, { recursive: true }),
    mkdir(directory.secret, { mode: 0o700 }),
  ]);
  await Promise.all(
    Object.entries(SYNTHETIC_ETC).map(([name, text]) =>
      writeFile(`${directory.share}/etc/${name}`, text, { mode: 0o644 }),
    ),
  );
  await chmod(directory.share, 0o755);
  await chmod(`${directory.share}/etc`, 0o755);
  await chmod(directory.stage, 0o755);
  await chmod(root, process.getuid?.() === 0 ? 0o711 : 0o700);
  return directory;
}

export async function writeRecord(directory: RuntimeDirectory, record: SandboxRecord): Promise<void> {
  await writeFile(`${directory.secret}/record.json`, JSON.stringify(record), { mode: 0o600 });
}

export async function removeRuntimeDirectory(directory: RuntimeDirectory): Promise<void> {
  await rm(directory.root, { recursive: true, force: true });
}

/** Cleans up after workers that died: their sandboxes, control groups, ownership of projects, directories. */
export async function sweepRuntimeDirectories(): Promise<void> {
  const stale: { root: string; record: SandboxRecord }[] = [];
  const claimed = new Set<string>();
  for (const name of readdirSync(BASE).filter((entry) => entry.startsWith(PREFIX))) {
    const root = path.join(BASE, name);
    const record = await readRecord(root);
    if (record === null) continue;
    if (isAlive(record.worker)) claimed.add(record.projectDir);
    else stale.push({ root, record });
  }
  for (const { root, record } of stale) await sweepOne(root, record, claimed);
}

async function sweepOne(root: string, record: SandboxRecord, claimed: ReadonlySet<string>): Promise<void> {
  const mine = root.replace(PREFIX, 'nightshift-swept-');
  try {
    await rename(root, mine); // whoever renames it owns the sweep
  } catch {
    return;
  }
  if (record.holder !== null) await killHolder(record.holder.pid, record.holder.startTime);
  removeControlGroup(record.controlGroups);
  if (record.owner !== null && !claimed.has(record.projectDir)) {
    await giveBack(record.projectDir, record.owner, record.uid).catch(() => undefined); // the project may be gone
  }
  await rm(mine, { recursive: true, force: true });
}

async function readRecord(root: string): Promise<SandboxRecord | null> {
  try {
    return JSON.parse(await readFile(`${root}/secret/record.json`, 'utf8')) as SandboxRecord;
  } catch {
    return null; // another user's, or one that is being made
  }
}

export function ownIdentity(): ProcessIdentity {
  return identityOf(process.pid) ?? { pid: process.pid, startTime: '' };
}

/** Nothing of the host's accounts, names or git settings shows inside. */
const SYNTHETIC_ETC: Readonly<Record<string, string>> = {
  passwd: 'root:x:0:0:root:/root:/bin/false\nagent:x:1000:1000:agent:/home/agent:/bin/bash\n',
  group: 'root:x:0:\nagent:x:1000:\n',
  hosts: '127.0.0.1 localhost sandbox\n::1 localhost\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
  'resolv.conf': '',
  gitconfig:
    '[safe]\n\tdirectory = *\n[init]\n\tdefaultBranch = main\n[user]\n\tname = Nightshift\n\temail = nightshift@localhost\n[advice]\n\tdetachedHead = false\n',
};
