import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { EnvironmentBuildError } from '../../../activities/workspace/python-environment.js';
import {
  type VerifierParts,
  type VerifyProgress,
  type VerifyReport,
  verifyCommit,
} from '../../../activities/workspace/verifier.js';
import { type CheckServices, openBestSandbox, startCheckServices } from '../../support/check-services.js';
import { type MiniProject, miniFeatures, miniProject, verifierParts } from '../../support/mini-project.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

describe('verifyCommit', () => {
  let services: CheckServices;
  let home: TemporaryDirectory;
  let project: MiniProject;
  let parts: VerifierParts;
  beforeAll(async () => {
    services = await startCheckServices();
  });
  afterAll(() => services.stop());
  beforeEach(async () => {
    home = await temporaryDirectory();
    project = await miniProject(path.join(home.path, 'notes'), services, openBestSandbox);
    parts = verifierParts(project, services, path.join(home.path, 'scratch'), openBestSandbox);
  });
  afterEach(async () => {
    await project.sandbox.close();
    await home.remove();
  });

  const shell = async (text: string): Promise<string> =>
    (await project.sandbox.run({ command: { shell: text }, timeoutMs: 9000 })).output;
  const passing = (report: VerifyReport): Record<string, string> =>
    Object.fromEntries(
      report.features.map(({ id, cases }) => [id, `${cases.filter((one) => one.passed).length}/${cases.length}`]),
    );
  const verify = (commit: string): Promise<VerifyReport> =>
    verifyCommit(parts, { commit, features: miniFeatures, seed: 'seed' });

  test('measures the commit, whatever the work tree holds, and leaves nothing behind', async () => {
    await shell('echo "raise SystemExit(1)" > app/main.py; echo "def test_x(): assert 0" > tests/test_x.py');
    const seen: VerifyProgress[] = [];
    const settings = { commit: project.commit, features: miniFeatures, seed: 's1' };
    const report = await verifyCommit(parts, { ...settings, onProgress: (progress) => seen.push(progress) });
    expect(passing(report)).toEqual({ 'notes-create': '2/2', 'notes-get': '2/2', 'notes-delete': '0/1' });
    expect(report.suite).toMatchObject({ green: true, passed: 2 });
    expect(report).toMatchObject({ commit: project.commit, seed: 's1', startFailure: null });
    expect(report.tree).toBe(await project.git.tree(project.commit));
    expect(report.features[2]?.cases[0]?.failure).toMatchObject({ expected: 'status 404' });
    expect(seen.map((progress) => progress.casesDone)).toEqual([1, 2, 3, 4, 5]);
    expect(seen.at(-1)).toEqual({ casesDone: 5, casesPassing: 4, casesTotal: 5 });
    expect(await readdir(parts.scratch)).toEqual([]);
  });

  test('reports an app that does not start as the failure of every case, beside the suite', async () => {
    await shell('sed -i "s/^app = .*/&\\nraise RuntimeError(\\"broken import\\")/" app/main.py');
    const report = await verify((await project.git.commitAll('break')) ?? '');
    expect(passing(report)).toEqual({ 'notes-create': '0/2', 'notes-get': '0/2', 'notes-delete': '0/1' });
    expect(report.startFailure).toMatchObject({ step: 'start', log: expect.stringContaining('broken import') });
    expect(report.features[0]?.cases[0]?.failure?.actual).toContain('broken import');
    expect(report.suite).toMatchObject({ green: false });
  });

  test('keeps the suite and the checks apart: a red suite changes no case', async () => {
    await shell('echo "def test_x(): assert 0" > tests/test_x.py');
    const report = await verify((await project.git.commitAll('red')) ?? '');
    expect(passing(report)['notes-create']).toBe('2/2');
    expect(report.suite).toMatchObject({ green: false, failed: 1, passed: 2 });
  });

  test('uses the requirements of the commit, and passes on that they cannot be installed', async () => {
    await shell('echo "nothing==1" > requirements.txt');
    const asked: string[] = [];
    parts = {
      ...parts,
      environmentFor: async (text) => {
        asked.push(text);
        throw new EnvironmentBuildError('no such package: nothing==1');
      },
    };
    const commit = (await project.git.commitAll('other requirements')) ?? '';
    await expect(verify(commit)).rejects.toThrow('no such package: nothing==1');
    expect(asked).toEqual(['nothing==1\n']);
  });

  test('ends both lanes and removes both checkouts when it is aborted', async () => {
    const stop = new AbortController();
    const settings = { commit: project.commit, features: miniFeatures, seed: 's', signal: stop.signal };
    const verifying = verifyCommit(parts, { ...settings, onProgress: () => stop.abort(new Error('paused')) });
    await expect(verifying).rejects.toThrow('paused');
    expect(await readdir(parts.scratch)).toEqual([]);
  });
});
