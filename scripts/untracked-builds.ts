/**
 * Builds that run on the server and left nothing in the state directory: started by `temporal workflow start` with an
 * input that could not be prepared, or by another machine. `status` must not hide them.
 */
import type { Client } from '@temporalio/client';
import { buildHandle } from './build-handle.js';

/** Looked at: more would be a cluster's, which has its Web UI. */
const LISTED = 20;
const DEADLINE_MS = 3_000;

/** What a running build says of itself that no command can name by its project directory. */
export interface UntrackedBuild {
  readonly workflowId: string;
  readonly standing: string;
}

/** Empty when the server cannot list them in time. */
export async function untrackedBuilds(client: Client, known: ReadonlySet<string>): Promise<readonly UntrackedBuild[]> {
  const ids = await runningBuilds(client, known);
  return Promise.all(
    ids.map(async (workflowId) => {
      const progress = await buildHandle(client, workflowId).progress();
      const waits = progress?.attention ? `: ${progress.attention.problem}` : '';
      return { workflowId, standing: `${progress?.status.replaceAll('_', ' ') ?? 'no worker answers'}${waits}` };
    }),
  );
}

async function runningBuilds(client: Client, known: ReadonlySet<string>): Promise<readonly string[]> {
  const ids: string[] = [];
  const query = "WorkflowType = 'buildBackend' AND ExecutionStatus = 'Running'";
  try {
    await client.withDeadline(Date.now() + DEADLINE_MS, async () => {
      for await (const { workflowId } of client.workflow.list({ query })) {
        if (!known.has(workflowId)) ids.push(workflowId);
        if (ids.length === LISTED) break;
      }
    });
  } catch {
    return ids; // `status` shows what answers
  }
  return ids;
}
