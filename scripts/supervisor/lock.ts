/** One supervisor per state directory: a lock file that names its owner, taken over at once when the owner is dead. */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isAlive, ownRecord, type PidRecord } from '../host-process.js';

/** Takes the lock, or says who holds it. Released by `releaseLock` or by the owner's death. */
export function takeLock(
  file: string,
): { readonly taken: true } | { readonly taken: false; readonly owner: PidRecord } {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(ownRecord()), { mode: 0o600 });
  try {
    for (;;) {
      try {
        linkSync(mine, file);
        return { taken: true };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const owner = ownerOf(file);
      if (owner && isAlive(owner)) return { taken: false, owner };
      removeStale(file, owner);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

export function releaseLock(file: string): void {
  if (ownerOf(file)?.pid === process.pid) rmSync(file, { force: true });
}

function ownerOf(file: string): PidRecord | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as PidRecord;
  } catch {
    return null;
  }
}

/** Moves the dead owner's file away; when another starter was quicker and it is theirs by now, puts it back. */
function removeStale(file: string, dead: PidRecord | null): void {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return; // another starter moved it
  }
  const moved = ownerOf(aside);
  if (moved && (moved.pid !== dead?.pid || moved.startTime !== dead.startTime)) {
    try {
      linkSync(aside, file);
    } catch {
      // a third one has it: theirs stands
    }
  }
  rmSync(aside, { force: true });
}
