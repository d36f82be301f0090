/**
 * Follows a running fleet in the terminal until all of its builds have ended, paused or wait for a person. Only a view,
 * except that Ctrl+C asks for a pause of every build.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FleetProgress } from '../workflows/fleet-contract.js';
import type { CommandContext } from './command-context.js';
import { EXIT } from './exit-codes.js';
import type { FleetHandle } from './fleet-handle.js';
import { type Answers, fleetStanding, fleetTable, nameOf, rowText } from './fleet-view.js';

/** Between looks at the server, in milliseconds. */
const LOOK_MS = 1_000;

/** Resolves with the exit code: 0 every build done, 3 some not, 4 all wait for a person, 6 paused, 130 detached. */
export function followFleet(handle: FleetHandle, context: CommandContext, json: boolean): Promise<number> {
  return new FleetFollower(handle, context, json).run();
}

class FleetFollower {
  private interrupts = 0;
  private readonly said = new Map<string, string>();
  private pausing: Promise<void> = Promise.resolve();

  constructor(
    private readonly handle: FleetHandle,
    private readonly context: CommandContext,
    private readonly json: boolean,
  ) {}

  async run(): Promise<number> {
    const { terminal } = this.context;
    const off = terminal.onInterrupt(() => this.interrupt());
    try {
      return await this.follow();
    } finally {
      off();
      terminal.block('');
    }
  }

  private async follow(): Promise<number> {
    for (;;) {
      if (this.interrupts > 1) return this.detach();
      const progress = await this.handle.progress();
      if (progress !== null) {
        const answers = await this.handle.answers(progress);
        this.show(progress, answers);
        const standing = fleetStanding(progress, answers);
        const over = standing === 'done' || standing === 'incomplete' ? await this.handle.closed() : true;
        if (standing !== 'goes on' && over === true) return this.end(standing, progress, answers);
      }
      await sleep(LOOK_MS);
    }
  }

  /** First Ctrl+C pauses every build; the second takes that back and detaches. */
  private interrupt(): void {
    this.interrupts += 1;
    if (this.interrupts > 1) return;
    const { terminal } = this.context;
    terminal.problem('pausing every build … (Ctrl+C again detaches instead; the fleet then goes on)');
    this.pausing = this.handle
      .pause()
      .catch((error: Error) =>
        terminal.problem(`the pause could not be sent (${error.message}); Ctrl+C again detaches`),
      );
  }

  private async detach(): Promise<number> {
    await this.pausing.then(() => this.handle.resume()).catch(() => undefined);
    this.context.terminal.line(`detached; the fleet goes on; look: ${this.context.self} status`);
    return EXIT.detached;
  }

  private show(progress: FleetProgress, answers: Answers): void {
    if (this.json) return;
    const { terminal } = this.context;
    if (terminal.interactive) {
      terminal.block(fleetTable(this.handle.workflowId, progress, answers).join('\n'));
      return;
    }
    for (const row of progress.rows) {
      const text = rowText(row, answers);
      if (this.said.get(row.workflowId) === text) continue;
      this.said.set(row.workflowId, text);
      terminal.line(`${nameOf(row)}: ${text}`);
    }
  }

  private end(
    standing: 'paused' | 'attention' | 'done' | 'incomplete',
    progress: FleetProgress,
    answers: Answers,
  ): number {
    const { terminal, self } = this.context;
    terminal.block('');
    if (this.json) terminal.line(JSON.stringify({ fleetId: this.handle.workflowId, standing, ...progress }));
    else for (const line of fleetTable(this.handle.workflowId, progress, answers)) terminal.line(line);
    if (!this.json && standing === 'paused') terminal.line('paused; nothing lost; resume: the same command');
    if (!this.json && standing === 'attention')
      terminal.line(`every build waits for a person; what to do: ${self} status`);
    return { paused: EXIT.paused, attention: EXIT.attention, done: EXIT.ok, incomplete: EXIT.incomplete }[standing];
  }
}
