import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../config/config.js';
import { readBuildRequest, typedSettings } from '../../scripts/build-request.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'request-'));
});
afterAll(() => rm(dir, { recursive: true }));

const config = () => loadConfig({ HOME: dir }, dir);

describe('the words of the command line', () => {
  it('resolve relative paths against the directory they were typed in', async () => {
    await writeFile(path.join(dir, 'my.txt'), '# Spec\n');
    const request = await readBuildRequest({ spec: 'my.txt', projectDir: 'out' }, config(), 'offline');
    expect(request.input.projectDir).toBe(path.join(dir, 'out'));
    expect(request.input.spec).toBe('# Spec\n');
  });

  it('go on with the spec of a build that is known, when none is named', async () => {
    const projectDir = path.join(dir, 'known');
    await mkdir(projectDir);
    await writeFile(path.join(projectDir, 'app_spec.txt'), '# Its own spec\n');
    const before = await readBuildRequest({ projectDir }, config(), 'offline');
    expect(before.input.spec).not.toBe('# Its own spec\n');
    const record = path.join(config().locations.builds, before.buildId);
    await mkdir(record, { recursive: true });
    await writeFile(path.join(record, 'build.json'), '{}');
    expect((await readBuildRequest({ projectDir }, config(), 'offline')).input.spec).toBe('# Its own spec\n');
  });

  it('give the same build for a directory that is reached through a link', async () => {
    const direct = await readBuildRequest({ projectDir: path.join(dir, 'x') }, config(), 'offline');
    const dotted = await readBuildRequest({ projectDir: path.join(dir, 'y', '..', 'x') }, config(), 'offline');
    expect(dotted.buildId).toBe(direct.buildId);
  });

  it.each([
    ['missing.txt', 'There is no spec'],
    ['empty.txt', 'is empty'],
    ['binary.txt', 'not UTF-8'],
    ['huge.txt', '256 kB'],
  ])('refuse the spec %s with one sentence', async (name, why) => {
    await writeFile(path.join(dir, 'empty.txt'), ' \n');
    await writeFile(path.join(dir, 'binary.txt'), Buffer.from([0xff, 0xfe, 0x00]));
    await writeFile(path.join(dir, 'huge.txt'), 'x'.repeat(300_000));
    await expect(readBuildRequest({ spec: name }, config(), 'offline')).rejects.toThrow(why);
  });

  it.each([
    [{ maxIterations: '-1' }, '--max-iterations'],
    [{ maxIterations: 'many' }, '"many"'],
    [{ maxCost: '0' }, '--max-cost'],
    [{ testCount: '200-100' }, '"200-100"'],
    [{ testCount: '5' }, 'MIN-MAX'],
  ])('refuse %j and name the flag or the value', (options, why) => {
    expect(() => typedSettings(options)).toThrow(why);
  });

  it('warn about a model near its end of life, and accept it', async () => {
    const request = await readBuildRequest({ projectDir: 'out' }, config(), 'claude-sonnet-4-5');
    expect(request.warnings).toEqual([expect.stringContaining('2026-11-30')]);
  });
});
