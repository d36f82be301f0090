import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Sandbox } from '../../../activities/security/sandbox.js';
import { openUnsandboxed } from '../../../activities/security/unsandboxed.js';
import { readProjectFile, restoreProjectFile, writeProjectFile } from '../../../activities/workspace/project-file.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

describe('a file of the project', () => {
  let home: TemporaryDirectory;
  let sandbox: Sandbox;
  const at = (file: string): string => path.join(home.path, file);
  beforeEach(async () => {
    home = await temporaryDirectory();
    sandbox = await openUnsandboxed({ projectDir: home.path, readOnly: [], environment: {}, path: [] });
  });
  afterEach(async () => {
    await sandbox.close();
    await home.remove();
  });

  test('is written with the folders above it and read back as it was', async () => {
    const text = 'ä\n"quoted" $HOME `x`\n\n';
    await writeProjectFile(sandbox, 'a b/-c.txt', text);
    expect(await readProjectFile(sandbox, 'a b/-c.txt')).toBe(text);
    expect((await stat(at('a b/-c.txt'))).mode & 0o777).toBe(0o644);
  });

  test('is null when absent, a folder or a link', async () => {
    await mkdir(at('folder'));
    await writeFile(at('secret'), 'x');
    await symlink(at('secret'), at('link'));
    expect(await readProjectFile(sandbox, 'none')).toBeNull();
    expect(await readProjectFile(sandbox, 'folder')).toBeNull();
    expect(await readProjectFile(sandbox, 'link')).toBeNull();
  });

  test('replaces a link without writing where it leads', async () => {
    await writeFile(at('target'), 'untouched');
    await symlink(at('target'), at('link'));
    await writeProjectFile(sandbox, 'link', 'mine');
    expect(await readFile(at('target'), 'utf8')).toBe('untouched');
    expect(await readProjectFile(sandbox, 'link')).toBe('mine');
  });

  test('replaces a folder, and does not follow a link at its temporary name', async () => {
    await mkdir(at('list/deep'), { recursive: true });
    await writeFile(at('target'), 'untouched');
    await symlink(at('target'), at('list.nightshift-new'));
    await writeProjectFile(sandbox, 'list', 'mine');
    expect(await readFile(at('target'), 'utf8')).toBe('untouched');
    expect(await readProjectFile(sandbox, 'list')).toBe('mine');
  });

  test('is restored only when it differs', async () => {
    expect(await restoreProjectFile(sandbox, 'a', 'text')).toBe(true);
    expect(await restoreProjectFile(sandbox, 'a', 'text')).toBe(false);
    await writeFile(at('a'), 'other');
    expect(await restoreProjectFile(sandbox, 'a', 'text')).toBe(true);
    expect(await readFile(at('a'), 'utf8')).toBe('text');
  });

  test('says which file cannot be written and why', async () => {
    await writeFile(at('file'), '');
    await expect(writeProjectFile(sandbox, 'file/inside', 'x')).rejects.toThrow(/write file\/inside.*File exists/);
  });
});
