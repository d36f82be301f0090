/**
 * One build as a client sees it: starting, attaching, reading and messaging `buildBackend`. Every call has a deadline,
 * so that a missing worker or server is an answer and never a hang. Knows no terminal.
 */
import {
  type Client,
  QueryNotRegisteredError,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowExecutionStatusName,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { BUILD_TASK_QUEUE, type BuildInput } from '../workflows/contract.js';
import {
  answerSignal,
  answerUpdate,
  type BudgetRequest,
  pauseAfterSessionSignal,
  pauseSignal,
  progressQuery,
  raiseBudgetSignal,
  raiseBudgetUpdate,
  resumeSignal,
  steerSignal,
  steerUpdate,
  stopSignal,
} from '../workflows/messages.js';
import type { Heartbeat, Progress } from '../workflows/progress.js';

/** Longest wait for any one answer, in milliseconds. */
const DEADLINE_MS = 3_000;

/** Where the build stands, from what answered in time. */
export interface BuildSnapshot {
  /** Null = never started, or forgotten by the server (retention). */
  readonly execution: WorkflowExecutionStatusName | null;
  /** Null when no worker answered the query in time. */
  readonly progress: Progress | null;
  /** Of the activity under way, at most 2 s old; needs no worker. */
  readonly heartbeat: Heartbeat | null;
  /** Attempts of the activity under way; > 1 after a crash. */
  readonly attempt: number;
}

export type Delivery =
  | { readonly how: 'accepted' | 'queued'; readonly text: string }
  | { readonly how: 'refused'; readonly text: string };

export function buildHandle(client: Client, workflowId: string): BuildHandle {
  return new BuildHandle(client, workflowId);
}

export class BuildHandle {
  private readonly handle: WorkflowHandle;

  constructor(
    private readonly client: Client,
    readonly workflowId: string,
  ) {
    this.handle = client.workflow.getHandle(workflowId);
  }

  /** Starts the build unless it runs already. `true` = this call started it. */
  async startUnlessRunning(input: BuildInput, summary: string): Promise<boolean> {
    try {
      await this.client.workflow.start('buildBackend', {
        workflowId: this.workflowId,
        taskQueue: BUILD_TASK_QUEUE,
        args: [input],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
        staticSummary: summary,
      });
      return true;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw error;
    }
  }

  async snapshot(): Promise<BuildSnapshot> {
    const description = await this.describe();
    if (description === null) return { execution: null, progress: null, heartbeat: null, attempt: 0 };
    const progress = await this.progress();
    return { execution: description.status.name, progress, ...pendingActivity(description.raw.pendingActivities) };
  }

  /** Null when no worker answered in time or the build never got as far as answering. */
  async progress(): Promise<Progress | null> {
    try {
      return await this.client.withDeadline(Date.now() + DEADLINE_MS, () => this.handle.query(progressQuery));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError || error instanceof QueryNotRegisteredError || isUnanswered(error))
        return null;
      throw error;
    }
  }

  /** Of a completed build; needs no worker. */
  async result(): Promise<Progress> {
    return (await this.handle.result()) as Progress;
  }

  async running(): Promise<boolean> {
    return (await this.describe())?.status.name === 'RUNNING';
  }

  async pause(): Promise<void> {
    await this.handle.signal(pauseSignal);
  }

  /** Pauses once the session under way is verified. */
  async pauseAfterSession(): Promise<void> {
    await this.handle.signal(pauseAfterSessionSignal);
  }

  async resume(): Promise<void> {
    await this.handle.signal(resumeSignal);
  }

  async stop(): Promise<void> {
    await this.handle.signal(stopSignal);
  }

  async steer(note: string): Promise<Delivery> {
    return this.deliver(
      () => this.handle.executeUpdate(steerUpdate, { args: [{ note }] }),
      () => this.handle.signal(steerSignal, { note }),
    );
  }

  async answer(questionId: string, text: string): Promise<Delivery> {
    return this.deliver(
      () => this.handle.executeUpdate(answerUpdate, { args: [{ questionId, text }] }),
      () => this.handle.signal(answerSignal, { questionId, text }),
    );
  }

  async raiseBudget(budget: BudgetRequest): Promise<Delivery> {
    return this.deliver(
      () => this.handle.executeUpdate(raiseBudgetUpdate, { args: [budget] }),
      () => this.handle.signal(raiseBudgetSignal, budget),
    );
  }

  /** Update first, because it can be refused with a reason; the signal of the same meaning when no worker answers. */
  private async deliver(update: () => Promise<string>, signal: () => Promise<void>): Promise<Delivery> {
    try {
      const text = await this.client.withDeadline(Date.now() + DEADLINE_MS, update);
      return { how: 'accepted', text };
    } catch (error) {
      if (isUnanswered(error)) {
        await signal();
        return { how: 'queued', text: 'no worker is up right now; queued until one is' };
      }
      const reason =
        error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error);
      return { how: 'refused', text: reason };
    }
  }

  private async describe() {
    try {
      return await this.client.withDeadline(Date.now() + DEADLINE_MS, () => this.handle.describe());
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
  }
}

interface PendingActivity {
  readonly attempt?: number | null;
  readonly heartbeatDetails?: { readonly payloads?: readonly unknown[] | null } | null;
}

function pendingActivity(pending: readonly PendingActivity[] | null | undefined): {
  heartbeat: Heartbeat | null;
  attempt: number;
} {
  const activity = pending?.[0];
  const payload = activity?.heartbeatDetails?.payloads?.[0];
  const heartbeat = payload ? defaultPayloadConverter.fromPayload<Heartbeat>(payload) : null;
  return { heartbeat, attempt: activity?.attempt ?? 0 };
}

/** gRPC DEADLINE_EXCEEDED (4), CANCELLED (1) and UNAVAILABLE (14): nobody answered, which is not a refusal. */
function isUnanswered(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const code = 'code' in cause ? cause.code : undefined;
    if (code === 4 || code === 1 || code === 14 || code === 9) return true;
    if (cause.name === 'WorkflowUpdateRPCTimeoutOrCancelledError') return true;
  }
  return false;
}
