import { describe, expect, test } from '@jest/globals';
import { parseJunitReport } from '../../../activities/workspace/junit-report.js';

const report = (cases: string): string =>
  `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest">${cases}</testsuite></testsuites>`;
const at = (name: string, classname = 'tests.test_a', file = 'tests/test_a.py'): string =>
  `<testcase classname="${classname}" name="${name}" file="${file}" line="3" time="0.1"`;

describe('parseJunitReport', () => {
  test('tells passed, failed, broken, skipped and expected failures apart', () => {
    const text = report(
      [
        `${at('test_ok')} />`,
        `${at('test_bad')}><failure message="assert 1 == 2">trace &lt;here&gt;&#10;E assert</failure></testcase>`,
        `${at('test_error')}><error message="failed on setup with &quot;x&quot;">trace</error></testcase>`,
        `${at('test_skip')}><skipped type="pytest.skip" message="later">why</skipped></testcase>`,
        `${at('test_xfail')}><skipped type="pytest.xfail" message=""/></testcase>`,
      ].join(''),
    );
    expect(parseJunitReport(text)).toEqual([
      { node: 'tests/test_a.py::test_ok', verdict: 'passed', message: '' },
      { node: 'tests/test_a.py::test_bad', verdict: 'failed', message: 'assert 1 == 2\ntrace <here>\nE assert' },
      { node: 'tests/test_a.py::test_error', verdict: 'error', message: 'failed on setup with "x"\ntrace' },
      { node: 'tests/test_a.py::test_skip', verdict: 'skipped', message: 'later\nwhy' },
      { node: 'tests/test_a.py::test_xfail', verdict: 'xfailed', message: '' },
    ]);
  });

  test('names classes and parameters as pytest does', () => {
    const text = report(`${at('test_x[a/b &lt;c&gt;]', 'tests.test_a.TestOne.TestInner')}/>`);
    expect(parseJunitReport(text)?.[0]?.node).toBe('tests/test_a.py::TestOne::TestInner::test_x[a/b <c>]');
  });

  test('counts a test once when its teardown breaks too', () => {
    const text = report(`${at('test_x')}/>${at('test_x')}><error message="failed on teardown"/></testcase>`);
    expect(parseJunitReport(text)).toMatchObject([{ verdict: 'error', message: 'failed on teardown' }]);
  });

  test('does not take captured output for results', () => {
    const text = report(`${at('test_x')}><system-out>&lt;failure message="x"/&gt;</system-out></testcase>`);
    expect(parseJunitReport(text)).toMatchObject([{ verdict: 'passed' }]);
  });

  test('is null for a report that was cut, and for anything else', () => {
    expect(parseJunitReport(report(`${at('test_x')}/>`).slice(0, -9))).toBeNull();
    expect(parseJunitReport('')).toBeNull();
    expect(parseJunitReport(report(''))).toEqual([]);
  });
});
