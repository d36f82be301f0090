import { appendFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Sandbox } from '../../../activities/security/sandbox.js';
import { openUnsandboxed } from '../../../activities/security/unsandboxed.js';
import { runSuite, type SuiteResult, suiteSummary } from '../../../activities/workspace/pytest.js';
import type { PythonEnvironment } from '../../../activities/workspace/python-environment.js';
import { templatePython } from '../../support/check-services.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

const HERE = 'postgresql+asyncpg://here';
const TESTS = `import os

def test_database() -> None:
    assert os.environ["TEST_DATABASE_URL"] == "${HERE}/test"
    assert os.environ["DATABASE_URL"] == "${HERE}/app"

def test_stored() -> None:
    assert os.environ["PATH"]
`;

describe('runSuite', () => {
  let python: PythonEnvironment;
  let home: TemporaryDirectory;
  let sandbox: Sandbox;
  beforeAll(async () => {
    python = await templatePython();
  });
  beforeEach(async () => {
    home = await temporaryDirectory();
    await mkdir(at('tests'));
    await writeFile(at('tests/test_notes.py'), TESTS);
    const environment = { PYTHONDONTWRITEBYTECODE: '1' };
    sandbox = await openUnsandboxed({ projectDir: home.path, readOnly: [], environment, path: [python.bin] });
  });
  afterEach(async () => {
    await sandbox.close();
    await home.remove();
  });

  const at = (file: string): string => path.join(home.path, file);
  const addTests = (text: string): Promise<void> => appendFile(at('tests/test_notes.py'), `\n${text}\n`);
  const suite = async (timeoutMs = 60_000): Promise<SuiteResult> =>
    runSuite(sandbox, { databaseUrl: `${HERE}/app`, testDatabaseUrl: `${HERE}/test`, timeoutMs });

  test('is green when all tests pass, and leaves nothing in the project', async () => {
    const result = await suite();
    expect(result).toMatchObject({ green: true, passed: 2, failed: 0, failures: [], problem: null });
    expect(suiteSummary(result)).toBe('2 passed');
    expect([await readdir(home.path), await readdir(at('tests'))]).toEqual([['tests'], ['test_notes.py']]);
  });

  test('names failed and broken tests with their reason', async () => {
    await addTests(
      'def test_bad() -> None:\n    one = 1\n    assert one == 2\n\ndef test_broken(no_fixture) -> None:\n    assert no_fixture',
    );
    const result = await suite();
    expect(result).toMatchObject({ green: false, passed: 2, failed: 1, errors: 1, problem: null });
    expect(result.failures[0]).toMatchObject({ node: 'tests/test_notes.py::test_bad', verdict: 'failed' });
    expect(result.failures[0]?.message).toContain('assert 1 == 2');
    expect(result.failures[1]?.message).toContain("fixture 'no_fixture' not found");
    expect(suiteSummary(result)).toBe('1 failed, 1 errors, 2 passed (first: tests/test_notes.py::test_bad)');
  });

  test.each([
    ['@pytest.mark.skip\ndef test_x() -> None:\n    pass', 'skipped'],
    ['@pytest.mark.xfail\ndef test_x() -> None:\n    assert False', 'xfailed'],
    ['@pytest.mark.xfail\ndef test_x() -> None:\n    pass', 'failed'],
    ['def test_x() -> None:\n    pytest.skip("later")', 'skipped'],
  ])('is not green for %j', async (text, kind) => {
    await addTests(`import pytest\n\n${text}`);
    expect(await suite()).toMatchObject({ green: false, passed: 2, [kind]: 1 });
  });

  test('does not let the project leave tests out by options', async () => {
    await addTests('def test_bad() -> None:\n    assert False');
    await writeFile(at('pyproject.toml'), '[tool.pytest.ini_options]\naddopts = "-k stored"\n');
    expect(await suite()).toMatchObject({ green: false, passed: 2, failed: 1 });
  });

  test('is not green without a test', async () => {
    await rm(at('tests/test_notes.py'));
    const result = await suite();
    expect(result).toMatchObject({ green: false, passed: 0 });
    expect(suiteSummary(result)).toBe('pytest ran no test (exit status 5)');
  });

  test('is not green when pytest is ended early with status 0', async () => {
    await addTests('import os\n\ndef test_out() -> None:\n    os._exit(0)');
    const result = await suite();
    expect(result).toMatchObject({ green: false });
    expect(result.problem).toContain('pytest ran no test (exit status 0)');
  });

  test('tells a suite that does not end', async () => {
    await addTests('import time\n\ndef test_slow() -> None:\n    time.sleep(60)');
    expect((await suite(700)).problem).toContain('pytest did not end within 0.7 s');
  });

  test('tells a suite that cannot be collected, with the end of the output', async () => {
    await addTests('import no_such_module');
    const result = await suite();
    expect(result).toMatchObject({ green: false, errors: 1 });
    expect(JSON.stringify(result.failures)).toContain('no_such_module');
  });
});
