import { lstat, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeProjectFiles } from '../../../activities/backends/project-writer.js';
import type { Sandbox } from '../../../activities/security/sandbox.js';
import { openUnsandboxed } from '../../../activities/security/unsandboxed.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

let dir: string;
let temporary: TemporaryDirectory;
let sandbox: Sandbox;
beforeAll(async () => {
  temporary = await temporaryDirectory();
  dir = temporary.path;
  sandbox = await openUnsandboxed({ projectDir: dir, readOnly: [], environment: {}, path: [] });
});
afterAll(async () => {
  await sandbox.close();
  await temporary.remove();
});

const file = (text: string, previous: string | null = null) => ({ text, previous });
const read = (name: string): Promise<string> => readFile(path.join(dir, name), 'utf8');

describe('compiled files', () => {
  it('are written with their folders, scripts executable', async () => {
    const report = await writeProjectFiles(
      sandbox,
      new Map([
        ['app/models/a.py', file('A\n')],
        ['init.sh', file('#!/bin/sh\n')],
      ]),
    );
    expect(report).toEqual({ written: ['app/models/a.py', 'init.sh'], kept: [] });
    expect(await read('app/models/a.py')).toBe('A\n');
    expect((await stat(path.join(dir, 'init.sh'))).mode & 0o777).toBe(0o755);
  });

  it('replace what the compiler wrote before, and count as untouched when they are the same', async () => {
    await writeProjectFiles(sandbox, new Map([['b.py', file('one\n')]]));
    expect(await writeProjectFiles(sandbox, new Map([['b.py', file('two\n', 'one\n')]]))).toEqual({
      written: ['b.py'],
      kept: [],
    });
    expect(await writeProjectFiles(sandbox, new Map([['b.py', file('two\n', 'one\n')]]))).toEqual({
      written: [],
      kept: [],
    });
  });

  it('leave alone what somebody has edited', async () => {
    await writeProjectFiles(sandbox, new Map([['c.py', file('one\n')]]));
    await writeFile(path.join(dir, 'c.py'), 'mine\n');
    expect(await writeProjectFiles(sandbox, new Map([['c.py', file('two\n', 'one\n')]]))).toEqual({
      written: [],
      kept: ['c.py'],
    });
    expect(await read('c.py')).toBe('mine\n');
  });

  it('never go through a link', async () => {
    await mkdir(path.join(dir, 'elsewhere'));
    await writeFile(path.join(dir, 'elsewhere', 'target'), 'secret\n');
    await symlink(path.join(dir, 'elsewhere', 'target'), path.join(dir, 'd.py'));
    expect(await writeProjectFiles(sandbox, new Map([['d.py', file('new\n')]]))).toEqual({
      written: [],
      kept: ['d.py'],
    });
    expect(await read('elsewhere/target')).toBe('secret\n');
    expect((await lstat(path.join(dir, 'd.py'))).isSymbolicLink()).toBe(true);
  });
});
