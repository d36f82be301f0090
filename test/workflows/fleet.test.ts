/** The fleet on a real Temporal dev server: real child builds, with activities that answer from a script. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Context } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { BUILD_TASK_QUEUE, type BuildActivities, EMPTY_TALLY, NO_USAGE } from '../../workflows/contract.js';
import { type FleetProgress, fleetProblem, fleetQuery } from '../../workflows/fleet-contract.js';
import { fleetPage } from '../../workflows/fleet-page.js';
import { pauseSignal, resumeSignal, stopSignal } from '../../workflows/messages.js';
import { startTemporal, startWorkers, type TestWorkers } from '../support/temporal.js';

const TALLY = { ...EMPTY_TALLY, featuresTotal: 1, featuresPassing: 1, casesTotal: 3, casesPassing: 3 };

/** Builds that end when they are let go: `open` names those that wait in their session. */
class Gate {
  readonly open = new Set<string>();
  most = 0;
  readonly #waiting = new Map<string, () => void>();

  async pass(projectDir: string): Promise<boolean> {
    this.open.add(projectDir);
    this.most = Math.max(this.most, this.open.size);
    const beat = setInterval(() => Context.current().heartbeat(), 200);
    const released = new Promise<void>((resolve) => this.#waiting.set(projectDir, resolve));
    const cancelled = Context.current().cancelled.catch(() => 'cancelled');
    const how = await Promise.race([released, cancelled]);
    clearInterval(beat);
    this.open.delete(projectDir);
    return how !== 'cancelled';
  }

  release(projectDir: string): void {
    this.#waiting.get(projectDir)?.();
  }
}

const gate = new Gate();
const activities: BuildActivities = {
  prepareWorkspace: async ({ projectDir }) => ({
    ...{ buildId: 'b', projectName: 'P', listLocked: true, lastSession: 0, unfinishedSession: null },
    ...{ tally: { ...TALLY, featuresPassing: 0 }, searchAttributes: [], sandbox: `none (${projectDir})` },
  }),
  runSession: async ({ projectDir }) => {
    const goesOn = projectDir.includes('free') || (await gate.pass(projectDir));
    if (!goesOn) return { kind: 'paused', turn: 1, usage: NO_USAGE };
    return { kind: 'ended', reason: 'end_turn', usage: NO_USAGE, turns: 1, commit: 'c' };
  },
  verify: async () => ({
    ...{ kind: 'verified', tally: TALLY, newlyPassing: 1, regressed: 0, commit: 'c', listLocked: true, failures: [] },
  }),
  finishBuild: async () => ({ kind: 'finished', tally: TALLY, gates: [], commit: 'c' }),
};

let environment: TestWorkflowEnvironment;
let workers: TestWorkers;
beforeAll(async () => {
  environment = await startTemporal();
  workers = await startWorkers(environment, activities);
});
afterAll(async () => {
  await workers.close();
  await environment.teardown();
});

let fleets = 0;
async function start(names: readonly string[], concurrency = 2): Promise<WorkflowHandle> {
  fleets += 1;
  const settings = { delaySeconds: 0, heartbeatSeconds: 4 };
  const builds = names.map((name) => ({
    workflowId: `${name}-${fleets}`,
    input: { spec: name === 'broken' ? '' : '# Spec', projectDir: `/srv/${name}-${fleets}`, settings },
  }));
  return environment.client.workflow.start('fleet', {
    workflowId: `fleet-${fleets}`,
    taskQueue: BUILD_TASK_QUEUE,
    args: [{ builds, concurrency }],
  });
}

const dir = (name: string): string => `/srv/${name}-${fleets}`;

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}

const states = async (handle: WorkflowHandle): Promise<string[]> =>
  ((await handle.query(fleetQuery)) as FleetProgress).rows.map(({ state }) => state);

describe('a fleet', () => {
  it('keeps so many builds running and starts the next one when one ends', async () => {
    const handle = await start(['a', 'b', 'c']);
    await until(() => gate.open.size === 2);
    expect(await states(handle)).toEqual(['running', 'running', 'queued']);
    gate.release(dir('a'));
    await until(() => gate.open.has(dir('c')));
    expect(await states(handle)).toEqual(['done', 'running', 'running']);
    gate.release(dir('b'));
    gate.release(dir('c'));
    const { rows } = (await handle.result()) as FleetProgress;
    expect(rows.map(({ state, tally }) => [state, tally?.casesPassing])).toEqual(Array(3).fill(['done', 3]));
    expect(gate.most).toBe(2);
  });

  it('goes on when one build fails, and names the reason', async () => {
    const handle = await start(['broken', 'free'], 1);
    const { rows } = (await handle.result()) as FleetProgress;
    expect(rows.map(({ state }) => state)).toEqual(['failed', 'done']);
    expect(rows[0]?.problem).toContain('spec');
    expect(rows[1]?.problem).toBe('');
  });

  it('leaves a build alone that runs elsewhere', async () => {
    const settings = { delaySeconds: 0, heartbeatSeconds: 4 };
    const workflowId = `mine-${fleets + 1}`;
    const mine = await environment.client.workflow.start('buildBackend', {
      ...{ workflowId, taskQueue: BUILD_TASK_QUEUE },
      args: [{ spec: '# Spec', projectDir: '/srv/mine-elsewhere', settings }],
    });
    await until(() => gate.open.has('/srv/mine-elsewhere'));
    const handle = await start(['mine', 'free']);
    const { rows } = (await handle.result()) as FleetProgress;
    expect(rows.map(({ state }) => state)).toEqual(['elsewhere', 'done']);
    gate.release('/srv/mine-elsewhere');
    await mine.result();
  });

  it('pauses, resumes and stops all of its builds', async () => {
    const handle = await start(['a', 'b', 'c']);
    await until(() => gate.open.size === 2);
    await handle.signal(pauseSignal);
    await until(() => gate.open.size === 0);
    expect(await states(handle)).toEqual(['running', 'running', 'queued']);
    await handle.signal(resumeSignal);
    await until(() => gate.open.size === 2);
    await handle.signal(stopSignal);
    const { rows } = (await handle.result()) as FleetProgress;
    expect(rows.map(({ state }) => state)).toEqual(['stopped', 'stopped', 'stopped']);
  });
});

describe('what a fleet takes', () => {
  const build = { workflowId: 'a', input: { spec: '# S', projectDir: '/srv/a' } };
  it.each([
    [undefined, 'builds is missing'],
    [{ builds: [], concurrency: 1 }, 'builds is missing or empty'],
    [{ builds: [build], concurrency: 0 }, 'concurrency is 0'],
    [{ builds: [build, build], concurrency: 1 }, 'a is listed twice'],
    [
      { builds: [{ ...build, input: { ...build.input, spec: 'x'.repeat(1_200_001) } }], concurrency: 1 },
      '1200001 characters',
    ],
  ])('refuses %# with a sentence that names the value', (input, why) => {
    expect(fleetProblem(input)).toContain(why);
  });

  it('takes builds that differ', () => {
    expect(fleetProblem({ builds: [build, { ...build, workflowId: 'b' }], concurrency: 2 })).toBeUndefined();
  });
});

it('its page lists the builds, and no text from outside opens a cell', () => {
  const row = { workflowId: 'a|b', projectDir: '/srv', state: 'failed', tally: null, problem: '<img>' } as const;
  const page = fleetPage({ paused: false, stopping: false, concurrency: 2, rows: [row] });
  expect(page).toContain('**Fleet of 1 builds**, 2 at a time: 1 failed');
  expect(page).toContain('| a\\|b | failed: \\<img\\> |');
});
