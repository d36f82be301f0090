import { describe, expect, test } from '@jest/globals';
import type { CaseResult } from '../../../activities/features/case-verdict.js';
import type { Feature, FeatureList } from '../../../activities/features/feature.js';
import {
  applyVerification,
  featureListFrom,
  type Ledger,
  ledgerShape,
  lockedLedger,
  tally,
  type VerificationReport,
} from '../../../activities/features/ledger.js';
import { departures, listDepartures } from '../../../activities/features/list-departures.js';

const feature = (id: string, cases: number): Feature => ({
  id,
  category: 'endpoint',
  resource: 'tasks',
  method: 'GET',
  path: '/tasks',
  description: id,
  test_cases: Array.from({ length: cases }, (_, index) => ({
    name: `case ${index}`,
    description: 'd',
    given: [],
    request: { method: 'GET', path: '/tasks' },
    expected_status: 404,
  })),
  passes: false,
});

const list: FeatureList = {
  version: 1,
  project: 'Tasks',
  features: [feature('tasks-get', 2), feature('tasks-list', 1), { ...feature('tasks-mail', 0), state: 'needs_model' }],
};
const ledger = lockedLedger(list);

const green: CaseResult = { name: 'case', passed: true, durationMs: 1 };
const red: CaseResult = {
  name: 'case',
  passed: false,
  failure: { step: 'request', request: 'GET /tasks', expected: 'status 404', actual: 'status 200' },
  durationMs: 1,
};
const report = (get: CaseResult[], more: Partial<VerificationReport> = {}): VerificationReport => ({
  commit: 'c1',
  tree: 't1',
  runId: 'r1',
  seed: 's1',
  at: '2026-11-23T08:00:00Z',
  pytestPassed: true,
  pytestSummary: '12 passed',
  features: [
    { id: 'tasks-get', cases: get },
    { id: 'tasks-list', cases: [green] },
  ],
  ...more,
});
const stateOf = (known: Ledger, id: string) => known.entries.find((entry) => entry.feature.id === id)?.state;

describe('applying a verification', () => {
  test('a feature passes when every case and pytest passed, with evidence', () => {
    const { ledger: after, flips } = applyVerification(ledger, report([green, green]));
    expect(stateOf(after, 'tasks-get')).toBe('passing');
    expect(after.entries[0]?.evidence).toMatchObject({
      commit: 'c1',
      tree: 't1',
      seed: 's1',
      casesPassed: 2,
      casesTotal: 2,
    });
    expect(flips.map((flip) => [flip.featureId, flip.from, flip.to, flip.commit])).toEqual([
      ['tasks-get', 'open', 'passing', 'c1'],
      ['tasks-list', 'open', 'passing', 'c1'],
    ]);
  });

  test('one failed case keeps it open and says why', () => {
    const { ledger: after } = applyVerification(ledger, report([green, red]));
    expect(stateOf(after, 'tasks-get')).toBe('open');
    expect(after.entries[0]?.failures).toEqual(['case: request: expected status 404, got status 200']);
    expect(stateOf(after, 'tasks-list')).toBe('passing');
  });

  test('a red pytest lets nothing pass', () => {
    const { ledger: after } = applyVerification(
      ledger,
      report([green, green], { pytestPassed: false, pytestSummary: '1 failed' }),
    );
    expect(tally(after)).toMatchObject({ featuresPassing: 0, casesPassing: 3 });
    expect(after.entries[0]?.failures).toEqual(['pytest: 1 failed']);
  });

  test('cases that did not run count as failed', () => {
    const { ledger: after } = applyVerification(ledger, report([green]));
    expect(stateOf(after, 'tasks-get')).toBe('open');
    expect(after.entries[0]?.failures).toEqual(['1 of 2 cases did not run']);
  });

  test('a feature without cases never passes', () => {
    expect(stateOf(applyVerification(ledger, report([green, green])).ledger, 'tasks-mail')).toBe('needs_model');
  });

  test('a regression names the commit that broke it, stays regressed, and can be mended', () => {
    const first = applyVerification(ledger, report([green, green])).ledger;
    const broken = applyVerification(first, report([red, green], { commit: 'c2' }));
    expect(broken.flips).toEqual([
      expect.objectContaining({ featureId: 'tasks-get', from: 'passing', to: 'regressed', commit: 'c2' }),
    ]);
    const still = applyVerification(broken.ledger, report([red, green], { commit: 'c3' }));
    expect(still.flips).toEqual([]);
    expect(stateOf(still.ledger, 'tasks-get')).toBe('regressed');
    const mended = applyVerification(still.ledger, report([green, green], { commit: 'c4' })).ledger;
    expect(mended.entries[0]?.history.map((flip) => `${flip.to} ${flip.commit}`)).toEqual([
      'passing c1',
      'regressed c2',
      'passing c4',
    ]);
  });

  test('applying the same report twice changes nothing more', () => {
    const once = applyVerification(ledger, report([green, green]));
    const twice = applyVerification(once.ledger, report([green, green]));
    expect(twice).toEqual({ ledger: once.ledger, flips: [] });
  });
});

describe('what is made from the ledger', () => {
  test('the list carries passes and no evidence', () => {
    const { ledger: after } = applyVerification(ledger, report([green, red]));
    const made = featureListFrom(after);
    expect(made.features.map((entry) => entry.passes)).toEqual([false, true, false]);
    expect(made.features.map(({ passes: _passes, ...rest }) => rest)).toEqual(
      list.features.map(({ passes: _passes, ...rest }) => rest),
    );
  });

  test('the tally counts features, cases and what is left for others', () => {
    const { ledger: after } = applyVerification(ledger, report([green, red]));
    expect(tally(after)).toEqual({
      featuresTotal: 3,
      featuresPassing: 1,
      casesTotal: 3,
      casesPassing: 2,
      needsModel: 1,
      waitingForAnswer: 0,
    });
  });

  test('the ledger survives JSON', () => {
    const { ledger: after } = applyVerification(ledger, report([green, red]));
    expect(ledgerShape.parse(JSON.parse(JSON.stringify(after)))).toEqual(after);
  });

  test('every change of the locked list is found', () => {
    const [get, ...others] = featureListFrom(ledger).features;
    if (!get) throw new Error('no feature');
    expect(departures(ledger, [get, ...others])).toEqual([]);
    expect(departures(ledger, others)).toEqual(['"tasks-get" is missing']);
    expect(departures(ledger, [{ ...get, test_cases: [] }, ...others])).toEqual(['"tasks-get" was changed']);
    expect(departures(ledger, [{ ...get, passes: true }, ...others])).toEqual(['"tasks-get" claims passes: true']);
    expect(departures(ledger, [get, ...others, feature('tasks-new', 1)])).toEqual(['"tasks-new" was added']);
    expect(listDepartures(ledger, null)).toEqual(['feature_list.json was deleted; it is written again']);
    expect(listDepartures(ledger, 'passes')[0]).toContain('was made unreadable');
  });
});
