/**
 * Bounds what a project may hold on the host's disk, where only a quota of root's could do it in the kernel: looks at the
 * free space twice a second and measures the tree when so much is gone that the limit may be near. Plain Node, no
 * dependencies.
 */
import { execFile } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { type Bounds, sizeText } from './breach.mjs';

const LOOK_EVERY_MS = 500;
const MEASURE_WITHIN_MS = 30_000;
/** Space that is left to the host. Only a session that has taken some itself is ended for it. */
const FLOOR_BYTES = 256 * 1024 * 1024;

/** Starts it. `onBreach`: ends every process inside and says why. */
export function watchDisk(bounds: Bounds, onBreach: (breach: string) => void): void {
  const watch = new DiskWatch(bounds, onBreach);
  setInterval(() => watch.look(), LOOK_EVERY_MS);
}

class DiskWatch {
  readonly #freeAtStart: number;
  /** Of the last measurement, and the free space then. */
  #size: number | null = null;
  #freeThen: number;
  #measuring = false;

  constructor(
    readonly bounds: Bounds,
    readonly onBreach: (breach: string) => void,
  ) {
    this.#freeAtStart = freeBytes(bounds.projectDir);
    this.#freeThen = this.#freeAtStart;
  }

  look(): void {
    if (this.#measuring) return;
    const { projectBytes: limit, projectDir } = this.bounds;
    const free = freeBytes(projectDir);
    if (free < FLOOR_BYTES && this.#freeAtStart - free > FLOOR_BYTES) {
      this.#freeThen = free;
      this.onBreach(`the disk is nearly full (${sizeText(free)} left): every process was ended; remove large files`);
      return;
    }
    // Half of the way to the limit at most, so that it is passed by little however fast the tree grows.
    const step = this.#size === null ? limit / 8 : Math.max((limit - this.#size) / 2, limit / 64);
    if (this.#freeThen - free >= step) void this.#measure(free);
  }

  async #measure(free: number): Promise<void> {
    this.#measuring = true;
    const before = this.#size ?? 0;
    const { bytes, complete } = await treeBytes(this.bounds.projectDir);
    // What it locked away from being measured counts as all that has gone since the start.
    const size = complete ? bytes : bytes + Math.max(0, this.#freeAtStart - free);
    this.#size = size;
    this.#freeThen = free;
    this.#measuring = false;
    const { projectBytes: limit } = this.bounds;
    if (size <= limit || size <= before) return;
    this.onBreach(
      `the project holds ${sizeText(size)}, more than the ${sizeText(limit)} it may hold: every process was ended; remove large files first`,
    );
  }
}

function freeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}

/** This server's child, not a command's: it holds the capability, so commands can't trace it. */
function treeBytes(directory: string): Promise<{ bytes: number; complete: boolean }> {
  return new Promise((resolve) => {
    const options = { timeout: MEASURE_WITHIN_MS, env: { LC_ALL: 'C' } };
    execFile('/usr/bin/du', ['-sxB1', '--', directory], options, (error, stdout, stderr) => {
      const bytes = Number.parseInt(stdout, 10);
      const complete = Number.isFinite(bytes) && !/Permission denied/.test(stderr) && error?.killed !== true;
      resolve({ bytes: Number.isFinite(bytes) ? bytes : 0, complete });
    });
  });
}
