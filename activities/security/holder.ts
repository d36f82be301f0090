/**
 * The outermost process of a sandbox, by pid and start time. Killing it ends everything inside; nobody else is hit when
 * the pid was reused.
 */
import { readFileSync } from 'node:fs';
import type { ProcessIdentity } from './sandbox.js';

const GONE_WITHIN_MS = 5_000;
const POLL_MS = 5;

/** Identity of a live process; null when there is none. */
export function identityOf(pid: number): ProcessIdentity | null {
  const startTime = startTimeOf(pid);
  return startTime === null ? null : { pid, startTime };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return startTimeOf(identity.pid) === identity.startTime;
}

/**
 * Ends the sandbox that an earlier attempt on this host recorded, and waits until nothing of it is left.
 * Returns false when it was gone already. Throws when it is still there after 5 s.
 */
export async function killHolder(pid: number, startTime: string): Promise<boolean> {
  const holder = { pid, startTime };
  if (!isAlive(holder)) return false;
  // The first process inside is the reaper of the pid namespace: once it is gone, all are, and the holder ends by itself.
  const reapers = childrenOf(pid).flatMap((child) => identityOf(child) ?? []);
  for (const victim of [...reapers, holder]) {
    if (isAlive(victim)) kill(victim.pid);
  }
  const deadline = Date.now() + GONE_WITHIN_MS;
  while ([holder, ...reapers].some(isAlive)) {
    if (Date.now() > deadline) throw new Error(`sandbox process ${pid} did not end within ${GONE_WITHIN_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return true;
}

export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone already
  }
}

/** A zombie counts as gone: nothing of it runs. */
function startTimeOf(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}
