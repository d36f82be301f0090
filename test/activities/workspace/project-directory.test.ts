import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openUnsandboxed } from '../../../activities/security/unsandboxed.js';
import { createGit, type Git } from '../../../activities/workspace/git.js';
import {
  type ForbiddenPlaces,
  inspectProjectDirectory,
  layGroundwork,
  makeProjectDirectory,
} from '../../../activities/workspace/project-directory.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

describe('the project directory', () => {
  let base: TemporaryDirectory;
  let places: ForbiddenPlaces;
  const at = (name: string): string => path.join(base.path, name);
  const inspect = (directory: string) => inspectProjectDirectory(directory, places);
  const problem = async (directory: string): Promise<string> => {
    const verdict = await inspect(directory);
    return verdict.kind === 'refused' ? verdict.problem : `usable as ${verdict.mark}`;
  };

  beforeEach(async () => {
    base = await temporaryDirectory();
    places = { home: at('home'), packageRoot: at('home/nightshift'), state: at('home/state') };
    await mkdir(at('home/nightshift'), { recursive: true });
    await mkdir(at('home/state'), { recursive: true });
  });
  afterEach(() => base.remove());

  test('may be new, with folders above that do not exist yet, or empty', async () => {
    expect(await inspect(at('a/b/c'))).toEqual({ kind: 'usable', path: at('a/b/c'), mark: 'new' });
    await makeProjectDirectory(at('a/b/c'));
    expect(await inspect(`${at('a/b/c')}/../c/`)).toEqual({ kind: 'usable', path: at('a/b/c'), mark: 'new' });
  });

  test('may lie below the home and below the installation, where the default one is', async () => {
    expect(await problem(at('home/project'))).toBe('usable as new');
    expect(await problem(at('home/nightshift/autonomous_demo_project'))).toBe('usable as new');
  });

  test('is known by its real path, through links', async () => {
    await mkdir(at('real'));
    await symlink(at('real'), at('link'));
    expect(await inspect(at('link/project'))).toEqual({ kind: 'usable', path: at('real/project'), mark: 'new' });
  });

  test.each([
    ['relative/path', 'is not an absolute path'],
    ['/a\nb', 'control characters'],
    ['/a:b', 'holds a colon'],
    ['/', 'is the root directory'],
    ['/usr/local/project', 'lies in the system directory /usr'],
    ['/proc/self', 'lies in the system directory /proc'],
  ])('refuses %j', async (directory, reason) => {
    expect(await problem(directory)).toContain(reason);
  });

  test('refuses the home, the installation and the state directory, and what holds them', async () => {
    expect(await problem(at('home'))).toContain('home directory or holds it');
    expect(await problem(base.path)).toContain('home directory or holds it');
    expect(await problem(at('home/nightshift'))).toContain('installation of Nightshift');
    expect(await problem(at('home/state'))).toContain('state directory');
    expect(await problem(at('home/state/project'))).toContain('state directory');
    await symlink(at('home'), at('innocent'));
    expect(await problem(at('innocent'))).toContain('home directory or holds it');
  });

  test('refuses a file, and a directory with content that Nightshift did not make', async () => {
    await writeFile(at('file'), '');
    expect(await problem(at('file'))).toContain('is not a directory');
    await mkdir(at('work'));
    for (const name of ['thesis.tex', 'b', 'c', 'd']) await writeFile(at(`work/${name}`), '');
    expect(await inspect(at('work'))).toEqual({
      kind: 'refused',
      problem: `${at('work')} is not empty (b, c, d) and was not made by Nightshift, which would overwrite it`,
      cure: 'give an empty or a new directory with --project-dir',
    });
  });

  test('does not take the settings file of another harness, or a link to one of ours, for the mark', async () => {
    await mkdir(at('other'));
    await writeFile(at('other/.claude_settings.json'), '{"sandbox": {}}');
    expect(await problem(at('other'))).toContain('was not made by Nightshift');
    await mkdir(at('linked'));
    await writeFile(at('ours.json'), '{"nightshift": {}}');
    await symlink(at('ours.json'), at('linked/.claude_settings.json'));
    expect(await problem(at('linked'))).toContain('was not made by Nightshift');
  });

  (process.getuid?.() === 0 ? test.skip : test)('refuses a directory that it may not write to', async () => {
    await mkdir(at('locked'));
    await chmod(at('locked'), 0o500);
    expect(await problem(at('locked/project'))).toContain('is not writable');
  });

  describe('groundwork', () => {
    const work = { files: {}, spec: '# Notes\n', projectName: 'Notes' };
    const prepared = async (
      name: string,
      use: (git: Git, lay: () => Promise<string>) => Promise<void>,
    ): Promise<void> => {
      await makeProjectDirectory(at(name));
      const sandbox = await openUnsandboxed({ projectDir: at(name), readOnly: [], environment: {}, path: [] });
      const git = createGit(sandbox, at(name));
      await use(git, () => layGroundwork(sandbox, git, work)).finally(() => sandbox.close());
    };

    test('is one commit with the spec, the mark and a clean work tree, and repeats without a change', async () => {
      await prepared('p', async (git, lay) => {
        const root = await lay();
        expect(await git.show(root, 'app_spec.txt')).toBe('# Notes\n');
        expect(await git.show(root, 'claude-progress.txt')).toContain('Progress');
        expect(await git.status()).toEqual([]);
        expect(await inspect(at('p'))).toMatchObject({ kind: 'usable', mark: 'ours' });
        expect(await lay()).toBe(root);
        expect(await git.head()).toBe(root);
      });
    });

    test('is the same tree in a directory of another name', async () => {
      const trees: string[] = [];
      for (const name of ['one', 'two']) {
        await prepared(name, async (git, lay) => {
          trees.push(await git.tree(await lay()));
        });
      }
      expect(new Set(trees).size).toBe(1);
    });

    test('goes on where a crash left it: the mark written, the repository without a commit, a lock', async () => {
      await prepared('p', async (git, lay) => {
        await writeFile(at('p/.claude_settings.json.nightshift-new'), '{"night');
        expect(await inspect(at('p'))).toMatchObject({ kind: 'usable', mark: 'new' });
        await git.init();
        await writeFile(at('p/.git/index.lock'), '');
        const root = await lay();
        expect(await git.rootCommit()).toBe(root);
        expect(await readFile(at('p/.claude_settings.json'), 'utf8')).toContain('"nightshift"');
        expect(await git.show(root, '.claude_settings.json.nightshift-new')).toBeNull();
      });
    });
  });
});
