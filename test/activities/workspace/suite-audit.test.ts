import { describe, expect, test } from '@jest/globals';
import { NO_SUITE_EVIDENCE } from '../../../activities/features/suite-evidence.js';
import { type AuditedSuite, auditSuite, plainNodes } from '../../../activities/workspace/suite-audit.js';

const node = 'tests/test_a.py::test_a';
const honest: AuditedSuite = {
  collector: { tests: [{ node, asserts: true }], tells: [], removed: {}, plugins: [], shared: 's' },
  probe: { collected: [`${node}[1]`, `${node}[2]`], verdicts: {}, routes: [], ended: true },
  outcomes: ['1', '2'].map((id) => ({ node: `${node}[${id}]`, verdict: 'passed', message: '' })),
  before: { ...NO_SUITE_EVIDENCE, nodes: [node] },
};

describe('auditSuite', () => {
  test('believes what three observers agree on, parameters apart', () => {
    expect(auditSuite(honest)).toEqual([]);
    expect(plainNodes([`${node}[1]`, `${node}[2]`])).toEqual([node]);
  });

  test('names a test that was not run, one that asserts nothing and one without a result', () => {
    const other = 'tests/test_a.py::test_b';
    const tests = [...honest.collector.tests, { node: other, asserts: false }];
    const lines = auditSuite({ ...honest, collector: { ...honest.collector, tests } });
    expect(lines).toEqual([`${other} asserts nothing`, expect.stringContaining('but was not run')]);
    expect(auditSuite({ ...honest, outcomes: [] })).toEqual([`${node} was collected and has no result`]);
  });

  test('names a failure that is reported as passed', () => {
    const probe = {
      collected: [`${node}[1]`],
      verdicts: { [`${node}[1]`]: 'failed' as const },
      routes: [],
      ended: true as const,
    };
    expect(auditSuite({ ...honest, probe })).toEqual([`${node}[1] failed, and was reported as passed`]);
  });

  test('names a test that is gone, unless the project says why', () => {
    const gone = { ...honest, before: { ...NO_SUITE_EVIDENCE, nodes: ['tests/test_a.py::test_old'] } };
    expect(auditSuite(gone)).toEqual([expect.stringContaining('test_old was there at the last pass and is gone')]);
    const removed = { 'tests/test_a.py::test_old': 'merged into test_a' };
    expect(auditSuite({ ...gone, collector: { ...honest.collector, removed } })).toEqual([]);
  });

  test('says so when pytest ended without its observer', () => {
    expect(auditSuite({ ...honest, probe: null })).toEqual([expect.stringContaining('ended before its end')]);
  });
});
