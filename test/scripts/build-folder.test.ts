import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { specDigest } from '../../activities/workspace/build-state.js';
import { loadConfig } from '../../config/config.js';
import { buildFolder, specConflict } from '../../scripts/build-folder.js';
import { readBuildRequest } from '../../scripts/build-request.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'folder-'));
});
afterAll(() => rm(dir, { recursive: true }));

describe('a directory that is being built', () => {
  const conflictOf = async (text: string): Promise<string | undefined> => {
    const config = loadConfig({ HOME: dir }, dir);
    await writeFile(path.join(dir, 'spec.txt'), text);
    const request = await readBuildRequest({ spec: 'spec.txt', projectDir: 'out' }, config, 'offline');
    const folder = buildFolder(config, request.buildId);
    await mkdir(folder, { recursive: true });
    const record = { projectDir: request.input.projectDir, specDigest: specDigest('# One\n') };
    await writeFile(path.join(folder, 'build.json'), JSON.stringify(record));
    return specConflict(config, request);
  };

  it('goes on with the same spec', async () => {
    expect(await conflictOf('# One\n')).toBeUndefined();
  });

  it('refuses another spec and names both digests', async () => {
    const conflict = await conflictOf('# Two\n');
    expect(conflict).toContain(specDigest('# One\n').slice(0, 19));
    expect(conflict).toContain(specDigest('# Two\n').slice(0, 19));
  });
});
