import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Sandbox } from '../../../activities/security/sandbox.js';
import { openUnsandboxed } from '../../../activities/security/unsandboxed.js';
import { type Coverage, runCoverage } from '../../../activities/workspace/coverage.js';
import type { PythonEnvironment } from '../../../activities/workspace/python-environment.js';
import { templatePython } from '../../support/check-services.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

const HALF = `from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import decimal


def used() -> int:
    return 1


def unused() -> int:
    return 2
`;

describe('runCoverage', () => {
  let python: PythonEnvironment;
  let home: TemporaryDirectory;
  let sandbox: Sandbox;
  const at = (file: string): string => path.join(home.path, file);
  beforeAll(async () => {
    python = await templatePython();
  });
  beforeEach(async () => {
    home = await temporaryDirectory();
    for (const folder of ['app', 'tests']) await mkdir(at(folder));
    for (const file of ['app/__init__.py', 'tests/__init__.py']) await writeFile(at(file), '');
    await writeFile(at('app/half.py'), HALF);
    await writeFile(
      at('tests/test_half.py'),
      'from app.half import used\n\ndef test_used() -> None:\n    assert used() == 1\n',
    );
    const environment = { PYTHONDONTWRITEBYTECODE: '1' };
    sandbox = await openUnsandboxed({ projectDir: home.path, readOnly: [], environment, path: [python.bin] });
  });
  afterEach(async () => {
    await sandbox.close();
    await home.remove();
  });

  const measure = (): Promise<Coverage> =>
    runCoverage(sandbox, { databaseUrl: 'postgresql+asyncpg://x/app', testDatabaseUrl: 'postgresql+asyncpg://x/test' });

  test('counts the statements of app that ran, and leaves no file in the project', async () => {
    const measured = await measure();
    expect(measured).toMatchObject({ percent: 80, suite: { green: true } });
    expect(measured.summary).toBe('1 passed, 80.0 % of 5 statements (least: app/half.py 80.0 %)');
    expect((await readdir(home.path)).sort()).toEqual(['app', 'tests']);
  });

  test('counts what the project would leave out, and modules that no test imports', async () => {
    await writeFile(
      at('pyproject.toml'),
      '[tool.coverage.run]\nomit = ["app/*"]\n[tool.coverage.report]\nfail_under = 100\n',
    );
    await writeFile(at('app/never.py'), 'x = 1\ny = 2\n');
    expect(await measure()).toMatchObject({
      percent: 57.1,
      summary: '1 passed, 57.1 % of 7 statements (least: app/never.py 0.0 %)',
    });
  });

  test('says that nothing was measured when pytest did not run', async () => {
    await writeFile(at('pyproject.toml'), 'not toml');
    const measured = await measure();
    expect(measured.percent).toBeNull();
    expect(measured.summary).toMatch(/^pytest ran no test \(exit status \d\), coverage not measured$/);
  });
});
