import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Sandbox } from '../../../activities/security/sandbox.js';
import { openUnsandboxed } from '../../../activities/security/unsandboxed.js';
import { createGit } from '../../../activities/workspace/git.js';
import { restoreHarnessFiles } from '../../../activities/workspace/harness-files.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

describe('restoreHarnessFiles', () => {
  let home: TemporaryDirectory;
  let sandbox: Sandbox;
  const files = { 'feature_list.json': '{"features": []}\n', '.claude_settings.json': '{}\n' };
  const at = (file: string): string => path.join(home.path, file);
  const shell = async (text: string): Promise<string> =>
    (await sandbox.run({ command: { shell: text }, timeoutMs: 9000 })).output;

  beforeEach(async () => {
    home = await temporaryDirectory();
    sandbox = await openUnsandboxed({ projectDir: home.path, readOnly: [], environment: {}, path: [] });
    await createGit(sandbox, home.path).init();
    await restoreHarnessFiles(sandbox, files);
  });
  afterEach(async () => {
    await sandbox.close();
    await home.remove();
  });

  test('says nothing when the agent left everything alone', async () => {
    expect(await restoreHarnessFiles(sandbox, files)).toEqual([]);
  });

  test('puts back a changed, a deleted and a linked file', async () => {
    await writeFile(at('feature_list.json'), '{"features": [{"passes": true}]}');
    await shell('rm .claude_settings.json && ln -s /etc/hostname .claude_settings.json');
    expect(await restoreHarnessFiles(sandbox, files)).toEqual([
      'feature_list.json restored',
      '.claude_settings.json restored',
    ]);
    expect(await readFile(at('feature_list.json'), 'utf8')).toBe(files['feature_list.json']);
    expect(await readFile(at('.claude_settings.json'), 'utf8')).toBe('{}\n');
  });

  test('removes hooks, local excludes and attributes, and names them', async () => {
    await mkdir(at('.git/hooks'));
    await writeFile(at('.git/hooks/post-checkout'), '#!/bin/sh\n', { mode: 0o755 });
    await writeFile(at('.git/hooks/pre-push.sample'), '');
    await mkdir(at('.git/info'), { recursive: true });
    await writeFile(at('.git/info/exclude'), 'tests/\n');
    expect(await restoreHarnessFiles(sandbox, files)).toEqual([
      '.git/hooks/post-checkout removed',
      '.git/info/exclude removed',
    ]);
    expect(await shell('ls .git/hooks .git/info 2>&1')).not.toMatch(/post-checkout|exclude/);
  });

  test('removes a hooks folder that is a link without touching where it leads', async () => {
    await mkdir(at('elsewhere'));
    await writeFile(at('elsewhere/pre-commit'), '');
    await symlink(at('elsewhere'), at('.git/hooks'));
    expect(await restoreHarnessFiles(sandbox, files)).toEqual(['.git/hooks removed']);
    expect(await readFile(at('elsewhere/pre-commit'), 'utf8')).toBe('');
  });

  test('takes programs out of the configuration and leaves remotes and identity', async () => {
    await shell(`git config core.fsmonitor 'touch x'; git config --add filter.x.clean 'sh -c "y"'
      git config --add filter.x.clean z; git config alias.st '!sh'; git config include.path ../evil
      git config remote.origin.url https://example.org/x.git; git config user.name Ann`);
    expect([...(await restoreHarnessFiles(sandbox, files))].sort()).toEqual([
      'alias.st removed from .git/config',
      'core.fsmonitor removed from .git/config',
      'filter.x.clean removed from .git/config',
      'include.path removed from .git/config',
    ]);
    const left = await readFile(at('.git/config'), 'utf8');
    expect(left).toContain('https://example.org/x.git');
    expect(left).toContain('Ann');
    expect(left).not.toMatch(/touch x|sh -c|evil|!sh/);
    expect(await restoreHarnessFiles(sandbox, files)).toEqual([]);
  });

  test('writes an unreadable configuration anew', async () => {
    await writeFile(at('.git/config'), '[core\nnonsense');
    expect(await restoreHarnessFiles(sandbox, files)).toEqual(['.git/config was unreadable: written anew']);
    expect(await createGit(sandbox, home.path).isRepository()).toBe(true);
  });
});
