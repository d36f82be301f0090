import { describe, expect, it } from '@jest/globals';
import { feature } from '../../../activities/features/feature.js';
import { type LedgerEntry, lockedLedger } from '../../../activities/features/ledger.js';
import { featureLines } from '../../../scripts/commands/features.js';

const listed = (id: string, description: string) =>
  feature.parse({
    ...{ id, description, category: 'endpoint', resource: 'notes', method: 'GET', path: '/notes', passes: false },
    test_cases: [{ name: 'c', description: '', request: { method: 'GET', path: '/notes' }, expected_status: 200 }],
  });

describe('the table of features', () => {
  it('marks each state, and says below a feature what failed first', () => {
    const [one, two] = lockedLedger({
      version: 1,
      project: 'Notes',
      features: [listed('notes-list', 'List notes'), listed('notes-get', 'Get \u001b[1mone')],
    }).entries as [LedgerEntry, LedgerEntry];
    const evidence = {
      ...{ commit: 'c', tree: 't', runId: 'r', seed: 's', casesPassed: 1, casesTotal: 1, pytestPassed: true },
      at: '2026-01-02T03:04:05Z',
    };
    const lines = featureLines([
      { ...one, state: 'passing', evidence },
      { ...two, state: 'regressed', failures: ['c: expected 200, got 500', 'another'] },
    ]);
    expect(lines).toEqual([
      '   feature     state      cases  what it does',
      '✓  notes-list  passing    1/1    List notes',
      '✗  notes-get   regressed  0/1    Get  [1mone',
      '     c: expected 200, got 500',
    ]);
  });
});
