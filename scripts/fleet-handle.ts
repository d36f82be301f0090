/** One fleet as a client sees it: starting, attaching, reading and messaging `fleet`. Every call has a deadline. */
import { createHash } from 'node:crypto';
import { type Client, WorkflowExecutionAlreadyStartedError, type WorkflowHandle } from '@temporalio/client';
import { BUILD_TASK_QUEUE } from '../workflows/contract.js';
import { type FleetInput, type FleetProgress, fleetQuery } from '../workflows/fleet-contract.js';
import { pauseSignal, resumeSignal } from '../workflows/messages.js';
import { buildHandle } from './build-handle.js';
import type { Answers } from './fleet-view.js';

/** Longest wait for any one answer, in milliseconds. */
const DEADLINE_MS = 3_000;
/** Fleets that `status` looks at: the newest that run. */
const LISTED = 20;

/** The same builds are the same fleet, in whatever order they are typed. */
export function fleetId(buildIds: readonly string[]): string {
  const digest = createHash('sha256').update([...buildIds].sort().join('\n'));
  return `fleet-${digest.digest('hex').slice(0, 12)}`;
}

export class FleetHandle {
  private readonly handle: WorkflowHandle;

  constructor(
    private readonly client: Client,
    readonly workflowId: string,
  ) {
    this.handle = client.workflow.getHandle(workflowId);
  }

  /** Starts the fleet unless it runs already. `true` = this call started it. */
  async startUnlessRunning(input: FleetInput): Promise<boolean> {
    try {
      await this.client.workflow.start('fleet', {
        workflowId: this.workflowId,
        taskQueue: BUILD_TASK_QUEUE,
        args: [input],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
        staticSummary: `Nightshift fleet of ${input.builds.length} builds`,
      });
      return true;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw error;
    }
  }

  /** Null when nobody answered in time: a server or a worker that restarts. */
  async progress(): Promise<FleetProgress | null> {
    try {
      return await this.client.withDeadline(Date.now() + DEADLINE_MS, () => this.handle.query(fleetQuery));
    } catch {
      return null; // asked again at the next look; the view says that nobody answers
    }
  }

  /** True once the workflow has closed, however. Null when the server does not answer. */
  async closed(): Promise<boolean | null> {
    try {
      const description = await this.client.withDeadline(Date.now() + DEADLINE_MS, () => this.handle.describe());
      return description.status.name !== 'RUNNING';
    } catch {
      return null; // as above
    }
  }

  /** What the builds under way say of themselves; one that does not answer is missing. */
  async answers({ rows }: FleetProgress): Promise<Answers> {
    const running = rows.filter(({ state }) => state === 'running');
    const asked = running.map(async ({ workflowId }) => {
      const progress = await buildHandle(this.client, workflowId).progress();
      return [workflowId, progress] as const;
    });
    const answered = await Promise.all(asked);
    return new Map(answered.flatMap(([id, progress]) => (progress === null ? [] : [[id, progress] as const])));
  }

  async pause(): Promise<void> {
    await this.handle.signal(pauseSignal);
  }

  async resume(): Promise<void> {
    await this.handle.signal(resumeSignal);
  }
}

/** Ids of the fleets that run, newest first. Empty when the server cannot list them. */
export async function runningFleets(client: Client): Promise<readonly string[]> {
  const ids: string[] = [];
  const query = "WorkflowType = 'fleet' AND ExecutionStatus = 'Running'";
  try {
    await client.withDeadline(Date.now() + DEADLINE_MS, async () => {
      for await (const { workflowId } of client.workflow.list({ query })) {
        ids.push(workflowId);
        if (ids.length === LISTED) break;
      }
    });
  } catch {
    return ids; // `status` shows what answers
  }
  return ids;
}
