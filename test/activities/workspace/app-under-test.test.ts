import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { appOnLoopback } from '../../../activities/features/case-client.js';
import { runFeatures } from '../../../activities/features/case-runner.js';
import { openUnsandboxed } from '../../../activities/security/unsandboxed.js';
import { type AppStart, startApp } from '../../../activities/workspace/app-under-test.js';
import { type CheckServices, startCheckServices } from '../../support/check-services.js';
import { type MiniProject, miniFeatures, miniProject } from '../../support/mini-project.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

describe('startApp', () => {
  let services: CheckServices;
  let home: TemporaryDirectory;
  let project: MiniProject;
  beforeAll(async () => {
    services = await startCheckServices();
  });
  afterAll(() => services.stop());
  beforeEach(async () => {
    home = await temporaryDirectory();
    project = await miniProject(path.join(home.path, 'notes'), services, openUnsandboxed);
  });
  afterEach(async () => {
    await project.sandbox.close();
    await home.remove();
  });

  const start = async (changes: Partial<Parameters<typeof startApp>[1]> = {}): Promise<AppStart> =>
    startApp(project.sandbox, { databaseUrl: await services.emptied('check_1'), ...changes });
  const edit = async (file: string, from: string, to: string): Promise<void> => {
    const text = await readFile(path.join(project.directory, file), 'utf8');
    expect(text).toContain(from);
    await writeFile(path.join(project.directory, file), text.replace(from, to));
  };

  test('migrates, serves, tells its log and is gone after stop', async () => {
    const started = await start();
    if (started.kind !== 'running') throw new Error(`${started.problem} ${started.log}`);
    const results = await runFeatures(miniFeatures.slice(0, 2), [{ app: started.app }], { seed: 'seed' });
    expect(results.flatMap((result) => result.cases.map((one) => one.passed))).toEqual([true, true, true, true]);
    expect(await started.app.logTail()).toContain('Application startup complete');
    await started.app.stop();
    await expect(appOnLoopback(started.app.port).connect(started.app.port)).rejects.toThrow(/ECONNREFUSED/);
  });

  test('reports a migration that fails, with its trace', async () => {
    await edit('alembic/versions/0001_notes.py', '"""Create the table."""', 'raise RuntimeError("no such column")');
    expect(await start()).toMatchObject({
      kind: 'failed',
      step: 'migrations',
      problem: 'alembic upgrade head: exit status 1',
      log: expect.stringContaining('RuntimeError: no such column'),
    });
  });

  test('reports an app that cannot be imported, at once and with its trace', async () => {
    await edit('app/main.py', 'app = FastAPI(title="Notes")', 'app = FastAPI(title=missing_name)');
    expect(await start()).toMatchObject({
      kind: 'failed',
      step: 'start',
      problem: 'uvicorn app.main:app did not answer: it ended with exit status 1',
      log: expect.stringContaining("name 'missing_name' is not defined"),
    });
  });

  test('gives up on an app that never answers', async () => {
    await edit('app/main.py', 'app = FastAPI(title="Notes")', 'import time\ntime.sleep(60)\napp = FastAPI()');
    expect(await start({ readyTimeoutMs: 300 })).toMatchObject({
      kind: 'failed',
      step: 'start',
      problem: 'uvicorn app.main:app did not answer: nothing on its port for 0.3 s',
    });
  });

  test('ends what it started when it is aborted', async () => {
    const hang = 'import os, time\nwith open("pid", "w") as file:\n    file.write(f"{os.getpid()}.")\ntime.sleep(60)\n';
    await edit('app/main.py', 'app = FastAPI(title="Notes")', `${hang}app = FastAPI()`);
    const stop = new AbortController();
    const starting = start({ signal: stop.signal });
    const pidFile = path.join(project.directory, 'pid');
    let pid = '';
    while (!pid.endsWith('.')) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      pid = await readFile(pidFile, 'utf8').catch(() => '');
    }
    stop.abort(new Error('paused'));
    await expect(starting).rejects.toThrow('paused');
    expect(() => process.kill(Number.parseInt(pid, 10), 0)).toThrow(/ESRCH/);
  });
});
