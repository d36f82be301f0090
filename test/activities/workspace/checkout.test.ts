import { lstat, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Sandbox } from '../../../activities/security/sandbox.js';
import { type Checkout, CommitTooLarge, openCheckout, packCommit } from '../../../activities/workspace/checkout.js';
import { createGit } from '../../../activities/workspace/git.js';
import { makeProjectDirectory } from '../../../activities/workspace/project-directory.js';
import { openBestSandbox } from '../../support/check-services.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

describe('a clean checkout', () => {
  let home: TemporaryDirectory;
  let project: Sandbox;
  let projectDir: string;
  const shell = async (text: string): Promise<string> =>
    (await project.run({ command: { shell: text }, timeoutMs: 9000 })).output;
  const commit = async (): Promise<string> => {
    const made = await createGit(project, projectDir).commitAll('work');
    if (made === null) throw new Error('nothing was committed');
    return made;
  };
  const checkedOut = async <T>(of: string, look: (checkout: Checkout) => Promise<T>): Promise<T> => {
    const request = { openSandbox: openBestSandbox, scratch: path.join(home.path, 'scratch'), surroundings };
    const checkout = await openCheckout(request, await packCommit(project, projectDir, of));
    return look(checkout).finally(() => checkout.close());
  };
  const surroundings = { readOnly: [], environment: {}, path: [] };

  beforeEach(async () => {
    home = await temporaryDirectory();
    projectDir = path.join(home.path, 'project');
    await makeProjectDirectory(projectDir);
    project = await openBestSandbox({ ...surroundings, projectDir });
    await createGit(project, projectDir).init();
    await shell(
      'mkdir -p app "odd name" && echo one > app/main.py && echo x > "odd name/ü.txt" && ln -s main.py app/link',
    );
  });
  afterEach(async () => {
    await project.close();
    await home.remove();
  });

  test('holds the committed files, links and odd names, no .git, and is gone after close', async () => {
    await shell('printf "#!/bin/sh\\n" > init.sh && chmod +x init.sh');
    const made = await commit();
    const directory = await checkedOut(made, async (checkout) => {
      expect((await readdir(checkout.directory)).sort()).toEqual(['app', 'init.sh', 'odd name']);
      expect(await readdir(path.join(checkout.directory, 'odd name'))).toEqual(['ü.txt']);
      expect((await lstat(path.join(checkout.directory, 'app/link'))).isSymbolicLink()).toBe(true);
      expect((await lstat(path.join(checkout.directory, 'init.sh'))).mode & 0o111).not.toBe(0);
      return checkout.directory;
    });
    await expect(lstat(directory)).rejects.toThrow(/ENOENT/);
  });

  test('is of the commit, not of the work tree, and leaves untracked files behind', async () => {
    const first = await commit();
    await shell('echo two > app/main.py');
    await commit();
    await shell('echo three > app/main.py; echo x > untracked.py');
    await checkedOut(first, async ({ directory }) => {
      expect(await readFile(path.join(directory, 'app/main.py'), 'utf8')).toBe('one\n');
      expect(await readdir(directory)).not.toContain('untracked.py');
    });
  });

  test('runs no filter and believes no replaced object of the project', async () => {
    await shell('echo "*.py filter=lie" > .gitattributes');
    const first = await commit();
    await shell('git config filter.lie.smudge "echo lied #"; git config filter.lie.clean "echo lied #"');
    await shell('echo two > app/main.py');
    const second = await commit();
    await shell(`git replace ${first} ${second}`);
    await checkedOut(first, async ({ directory }) => {
      expect(await readFile(path.join(directory, 'app/main.py'), 'utf8')).toBe('one\n');
    });
  });

  test('does not accept an object whose content is not what its name says', async () => {
    const made = await commit();
    const blob = (await shell('git rev-parse HEAD:app/main.py')).trim();
    const other = (await shell('echo forged | git hash-object -w --stdin')).trim();
    const file = (id: string): string => path.join(projectDir, '.git/objects', id.slice(0, 2), id.slice(2));
    await shell(`cp -f .git/objects/${other.slice(0, 2)}/${other.slice(2)} ${file(blob)}`);
    await expect(checkedOut(made, async () => undefined)).rejects.toThrow(/could not (pack|check out) commit/);
  });

  test('refuses a commit that is too large to be source, and says what to do', async () => {
    await shell('head -c 100000 /dev/urandom > data.bin');
    const packing = packCommit(project, projectDir, await commit(), 50_000);
    await expect(packing).rejects.toThrow(CommitTooLarge);
    await expect(packing).rejects.toThrow(/holds over 50000 bytes: take what is no source out of git/);
  });

  test('leaves no directory when the commit does not exist', async () => {
    await commit();
    await expect(checkedOut('0123456789012345678901234567890123456789', async () => undefined)).rejects.toThrow(
      /could not pack/,
    );
    await writeFile(path.join(home.path, 'probe'), '');
    expect((await readdir(home.path)).filter((name) => name === 'scratch')).toEqual([]);
  });
});
