import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  EnvironmentBuildError,
  ensureEnvironment,
  type ProgramRunner,
} from '../../../activities/workspace/python-environment.js';
import { environmentWithout, processEnvironment } from '../../../config/environment.js';
import { locations } from '../../../config/locations.js';
import { run } from '../../../scripts/host-process.js';
import { findInterpreters } from '../../../scripts/resolvers/python.js';
import { silentStep } from '../../../scripts/resolvers/resolution.js';
import { resolveUv } from '../../../scripts/resolvers/uv.js';
import { scratchDirectory } from '../../support/scratch.js';

/** A wheel made here, so that the tests need no index: one module that says its version. */
const MAKE_WHEEL = `
import sys, zipfile
name, version, target = sys.argv[1:]
info = f"{name}-{version}.dist-info"
with zipfile.ZipFile(f"{target}/{name}-{version}-py3-none-any.whl", "w") as wheel:
    wheel.writestr(f"{name}.py", f"version = '{version}'\\n")
    wheel.writestr(f"{name}.pth", f"import os; os.environ.get('NIGHTSHIFT_TEST_PTH') and open(os.environ['NIGHTSHIFT_TEST_PTH'], 'w')\\n")
    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(f"{info}/RECORD", "")
`;

describe('a Python environment', () => {
  let uv: string;
  let python: string;
  beforeAll(async () => {
    const environment = processEnvironment();
    const cache = locations(environment).cache;
    const found = await resolveUv({ environment, cache, step: silentStep, install: true });
    if (!found.found) throw new Error('these tests need uv');
    uv = found.path;
    python = (await findInterpreters(environment))[0]?.path ?? '';
  });

  let scratch: ReturnType<typeof scratchDirectory>;
  let calls: string[];
  beforeEach(async () => {
    scratch = scratchDirectory();
    calls = [];
    const wheels = path.join(scratch.path, 'wheels');
    mkdirSync(wheels);
    for (const version of ['1.0', '2.0']) await run(python, ['-c', MAKE_WHEEL, 'nightsample', version, wheels]);
  });
  afterEach(() => scratch.remove());

  const counting: ProgramRunner = (file, args, options) => {
    if (file === uv) calls.push(args[0] ?? '');
    return run(file, args, options);
  };
  const request = (requirementsText: string) => ({
    requirementsText,
    python,
    uv,
    cache: path.join(scratch.path, 'cache'),
    environment: {
      ...environmentWithout(processEnvironment(), []),
      UV_FIND_LINKS: path.join(scratch.path, 'wheels'),
      UV_NO_INDEX: '1',
    },
    run: counting,
  });

  it('holds exactly what the requirements pin', async () => {
    const { bin } = await ensureEnvironment(request('nightsample==1.0\n'));
    const result = await run(path.join(bin, 'python'), ['-c', 'import nightsample; print(nightsample.version)']);
    expect(result.stdout).toBe('1.0');
  });

  it('runs no code that a package brings, while it is built on the host', async () => {
    const mark = path.join(scratch.path, 'ran-on-the-host');
    const plain = request('nightsample==1.0\n');
    const environment = { ...plain.environment, NIGHTSHIFT_TEST_PTH: mark };
    const { bin, prefix } = await ensureEnvironment({ ...plain, environment });
    expect(existsSync(mark)).toBe(false);
    const compiled = await run('find', [prefix, '-name', 'nightsample*.pyc']);
    expect(compiled.stdout).toContain('nightsample');
    await run(path.join(bin, 'python'), ['-c', '0'], { environment });
    expect(existsSync(mark)).toBe(true); // the attack is real: its own interpreter would have run it
  });

  it('is not built from a path, whose setup.py would run on the host', async () => {
    const project = path.join(scratch.path, 'project');
    mkdirSync(project);
    writeFileSync(path.join(project, 'setup.py'), `open(${JSON.stringify(`${project}/ran`)}, "w")`);
    await expect(ensureEnvironment(request(`-e ${project}\n`))).rejects.toThrow(
      /-e .* is not installed\. Write a package/,
    );
    expect(existsSync(path.join(project, 'ran'))).toBe(false);
  });

  it('is built once for the same requirements, and beside it for others', async () => {
    const first = await ensureEnvironment(request('nightsample==1.0\n'));
    const built = calls.length;
    expect(await ensureEnvironment(request('nightsample==1.0\n'))).toEqual(first);
    expect(calls.length).toBe(built);
    const other = await ensureEnvironment(request('nightsample==2.0\n'));
    expect(other.prefix).not.toBe(first.prefix);
  });

  it('is built once when several ask at the same time', async () => {
    const all = await Promise.all([1, 2, 3].map(() => ensureEnvironment(request('nightsample==1.0\n'))));
    expect(new Set(all.map(({ prefix }) => prefix)).size).toBe(1);
    expect(calls.filter((call) => call === 'venv')).toHaveLength(1);
  });

  it('is built again when a crash left a part of it', async () => {
    const { prefix, bin } = await ensureEnvironment(request('nightsample==1.0\n'));
    rmSync(path.join(prefix, '.complete'));
    writeFileSync(path.join(prefix, 'half'), '');
    await ensureEnvironment(request('nightsample==1.0\n'));
    expect(() => statSync(path.join(prefix, 'half'))).toThrow('ENOENT');
    expect((await run(path.join(bin, 'python'), ['-c', 'import nightsample'])).exitCode).toBe(0);
  });

  it('can be read by every user', async () => {
    const { prefix, bin } = await ensureEnvironment(request('nightsample==1.0\n'));
    for (const place of [prefix, bin, path.join(prefix, 'lib')]) expect(statSync(place).mode & 0o005).toBe(0o005);
  });

  it('names the package that cannot be had', async () => {
    const attempt = ensureEnvironment(request('nightsample==9.9\n'));
    await expect(attempt).rejects.toThrow(EnvironmentBuildError);
    await expect(attempt).rejects.toThrow('nightsample');
  });
});
