import { describe, expect, it } from '@jest/globals';
import { fleetId } from '../../scripts/fleet-handle.js';
import { fleetStanding, fleetTable } from '../../scripts/fleet-view.js';
import { EMPTY_TALLY } from '../../workflows/contract.js';
import type { FleetProgress, FleetRow } from '../../workflows/fleet-contract.js';
import type { Progress } from '../../workflows/progress.js';
import { progressOf } from '../../workflows/progress-page.js';
import { initialState } from '../../workflows/state.js';
import { parked, pauseRequested } from '../../workflows/transitions.js';

const tally = { ...EMPTY_TALLY, featuresTotal: 4, featuresPassing: 4, casesTotal: 9, casesPassing: 9 };
const row = (name: string, state: FleetRow['state'], rest: Partial<FleetRow> = {}): FleetRow => ({
  ...{ workflowId: name, projectDir: `/srv/${name}`, state, tally: null, problem: '', ...rest },
});
const fleet = (rows: readonly FleetRow[], rest: Partial<FleetProgress> = {}): FleetProgress => ({
  ...{ paused: false, stopping: false, concurrency: 2, rows, ...rest },
});

const state = initialState({ spec: '# S', projectDir: '/srv/a' });
const answering = (progress: Progress): ReadonlyMap<string, Progress> => new Map([['a', progress]]);
const paused = answering(progressOf(pauseRequested(state), '/srv/a'));
const waiting = answering(progressOf(parked(state, { kind: 'k', problem: 'no key', cure: 'set one' }), '/srv/a'));

it('is one line a build, with what the running ones say of themselves', () => {
  const rows = [row('a', 'running'), row('shop', 'done', { tally }), row('x', 'failed', { problem: 'no spec' })];
  expect(fleetTable('fleet-1', fleet([...rows, row('b', 'queued')]), waiting)).toEqual([
    'fleet-1: 4 builds, 2 at a time: 1 running, 1 done, 1 failed, 1 queued',
    '  a     needs attention, session 0, no feature list yet; no key',
    '  shop  done, 4/4 features · 9/9 test cases',
    '  x     failed: no spec',
    '  b     queued',
  ]);
});

describe('where a fleet stands', () => {
  it.each([
    ['goes on', 'a build runs', fleet([row('a', 'running')]), new Map()],
    ['goes on', 'one waits, and another can still start', fleet([row('a', 'running'), row('b', 'queued')]), waiting],
    ['attention', 'all that may run wait for a person', fleet([row('a', 'running'), row('b', 'done')]), waiting],
    ['paused', 'all that run are paused', fleet([row('a', 'running')], { paused: true }), paused],
    ['goes on', 'a pause is on its way', fleet([row('a', 'running')], { paused: true }), new Map()],
    ['done', 'every build is done', fleet([row('a', 'done', { tally })]), new Map()],
    ['incomplete', 'one failed', fleet([row('a', 'done'), row('b', 'failed')]), new Map()],
  ] as const)('%s: %s', (standing, _, progress, answers) => {
    expect(fleetStanding(progress, answers)).toBe(standing);
  });
});

it('the same builds are the same fleet, in whatever order they are typed', () => {
  expect(fleetId(['a', 'b'])).toBe(fleetId(['b', 'a']));
  expect(fleetId(['a', 'b'])).not.toBe(fleetId(['a', 'c']));
  expect(fleetId(['a'])).toMatch(/^fleet-[0-9a-f]{12}$/);
});
