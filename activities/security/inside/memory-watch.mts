/**
 * Bounds the memory of a whole sandbox where no control group does: ends the largest process while all of them together
 * hold more than the limit. Sees its own pid namespace only. Plain Node, no dependencies.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { type Bounds, sizeText } from './breach.mjs';

const WATCH_EVERY_MS = 250;
const PAGE_BYTES = 4096;

export function watchMemory({ memoryBytes }: Bounds, onBreach: (breach: string) => void): void {
  setInterval(() => {
    if (!endLargest(memoryBytes)) return;
    onBreach(`the memory of the session (${sizeText(memoryBytes)}) was used up: its largest process was ended`);
  }, WATCH_EVERY_MS);
}

function endLargest(limit: number): boolean {
  let total = 0;
  let largest = { pid: 0, bytes: 0 };
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!(pid > 2)) continue;
    const bytes = residentBytes(pid);
    total += bytes;
    if (bytes > largest.bytes) largest = { pid, bytes };
  }
  if (total <= limit || largest.pid === 0) return false;
  try {
    process.kill(largest.pid, 'SIGKILL');
  } catch {
    return false; // ended by itself
  }
  return true;
}

function residentBytes(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * PAGE_BYTES;
  } catch {
    return 0;
  }
}
