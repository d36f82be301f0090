import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  type CommandRequest,
  type CommandResult,
  type Sandbox,
  SandboxLost,
} from '../../../activities/security/sandbox.js';
import type { VerifyProgress } from '../../../activities/workspace/http-checks.js';
import { EnvironmentBuildError } from '../../../activities/workspace/python-environment.js';
import { type VerifierParts, type VerifyReport, verifyCommit } from '../../../activities/workspace/verifier.js';
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
  const wrapped = (sandbox: Sandbox): Sandbox => ({
    kind: sandbox.kind,
    holder: sandbox.holder,
    notes: sandbox.notes,
    postgresAddress: sandbox.postgresAddress,
    run: (command) => sandbox.run(command),
    start: (command) => sandbox.start(command),
    freePort: () => sandbox.freePort(),
    connect: (port) => sandbox.connect(port),
    close: () => sandbox.close(),
  });
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

  test('uses the requirements of the commit, and reports that they cannot be installed', async () => {
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
    const report = await verify(commit);
    expect(report.startFailure).toMatchObject({ step: 'requirements', log: 'no such package: nothing==1' });
    expect(passing(report)).toEqual({ 'notes-create': '0/2', 'notes-get': '0/2', 'notes-delete': '0/1' });
    expect(report.suite).toMatchObject({ green: false, problem: expect.stringContaining('cannot be installed') });
    expect(report.tree).toBe(await project.git.tree(commit));
    expect(asked).toEqual(['nothing==1\n']);
  });

  test('reports a sandbox that the app or the suite takes down', async () => {
    const broken: VerifierParts = {
      ...parts,
      openSandbox: async (request) => {
        const sandbox = await openBestSandbox(request);
        const lost = async (): Promise<never> => {
          throw new SandboxLost('killed by signal 9');
        };
        const run = (command: CommandRequest): Promise<CommandResult> =>
          JSON.stringify(command.command).includes('alembic') || JSON.stringify(command.command).includes('pytest')
            ? lost()
            : sandbox.run(command);
        return { ...wrapped(sandbox), run };
      },
    };
    const report = await verifyCommit(broken, { commit: project.commit, features: miniFeatures, seed: 's' });
    expect(report.startFailure?.problem).toContain('the sandbox ended under the app');
    expect(report.suite.problem).toContain('the sandbox ended under pytest');
    expect(await readdir(parts.scratch)).toEqual([]);
  });

  test('ends both lanes and removes both checkouts when it is aborted', async () => {
    const stop = new AbortController();
    const settings = { commit: project.commit, features: miniFeatures, seed: 's', signal: stop.signal };
    const verifying = verifyCommit(parts, { ...settings, onProgress: () => stop.abort(new Error('paused')) });
    await expect(verifying).rejects.toThrow('paused');
    expect(await readdir(parts.scratch)).toEqual([]);
  });
});
