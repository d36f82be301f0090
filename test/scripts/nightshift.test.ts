import { spawnSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../config/locations.js';
import { scratchDirectory } from '../support/scratch.js';

describe('with a Node that is too old', () => {
  let scratch: ReturnType<typeof scratchDirectory>;
  let preload: string;
  beforeEach(() => {
    scratch = scratchDirectory();
    preload = path.join(scratch.path, 'old.cjs');
    writeFileSync(
      preload,
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.18.1' } });",
    );
  });
  afterEach(() => scratch.remove());

  const sentence = /^Nightshift needs Node\.js 20\.19 or later; this is 20\.18\.1 \(.+\)\.\n$/;
  const call = (script: string) =>
    spawnSync(process.execPath, ['--require', preload, script, 'build'], { cwd: scratch.path, encoding: 'utf8' });

  it('nightshift says one sentence, also when called by a link from elsewhere', () => {
    const link = path.join(scratch.path, 'link');
    symlinkSync(path.join(packageRoot, 'nightshift'), link);
    const { status, stderr } = call(link);
    expect(stderr).toMatch(sentence);
    expect(status).toBe(5);
  });

  it('npm test says the same', () => {
    const { status, stderr } = call(path.join(packageRoot, 'scripts', 'bootstrap.mjs'));
    expect(stderr).toMatch(sentence);
    expect(status).toBe(5);
  });
});
