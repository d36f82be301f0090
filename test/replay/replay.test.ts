/** Builds that ran with the released workflow go on with this one: their kept histories replay, and a changed one does not. */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { eventsOfType, type History, keptHistories, keptHistory } from './history.js';

let workflowBundle: WorkflowBundleWithSourceMap;
beforeAll(async () => {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger, telemetryOptions: { logging: { filter: 'OFF' } } }); // a refusal is asserted, not told
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.js', import.meta.url));
  workflowBundle = await bundleWorkflowCode({ workflowsPath, logger });
}, 120_000);

const replay = (history: History): Promise<void> => Worker.runReplayHistory({ workflowBundle }, history);

const attributes = (event: object | undefined, name: string): Record<string, unknown> =>
  ((event ?? {}) as Record<string, Record<string, unknown>>)[`${name}EventAttributes`] ?? {};

describe('a kept history', () => {
  it.each(keptHistories())('replays on the workflow as it is: %s', async (name) => {
    await expect(replay(keptHistory(name))).resolves.toBeUndefined();
  });

  it.each(keptHistories())('is of a build that completed, and names no machine: %s', (name) => {
    const history = keptHistory(name);
    expect(eventsOfType(history, 'WORKFLOW_EXECUTION_COMPLETED')).toHaveLength(1);
    const payloads = JSON.stringify(history).replace(/"data":"([^"]*)"/g, (_, data: string) =>
      Buffer.from(data, 'base64').toString('utf8'),
    );
    expect(payloads).not.toMatch(/\/tmp\/|\/root\/|\/home\/|\d@/);
    expect(payloads).toContain('/srv/');
  });

  it('holds a pause, a note and a resume', () => {
    const history = keptHistory('paused-and-steered');
    const signals = eventsOfType(history, 'WORKFLOW_EXECUTION_SIGNALED').map(
      (event) => attributes(event, 'workflowExecutionSignaled')['signalName'],
    );
    expect(signals.filter((name) => name !== 'checkpoint').slice(0, 2)).toEqual(['pause', 'resume']);
    expect(eventsOfType(history, 'WORKFLOW_EXECUTION_UPDATE_ACCEPTED')).toHaveLength(1);
    expect(eventsOfType(history, 'ACTIVITY_TASK_CANCEL_REQUESTED').length).toBeGreaterThan(0);
  });

  it('holds a session whose first worker was killed', () => {
    const attempts = eventsOfType(keptHistory('worker-killed'), 'ACTIVITY_TASK_STARTED').map(
      (event) => attributes(event, 'activityTaskStarted')['attempt'],
    );
    expect(attempts.filter((attempt) => Number(attempt) > 1)).toHaveLength(1);
  });
});

describe('a history that this workflow would not have made', () => {
  it.each([
    ['another activity', (text: string) => text.replace('"prepareWorkspace"', '"somethingElse"')],
    [
      'no timer between sessions',
      (text: string) => text.replace('"EVENT_TYPE_TIMER_STARTED"', '"EVENT_TYPE_MARKER_RECORDED"'),
    ],
  ])('is refused as a violation of determinism: %s', async (_, change) => {
    const text = JSON.stringify(keptHistory('undisturbed'));
    const changed = change(text);
    expect(changed).not.toBe(text);
    await expect(replay(JSON.parse(changed) as History)).rejects.toMatchObject({ name: 'DeterminismViolationError' });
  });
});
