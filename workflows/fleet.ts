/**
 * `fleet`: keeps N child builds running until all have ended. One build's failure does not stop the others; pause,
 * resume and stop reach every child. Deterministic: no Node imports, no I/O.
 */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ApplicationFailure,
  allHandlersFinished,
  type ChildWorkflowHandle,
  condition,
  isCancellation,
  log,
  type SignalDefinition,
  setCurrentDetails,
  setHandler,
  startChild,
} from '@temporalio/workflow';
import type { buildBackend } from './buildBackend.js';
import { BUILD_TASK_QUEUE } from './contract.js';
import {
  type FleetBuild,
  type FleetInput,
  type FleetProgress,
  type FleetRow,
  type FleetState,
  fleetProblem,
  fleetQuery,
} from './fleet-contract.js';
import { fleetPage } from './fleet-page.js';
import { pauseSignal, resumeSignal, stopSignal } from './messages.js';
import type { Progress } from './progress.js';

export async function fleet(input: FleetInput): Promise<FleetProgress> {
  const problem = fleetProblem(input);
  if (problem !== undefined) throw ApplicationFailure.nonRetryable(problem, 'InputUnusable');
  const running = new Fleet(input);
  running.handleMessages();
  await running.run();
  await condition(allHandlersFinished);
  return running.progress();
}

type Child = ChildWorkflowHandle<typeof buildBackend>;

class Fleet {
  private readonly rows: FleetRow[];
  private readonly children = new Map<number, Child>();
  private next = 0;
  private paused = false;
  private stopping = false;

  constructor(private readonly input: FleetInput) {
    this.rows = input.builds.map(({ workflowId, input: { projectDir } }) => ({
      ...{ workflowId, projectDir, state: 'queued', tally: null, problem: '' },
    }));
  }

  progress(): FleetProgress {
    const { paused, stopping } = this;
    return { paused, stopping, concurrency: this.input.concurrency, rows: [...this.rows] };
  }

  handleMessages(): void {
    setHandler(fleetQuery, () => this.progress(), { description: 'Every build of the fleet and where it stands.' });
    const tell = (signal: SignalDefinition, apply: () => void) => async () => {
      apply();
      this.show();
      await Promise.all([...this.children.values()].map((child) => this.send(child, signal)));
    };
    setHandler(
      pauseSignal,
      tell(pauseSignal, () => (this.paused = true)),
      {
        description: 'Pause every build that runs and start no further one.',
      },
    );
    setHandler(
      resumeSignal,
      tell(resumeSignal, () => (this.paused = false)),
      {
        description: 'Go on after a pause, with every build.',
      },
    );
    setHandler(
      stopSignal,
      tell(stopSignal, () => (this.stopping = true)),
      {
        description: 'End every build now; the same fleet started again goes on from here.',
      },
    );
  }

  /** As many lanes as builds run at a time; each takes the next build until none is left. */
  async run(): Promise<void> {
    this.show();
    await Promise.all(Array.from({ length: this.input.concurrency }, () => this.lane()));
  }

  private async lane(): Promise<void> {
    for (;;) {
      await condition(() => !this.paused || this.stopping);
      const index = this.next;
      const build = this.input.builds[index];
      if (build === undefined) return;
      this.next += 1;
      if (this.stopping) this.mark(index, 'stopped');
      else await this.build(index, build);
    }
  }

  private async build(index: number, { workflowId, input }: FleetBuild): Promise<void> {
    try {
      this.mark(index, 'running');
      const child = await this.start(workflowId, input);
      this.children.set(index, child);
      // what a person said while the child was being started has not reached it
      if (this.stopping) await this.send(child, stopSignal);
      else if (this.paused) await this.send(child, pauseSignal);
      const { status, tally } = (await child.result()) as Progress;
      this.mark(index, status === 'done' || status === 'stopped' ? status : 'incomplete', { tally });
    } catch (error) {
      if (isCancellation(error)) throw error;
      if (error instanceof WorkflowExecutionAlreadyStartedError) {
        return this.mark(index, 'elsewhere', { problem: 'it runs already, outside of this fleet' });
      }
      this.mark(index, 'failed', { problem: reasonOf(error) });
    } finally {
      this.children.delete(index);
    }
  }

  private start(workflowId: string, input: FleetBuild['input']): Promise<Child> {
    return startChild<typeof buildBackend>('buildBackend', {
      workflowId,
      args: [input],
      taskQueue: BUILD_TASK_QUEUE,
      staticSummary: `Nightshift: ${input.projectDir}`,
      // a fleet that is terminated leaves its builds running: nothing is lost, and the same fleet finds them again
      parentClosePolicy: 'ABANDON',
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
  }

  /** A child that ended a moment ago takes no message: nothing to tell it any more. */
  private async send(child: Child, signal: SignalDefinition): Promise<void> {
    await child.signal(signal).catch((error: unknown) => {
      log.warn('a build took no message', { workflowId: child.workflowId, error: String(error) });
    });
  }

  private mark(index: number, state: FleetState, rest: Partial<Pick<FleetRow, 'tally' | 'problem'>> = {}): void {
    const row = this.rows[index];
    if (row !== undefined) this.rows[index] = { ...row, ...rest, state };
    this.show();
  }

  private show(): void {
    setCurrentDetails(fleetPage(this.progress()));
  }
}

function reasonOf(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  return (cause instanceof Error ? cause.message : String(cause)).slice(0, 300);
}
