/**
 * Follows one running build in the terminal until it ends, parks or is paused: the live view of `build` and `watch`.
 * Only a view: closing it changes nothing, except that under `build` Ctrl+C asks for a pause.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../workflows/progress.js';
import type { BuildHandle, BuildSnapshot } from './build-handle.js';
import { duration, eventLines, statusBlock, tallyLine } from './build-view.js';
import type { EventTail } from './event-tail.js';
import { EXIT, exitCodeOf } from './exit-codes.js';
import type { Terminal } from './terminal.js';

/** Between looks at the server, in milliseconds; live values are at most 2 s old. */
const LOOK_MS = 1_000;
/** Without a terminal: a line at least this often, so that a log is never silent for long. */
const PLAIN_LINE_MS = 30_000;

/** A second Ctrl+C waits no longer than this for the server. */
const DETACH_LIMIT_MS = 2_000;

const HINTS = { pause: 'Ctrl+C pauses (nothing is lost)', leave: 'Ctrl+C leaves, the build goes on' } as const;

export interface Following {
  readonly exitCode: number;
  readonly progress: Progress | null;
}

export interface FollowOptions {
  /** Nothing is printed. */
  readonly quiet: boolean;
  /** What the first Ctrl+C does. */
  readonly interrupt: 'pause' | 'leave';
}

export async function followBuild(
  handle: BuildHandle,
  tail: EventTail,
  terminal: Terminal,
  options: FollowOptions,
): Promise<Following> {
  const view = new Follower(handle, tail, terminal, options);
  const off = terminal.onInterrupt(() => view.interrupt());
  try {
    return await view.run();
  } finally {
    off();
    terminal.block('');
  }
}

class Follower {
  private readonly startedAt = performance.now();
  private interrupts = 0;
  private pausing: Promise<void> = Promise.resolve();
  private lastPlainLine = 0;
  private lastTally = '';

  constructor(
    private readonly handle: BuildHandle,
    private readonly tail: EventTail,
    private readonly terminal: Terminal,
    private readonly options: FollowOptions,
  ) {}

  /** First Ctrl+C pauses; the second takes that back and detaches. Who only watches leaves with the first. */
  interrupt(): void {
    this.interrupts += 1;
    if (this.interrupts > 1) return;
    if (this.leaves()) return;
    this.terminal.problem('pausing … (Ctrl+C again detaches instead; the build then goes on)');
    this.pausing = this.handle
      .pause()
      .catch((error: Error) =>
        this.terminal.problem(`the pause could not be sent (${error.message}); Ctrl+C again detaches`),
      );
  }

  private leaves(): boolean {
    return this.options.interrupt === 'leave' && this.interrupts > 0;
  }

  async run(): Promise<Following> {
    for (;;) {
      if (this.leaves()) return { exitCode: EXIT.detached, progress: null };
      if (this.interrupts > 1) return this.detach();
      await this.showEvents();
      const snapshot = await this.look();
      if (snapshot !== null) {
        this.show(snapshot);
        const ending = await this.endingOf(snapshot);
        if (ending !== null) {
          await this.showEvents();
          return ending;
        }
      }
      await this.rest();
    }
  }

  /** The pause that the first Ctrl+C sent must not hold a build of which a person was told that it goes on. */
  private async detach(): Promise<Following> {
    const goOn = this.pausing.then(() => this.handle.resume());
    const sent = goOn.then(
      () => true,
      () => false,
    );
    if (!(await Promise.race([sent, sleep(DETACH_LIMIT_MS, false, { ref: false })]))) {
      this.terminal.problem('the server does not answer: the build may pause; the build command goes on with it');
    }
    return { exitCode: EXIT.detached, progress: null };
  }

  /** Null when the server did not answer: it may be restarting; the supervisor brings it back. */
  private async look(): Promise<BuildSnapshot | null> {
    try {
      return await this.handle.snapshot();
    } catch {
      this.plain('the Temporal server does not answer; waiting for it to come back');
      return null;
    }
  }

  /** `done` and the like are endings only once the workflow has closed; paused and parked hold while it runs. */
  private async endingOf({ execution, progress }: BuildSnapshot): Promise<Following | null> {
    if (execution === 'COMPLETED') {
      const result = await this.handle.result();
      return { exitCode: exitCodeOf(result) ?? EXIT.incomplete, progress: result };
    }
    if (execution !== null && execution !== 'RUNNING' && execution !== 'CONTINUED_AS_NEW') {
      return { exitCode: EXIT.incomplete, progress };
    }
    const exitCode = progress === null ? null : exitCodeOf(progress);
    return exitCode === EXIT.paused || exitCode === EXIT.attention ? { exitCode, progress } : null;
  }

  private async showEvents(): Promise<void> {
    for (const event of await this.tail.next()) {
      if (this.options.quiet) continue;
      for (const line of eventLines(event)) {
        this.terminal.line(line);
        this.lastPlainLine = performance.now();
      }
    }
  }

  private show({ progress, heartbeat }: BuildSnapshot): void {
    if (this.options.quiet) return;
    const elapsed = performance.now() - this.startedAt;
    if (this.terminal.interactive) {
      this.terminal.block(
        statusBlock(progress, heartbeat, {
          elapsedMs: elapsed,
          columns: this.terminal.columns,
          hint: HINTS[this.options.interrupt],
        }),
      );
      return;
    }
    if (progress === null) {
      this.plain('no worker answers yet');
      return;
    }
    const line = `${progress.status.replaceAll('_', ' ')}, session ${progress.session}, ${tallyLine(progress)}`;
    if (line !== this.lastTally) this.lastPlainLine = 0;
    this.lastTally = line;
    this.plain(`${line}, ${duration(elapsed)}`);
  }

  private plain(text: string): void {
    if (this.options.quiet || this.terminal.interactive) return;
    const now = performance.now();
    if (this.lastPlainLine !== 0 && now - this.lastPlainLine < PLAIN_LINE_MS) return;
    this.lastPlainLine = now;
    this.terminal.line(text);
  }

  /** Sleeps a look's length, waking often enough for events and Ctrl+C. */
  private async rest(): Promise<void> {
    for (let slept = 0; slept < LOOK_MS && this.interrupts < 2 && !this.leaves(); slept += 200) {
      await sleep(200);
      await this.showEvents();
    }
  }
}
