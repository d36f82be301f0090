/**
 * Back-pressure on a command that floods its output: beyond a generous burst its pipes are read at a bounded rate, so
 * that the command waits in its write instead of keeping a core of the host busy. Plain Node, no dependencies.
 */
import type { Readable } from 'node:stream';
import { sizeText } from './breach.mjs';

/** A whole project crosses as one pack of at most 64 MB. */
const BURST_BYTES = 96 * 1024 * 1024;
const BYTES_PER_SECOND = 16 * 1024 * 1024;
const SHORTEST_PAUSE_MS = 50;

export class OutputValve {
  readonly #streams: readonly Readable[];
  readonly #since = performance.now();
  #credit: number;
  #total = 0;
  #slowed = false;

  constructor(
    streams: readonly Readable[],
    burstBytes: number = BURST_BYTES,
    readonly bytesPerSecond: number = BYTES_PER_SECOND,
  ) {
    this.#streams = streams;
    this.#credit = burstBytes;
    for (const stream of streams) stream.on('data', (chunk: Buffer) => this.#count(chunk.length));
  }

  /** Lets what is already in the pipes through: the command has ended. */
  drain(): void {
    this.#credit = Math.max(this.#credit, this.#total + BURST_BYTES);
    this.#resume();
  }

  /** What to tell about it; null when it never had to slow anything. */
  get breach(): string | null {
    if (!this.#slowed) return null;
    return `it printed ${sizeText(this.#total)}; beyond the first part it was slowed to ${sizeText(this.bytesPerSecond)} a second: print less, or write it to a file and look at parts of that`;
  }

  #count(bytes: number): void {
    this.#total += bytes;
    const earned = ((performance.now() - this.#since) / 1000) * this.bytesPerSecond;
    const over = this.#total - this.#credit - earned;
    if (over <= 0) return;
    this.#slowed = true;
    for (const stream of this.#streams) stream.pause();
    const pause = Math.max(SHORTEST_PAUSE_MS, (over / this.bytesPerSecond) * 1000);
    setTimeout(() => this.#resume(), pause).unref();
  }

  #resume(): void {
    for (const stream of this.#streams) stream.resume();
  }
}
