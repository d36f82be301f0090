import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { checkWorkTree, type WorkTreeCheck } from '../../../activities/workspace/work-tree-check.js';
import { type CheckServices, openBestSandbox, startCheckServices } from '../../support/check-services.js';
import { type MiniProject, miniFeatures, miniProject } from '../../support/mini-project.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

describe('checkWorkTree', () => {
  let services: CheckServices;
  let home: TemporaryDirectory;
  let project: MiniProject;
  beforeAll(async () => {
    services = await startCheckServices();
  });
  afterAll(() => services.stop());
  beforeEach(async () => {
    home = await temporaryDirectory();
    project = await miniProject(path.join(home.path, 'notes'), services, openBestSandbox);
  });
  afterEach(async () => {
    await project.sandbox.close();
    await home.remove();
  });

  const shell = async (text: string): Promise<string> =>
    (await project.sandbox.run({ command: { shell: text }, timeoutMs: 9000 })).output;
  const check = (features = miniFeatures): Promise<WorkTreeCheck> =>
    checkWorkTree({ sandbox: project.sandbox, databases: services.databases }, { features, seed: 'seed' });

  test('shows each failing case with request, expected and actual', async () => {
    const result = await check();
    expect(result).toMatchObject({ casesPassing: 4, casesTotal: 5, featuresPassing: 2 });
    expect(result.text).toBe(
      [
        '2 of 3 features, 4 of 5 cases pass.',
        '',
        'FAIL notes-delete: a missing note is not deleted',
        '  request: DELETE /notes/2000000000 as mock:1',
        '  expected: status 404',
        '  actual: status 405; answered 405 {"detail":"Method Not Allowed"}',
      ].join('\n'),
    );
  });

  test('checks the files as they are now, and adds the log where the app broke', async () => {
    await shell('sed -i "s/    note = Note(.*/    raise RuntimeError(\\"no such luck\\")/" app/main.py');
    const result = await check(miniFeatures.slice(0, 1));
    expect(result).toMatchObject({ casesPassing: 1, casesTotal: 2, featuresPassing: 0 });
    expect(result.text).toContain('actual: status 500');
    expect(result.text).toContain('RuntimeError: no such luck');
  });

  test('shows the trace of an app that does not start', async () => {
    await shell('echo "import no_such_module" >> app/main.py');
    const result = await check();
    expect(result).toMatchObject({ casesPassing: 0, casesTotal: 5, featuresPassing: 0 });
    expect(result.text).toMatch(/^The app does not start \(start\): .*exit status 1\nNo case ran\./);
    expect(result.text).toContain("No module named 'no_such_module'");
  });
});
