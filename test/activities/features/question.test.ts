import { describe, expect, test } from '@jest/globals';
import type { Feature } from '../../../activities/features/feature.js';
import { applyVerification, type Ledger, lockedLedger, tally } from '../../../activities/features/ledger.js';
import { answerQuestion, askQuestion, openQuestions } from '../../../activities/features/question.js';

const entry: Feature = {
  id: 'tasks-get',
  category: 'endpoint',
  resource: 'tasks',
  method: 'GET',
  path: '/tasks',
  description: 'd',
  test_cases: [
    { name: 'case', description: 'd', given: [], request: { method: 'GET', path: '/tasks' }, expected_status: 404 },
  ],
  passes: false,
};
const ledger = lockedLedger({ version: 1, project: 'Tasks', features: [entry] });
const report = {
  commit: 'c1',
  tree: 't1',
  runId: 'r1',
  seed: 's1',
  at: '2026-11-23T08:00:00Z',
  pytestPassed: true,
  pytestSummary: '1 passed',
};
const cases = (passed: boolean) => [{ id: 'tasks-get', cases: [{ name: 'case', passed, durationMs: 1 }] }];
const stateOf = (known: Ledger) => known.entries[0]?.state;

describe('questions to a person', () => {
  const asked = askQuestion(ledger, { id: 'q1', featureId: 'tasks-get', text: 'Which one?' });

  test('a feature waits for its answer, and is open again when it has come', () => {
    expect(tally(asked).waitingForAnswer).toBe(1);
    expect(openQuestions(asked).map((question) => question.id)).toEqual(['q1']);
    const answered = answerQuestion(asked, 'q1', 'the first');
    expect(stateOf(answered)).toBe('open');
    expect(openQuestions(answered)).toEqual([]);
  });

  test('asking again under the same id is one question', () => {
    expect(askQuestion(asked, { id: 'q1', featureId: 'tasks-get', text: 'Which one?' })).toEqual(asked);
  });

  test('a verification that fails leaves a waiting feature waiting', () => {
    expect(stateOf(applyVerification(asked, { ...report, features: cases(false) }).ledger)).toBe('waiting_for_answer');
  });

  test('a feature that regressed before the question is regressed again after the answer', () => {
    const passing = applyVerification(ledger, { ...report, features: cases(true) }).ledger;
    const broken = applyVerification(passing, { ...report, commit: 'c2', features: cases(false) }).ledger;
    const waiting = askQuestion(broken, { id: 'q2', featureId: 'tasks-get', text: 'How?' });
    expect(stateOf(waiting)).toBe('waiting_for_answer');
    expect(stateOf(answerQuestion(waiting, 'q2', 'so'))).toBe('regressed');
  });
});
