/**
 * Keeps the processes of one user and state directory alive and tells about them in the run file. When it ends by
 * `handOver` or is killed, they go on and the next supervisor adopts them; `shutDown` ends them.
 */
import type { PidRecord } from '../host-process.js';
import { type ChildPlan, SupervisedChild } from './child.js';
import type { ChildRecord } from './run-file.js';

export class Supervisor {
  readonly #children: readonly SupervisedChild[];
  readonly #abort = new AbortController();
  #loops: Promise<unknown> = Promise.resolve();

  /** `left` are the records of the supervisor before; `changed` is called whenever a record changes. */
  constructor(plans: readonly ChildPlan[], left: readonly ChildRecord[], changed: () => void) {
    this.#children = plans.map(
      (plan) =>
        new SupervisedChild(
          plan,
          left.find(({ name }) => name === plan.name),
          changed,
        ),
    );
  }

  get records(): readonly ChildRecord[] {
    return this.#children.map((child) => child.record);
  }

  get processes(): readonly PidRecord[] {
    return this.records.flatMap(({ process }) => (process ? [process] : []));
  }

  run(): void {
    this.#loops = Promise.all(this.#children.map((child) => child.keepAlive(this.#abort.signal)));
  }

  /** Stops looking after them; they go on. */
  async handOver(): Promise<void> {
    this.#abort.abort();
    await this.#loops;
  }

  /** Ends all, the last started first: the worker needs its servers while it drains. */
  async shutDown(): Promise<void> {
    await this.handOver();
    for (const child of [...this.#children].reverse()) await child.stop();
  }
}
