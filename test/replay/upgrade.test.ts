/** A build that is under way when Nightshift is upgraded: every beginning of a kept history replays on the workflow as it is. */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { type History, keptHistories, keptHistory } from './history.js';

let workflowBundle: WorkflowBundleWithSourceMap;
beforeAll(async () => {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger });
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.js', import.meta.url));
  workflowBundle = await bundleWorkflowCode({ workflowsPath, logger });
}, 120_000);

/** The history as it was after each finished workflow task: where an upgrade may find it. */
function beginnings({ events }: History): readonly History[] {
  return events.flatMap(({ eventType }, index) =>
    eventType === 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED' ? [{ events: events.slice(0, index + 1) }] : [],
  );
}

describe('a build under way at an upgrade', () => {
  it.each(keptHistories())(
    'is taken over at every point of %s',
    async (name) => {
      const histories = beginnings(keptHistory(name)).map((history, index) => ({
        workflowId: `${name}-${index}`,
        history,
      }));
      expect(histories.length).toBeGreaterThan(5);
      const failed: string[] = [];
      for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, histories))
        if (error !== undefined) failed.push(`${workflowId}: ${error.message}`);
      expect(failed).toEqual([]);
    },
    120_000,
  );
});
