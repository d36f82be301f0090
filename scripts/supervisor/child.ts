/**
 * One supervised process: started, probed, restarted when it dies, replaced when what it should be started with has
 * changed. Knows nothing of what the process does; the plan does.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, type SpawnRequest, spawnDetached, stop } from '../host-process.js';
import type { ChildRecord, ChildState } from './run-file.js';

export interface Launch {
  readonly spawn: SpawnRequest;
  readonly ports: Readonly<Record<string, number>>;
}

/** What a kind of process needs to be kept alive. */
export interface ChildPlan {
  readonly name: string;
  readonly logFile: string;
  /** Hash of what it would be started with now; null while a part it needs is missing. */
  identity(): string | null;
  launch(previousPorts: Readonly<Record<string, number>>): Promise<Launch>;
  /** True when it does its work. Asked again and again after a start. */
  ready(record: ChildRecord): Promise<boolean>;
  /** A start that takes longer counts as a crash. */
  readonly readyWithinMs: number;
  readonly stopSignal: NodeJS.Signals;
  readonly graceMs: number;
}

/** How long between two looks: a death is seen after this at the latest, well inside the promised 2 s. */
const LOOK_MS = 200;
/** The first restart is at once; each further one within the window doubles, up to the limit. */
const BACKOFF_MS = { first: 250, limit: 5_000 };
/** So many deaths within the window are a crash loop: then one try a minute. */
export const CRASH_LOOP = { deaths: 5, windowMs: 60_000, retryMs: 60_000 } as const;

export class SupervisedChild {
  readonly #plan: ChildPlan;
  readonly #changed: () => void;
  #record: ChildRecord;
  #deaths: number[] = [];
  #nextStart = 0;
  #startedAt = 0;

  /** `adopted` is the record that an earlier supervisor left: a process of it that still lives goes on. */
  constructor(plan: ChildPlan, adopted: ChildRecord | undefined, changed: () => void) {
    this.#plan = plan;
    this.#changed = changed;
    this.#startedAt = Date.now();
    const lives = adopted?.process && isAlive(adopted.process);
    this.#record = {
      name: plan.name,
      state: lives ? 'starting' : 'waiting',
      process: lives ? adopted.process : null,
      ports: adopted?.ports ?? {},
      identity: lives ? adopted.identity : '',
      restarts: adopted?.restarts ?? 0,
      lastError: adopted?.lastError ?? null,
      logFile: plan.logFile,
    };
  }

  get record(): ChildRecord {
    return this.#record;
  }

  /** Keeps the process alive until the signal aborts; leaves it running then. */
  async keepAlive(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#look();
      } catch (error) {
        this.#failed(error instanceof Error ? error.message : String(error));
      }
      await delay(LOOK_MS);
    }
  }

  /** Ends the process by its record. */
  async stop(): Promise<void> {
    if (this.#record.process) await stop(this.#record.process, this.#plan.graceMs, this.#plan.stopSignal);
    this.#set({ state: 'stopped', process: null });
  }

  async #look(): Promise<void> {
    const { process, state, identity } = this.#record;
    const wanted = this.#plan.identity();
    if (process && !isAlive(process)) return this.#died(lastWords(this.#plan.logFile));
    if (wanted === null) return;
    if (!process) return Date.now() >= this.#nextStart ? this.#start(wanted) : undefined;
    if (identity !== wanted) return this.#replace(wanted);
    if (state === 'starting') await this.#probe();
  }

  async #start(identity: string): Promise<void> {
    this.#startedAt = Date.now();
    if (this.#record.state !== 'crash_loop') this.#set({ state: 'starting' });
    const { spawn, ports } = await this.#plan.launch(this.#record.ports);
    const process = await spawnDetached(spawn);
    this.#set({ state: 'starting', process, ports, identity });
  }

  /** Drains the old one (its grace), then starts the new one; no death is counted. */
  async #replace(identity: string): Promise<void> {
    this.#set({ state: 'restarting' });
    if (this.#record.process) await stop(this.#record.process, this.#plan.graceMs, this.#plan.stopSignal);
    this.#set({ process: null });
    await this.#start(identity);
  }

  async #probe(): Promise<void> {
    if (await this.#plan.ready(this.#record)) {
      this.#set({ state: 'running', lastError: null });
    } else if (Date.now() - this.#startedAt > this.#plan.readyWithinMs && this.#record.process) {
      await stop(this.#record.process, this.#plan.graceMs, this.#plan.stopSignal);
      this.#died(`not ready after ${this.#plan.readyWithinMs / 1000} s; ${lastWords(this.#plan.logFile)}`);
    }
  }

  /** A look that failed: a process that lives is kept and looked at again, never forgotten and started twice. */
  #failed(reason: string): void {
    const { process } = this.#record;
    if (process === null || !isAlive(process)) this.#died(reason);
    else if (this.#record.lastError !== reason) this.#set({ lastError: reason });
  }

  #died(reason: string): void {
    const now = Date.now();
    this.#deaths = [...this.#deaths.filter((at) => now - at < CRASH_LOOP.windowMs), now];
    const looping = this.#deaths.length >= CRASH_LOOP.deaths;
    const count = this.#deaths.length;
    const backoff = count <= 1 ? 0 : Math.min(BACKOFF_MS.limit, BACKOFF_MS.first * 2 ** (count - 2));
    this.#nextStart = now + (looping ? CRASH_LOOP.retryMs : backoff);
    const state: ChildState = looping ? 'crash_loop' : 'restarting';
    this.#set({ state, process: null, lastError: reason, restarts: this.#record.restarts + 1 });
  }

  #set(change: Partial<ChildRecord>): void {
    this.#record = { ...this.#record, ...change };
    this.#changed();
  }
}

/** The last words of a log, for a message: its last line that speaks of an error, else its last line. */
function lastWords(file: string): string {
  const lines = tail(file, 4_000)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('at '));
  const telling = lines.findLast((line) => /error|fatal|panic|cannot|can't|refused|denied|in use/i.test(line));
  return (telling ?? lines.at(-1) ?? 'it wrote nothing').slice(0, 300);
}

function tail(file: string, bytes: number): string {
  try {
    const log = openSync(file, 'r');
    try {
      const size = fstatSync(log).size;
      const buffer = Buffer.alloc(Math.min(bytes, size));
      readSync(log, buffer, 0, buffer.length, size - buffer.length);
      return buffer.toString('utf8');
    } finally {
      closeSync(log);
    }
  } catch {
    return '';
  }
}
