/**
 * A root worker's sandbox runs as an unprivileged uid that must own the project: hands the tree over before, and back
 * after, with every setuid and setgid bit removed. Never follows a symlink, and never walks a tree that a live sandbox
 * can change under it.
 */
import { execFile } from 'node:child_process';
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** Below systemd's dynamic range, above ordinary accounts: owner of nothing else on common systems. */
export const SANDBOX_UID = 61042;

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const run = promisify(execFile);
const FIND = '/usr/bin/find';
/** Of the worker's own environment nothing is passed on. */
const ENVIRONMENT = { env: { PATH: '/usr/bin:/bin' } };

/** Who gets the tree back: its owner now, or, when an earlier sandbox still has it, the owner of the nearest parent. */
export async function originalOwner(projectDir: string, uid: number = SANDBOX_UID): Promise<Owner> {
  for (let directory = projectDir; ; directory = path.dirname(directory)) {
    const entry = await lstat(directory);
    if (entry.uid !== uid) return { uid: entry.uid, gid: entry.gid };
    if (directory === path.dirname(directory)) return { uid: 0, gid: 0 };
  }
}

/** Gives the tree to the sandbox's uid; touches only entries that aren't its own already. */
export async function handOver(projectDir: string, uid: number): Promise<void> {
  await changeOwner(projectDir, ['(', '!', '-uid', String(uid), '-o', '!', '-gid', String(uid), ')'], uid, uid);
}

/**
 * Gives the tree back, also after a crash; setuid and setgid bits go first. No sandbox may be live on it.
 * Does nothing unless the worker is root.
 */
export async function giveBack(projectDir: string, owner?: Owner, uid: number = SANDBOX_UID): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid: toUid, gid: toGid } = owner ?? (await originalOwner(projectDir, uid));
  await run(
    FIND,
    ['-P', projectDir, '-xdev', '-perm', '/6000', '!', '-type', 'l', '-exec', 'chmod', 'ug-s', '{}', '+'],
    ENVIRONMENT,
  );
  await changeOwner(projectDir, ['-uid', String(uid)], toUid, toGid);
}

async function changeOwner(projectDir: string, test: readonly string[], uid: number, gid: number): Promise<void> {
  const action = ['-exec', 'chown', '-h', `${uid}:${gid}`, '{}', '+'];
  await run(FIND, ['-P', projectDir, '-xdev', ...test, ...action], ENVIRONMENT);
}
