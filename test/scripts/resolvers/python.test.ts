import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findInterpreters, inspect, resolvePython } from '../../../scripts/resolvers/python.js';
import { isReachableByAll, silentStep } from '../../../scripts/resolvers/resolution.js';
import { program, scratchDirectory } from '../../support/scratch.js';

describe('the interpreter', () => {
  let scratch: ReturnType<typeof scratchDirectory>;
  beforeEach(() => {
    scratch = scratchDirectory();
  });
  afterEach(() => scratch.remove());

  const chain = (environment: Record<string, string>) => ({
    environment,
    cache: scratch.path,
    step: silentStep,
    install: false,
  });

  it('is looked at through shims and links', async () => {
    const [real] = await findInterpreters({ PATH: process.env['PATH'] });
    if (!real) throw new Error('these tests need Python >= 3.11');
    program(scratch.path, 'python3', `exec ${real.path} "$@"`);
    expect((await inspect(`${scratch.path}/python3`))?.path).toBe(real.path);
  });

  it('is not one that is too old', async () => {
    program(scratch.path, 'python3', `echo '["/p", "/usr", "3.9.2", [3, 9], "final"]'`);
    expect(await resolvePython(chain({ PATH: scratch.path }), null)).toMatchObject({ found: false });
  });

  it('is the one that NIGHTSHIFT_PYTHON names, and no other', async () => {
    program(scratch.path, 'mine', `echo '["/p", "/usr", "3.12.1", [3, 12], "final"]'`);
    const environment = { PATH: process.env['PATH'] ?? '', NIGHTSHIFT_PYTHON: `${scratch.path}/mine` };
    expect(await resolvePython(chain(environment), null)).toMatchObject({ kind: 'environment', path: '/p' });
    const wrong = { ...environment, NIGHTSHIFT_PYTHON: `${scratch.path}/none` };
    expect(await resolvePython(chain(wrong), null)).toMatchObject({ found: false });
  });

  it('is, for root, one that every user can read when there is one', async () => {
    const all = await findInterpreters({ PATH: process.env['PATH'] });
    const first = all[0];
    if (process.getuid?.() !== 0 || !first) return;
    expect(isReachableByAll(first.path)).toBe(all.some((one) => isReachableByAll(one.path)));
  });
});
