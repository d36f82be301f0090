import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Sandbox } from '../../../activities/security/sandbox.js';
import { openUnsandboxed } from '../../../activities/security/unsandboxed.js';
import { createGit, type Git } from '../../../activities/workspace/git.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

describe('git of a project', () => {
  let home: TemporaryDirectory;
  let sandbox: Sandbox;
  let git: Git;
  const write = (file: string, text: string): Promise<void> => writeFile(path.join(home.path, file), text);
  const agent = async (shell: string): Promise<string> => {
    const identity = '-c user.name=a -c user.email=a@b';
    const result = await sandbox.run({
      command: { shell: shell.replaceAll('git ', `git ${identity} `) },
      timeoutMs: 9000,
    });
    return result.output;
  };

  beforeEach(async () => {
    home = await temporaryDirectory();
    sandbox = await openUnsandboxed({ projectDir: home.path, readOnly: [], environment: {}, path: [] });
    git = createGit(sandbox, home.path);
    await git.init();
  });
  afterEach(async () => {
    await sandbox.close();
    await home.remove();
  });

  const commit = async (file: string, text: string): Promise<string> => {
    await write(file, text);
    const made = await git.commitAll(`add ${file}`);
    if (made === null) throw new Error('nothing was committed');
    return made;
  };

  test('starts empty on main and commits the whole work tree as Nightshift', async () => {
    expect(await git.head()).toBeNull();
    expect(await git.rootCommit()).toBeNull();
    const first = await commit('a.txt', 'one');
    expect(await git.head()).toBe(first);
    expect(await git.rootCommit()).toBe(first);
    expect(await git.status()).toEqual([]);
    expect(await agent('git log --format="%an <%ae>|%s|%D"')).toBe(
      'Nightshift <nightshift@localhost>|add a.txt|HEAD -> main\n',
    );
  });

  test('uses the identity that it is given', async () => {
    git = createGit(sandbox, home.path, { name: 'Ann Ä', email: 'ann@example.org' });
    await commit('a.txt', 'one');
    expect(await agent('git log --format="%an|%cn|%ce"')).toBe('Ann Ä|Ann Ä|ann@example.org\n');
  });

  test('keeps one note on a commit, which a later one replaces', async () => {
    const first = await commit('a.txt', 'one');
    await git.note(first, '{"run": 1}\n');
    await git.note(first, '{"run": 2}\n');
    expect(await agent(`git notes --ref=nightshift show ${first}`)).toBe('{"run": 2}\n');
    expect([await git.head(), await git.status()]).toEqual([first, []]);
  });

  test('commits nothing when nothing changed', async () => {
    await commit('a.txt', 'one');
    expect(await git.commitAll('again')).toBeNull();
  });

  test('lists changed, new and deleted files, in odd names too', async () => {
    await commit('a.txt', 'one');
    await commit('b.txt', 'one');
    await write('a.txt', 'two');
    await rm(path.join(home.path, 'b.txt'));
    await write('ü "new"\n.txt', 'x');
    expect(await git.status()).toEqual([
      { code: ' M', path: 'a.txt' },
      { code: ' D', path: 'b.txt' },
      { code: '??', path: 'ü "new"\n.txt' },
    ]);
  });

  test('gives the same tree for the same content, whatever the way there', async () => {
    const first = await commit('a.txt', 'one');
    await commit('a.txt', 'two');
    const third = await commit('a.txt', 'one');
    expect(third).not.toBe(first);
    expect(await git.tree(third)).toBe(await git.tree(first));
    expect(await git.isAncestor(first, third)).toBe(true);
    expect(await git.isAncestor(third, first)).toBe(false);
  });

  test('moves a tag only from the value that it is expected at', async () => {
    const first = await commit('a.txt', 'one');
    const second = await commit('a.txt', 'two');
    expect(await git.tag('session-1', first, null)).toEqual({ kind: 'moved' });
    expect(await git.tag('session-1', first, null)).toEqual({ kind: 'already_there' });
    expect(await git.tag('session-1', second, null)).toEqual({ kind: 'conflict', found: first });
    expect(await git.tag('session-1', second, first)).toEqual({ kind: 'moved' });
    expect(await git.resolve('refs/tags/session-1')).toBe(second);
    expect(await git.tag('session-2', second, first)).toEqual({ kind: 'conflict', found: null });
  });

  test('shows a file as committed, and null for a folder, a link or nothing', async () => {
    await mkdir(path.join(home.path, 'app'));
    await write('app/main.py', 'x = 1\n\n');
    await agent('ln -s app/main.py link');
    const made = await git.commitAll('files');
    await write('app/main.py', 'x = 2\n');
    expect(await git.show(made ?? '', 'app/main.py')).toBe('x = 1\n\n');
    expect(await git.show(made ?? '', 'app')).toBeNull();
    expect(await git.show(made ?? '', 'link')).toBeNull();
    expect(await git.show(made ?? '', 'none.py')).toBeNull();
  });

  test('shows no part of a file as the whole', async () => {
    await write('big.txt', 'x'.repeat(9_000_000));
    const made = (await git.commitAll('big')) ?? '';
    await expect(git.show(made, 'big.txt')).rejects.toThrow('cat-file');
  });

  test('takes a killed git for no answer, and main keeps its commits', async () => {
    const first = await commit('a.txt', 'one');
    const second = await commit('a.txt', 'two');
    const run: typeof sandbox.run = async (request) => {
      const result = await sandbox.run(request);
      const killed = JSON.stringify(request.command).includes('merge-base');
      return killed ? { ...result, exitCode: null, timedOut: true } : result;
    };
    const slow = createGit(Object.create(sandbox, { run: { value: run } }), home.path);
    await expect(slow.keepBranch(first)).rejects.toThrow('merge-base');
    expect(await git.resolve('main')).toBe(second);
  });

  test('brings work on another branch and a detached HEAD back to main', async () => {
    const first = await commit('a.txt', 'one');
    await agent('git checkout -q -b side; echo two > b.txt; git add b.txt; git commit -q -m side; echo three > c.txt');
    const landed = await git.commitAll('session 1');
    expect(await git.resolve('main')).toBe(landed);
    expect(await git.isAncestor(first, landed ?? '')).toBe(true);
    expect(await git.show('main', 'b.txt')).toBe('two\n');
    expect(await git.show('main', 'c.txt')).toBe('three\n');
    await agent(`git checkout -q --detach ${first}`);
    expect(await git.commitAll('session 2')).toBeNull();
    expect(await git.head()).toBe(landed);
    expect(await git.status()).toEqual([]);
  });

  test('fast-forwards main to commits that were made on another branch', async () => {
    await commit('a.txt', 'one');
    await agent('git checkout -q -b side; echo two > b.txt; git add b.txt; git commit -q -m side');
    const side = await git.head();
    expect(await git.commitAll('session 1')).toBe(side);
    expect(await git.resolve('main')).toBe(side);
  });

  test('keeps both lines when main and the other branch went apart', async () => {
    await commit('a.txt', 'one');
    await agent('git checkout -q -b side; echo two > b.txt; git add b.txt; git commit -q -m side');
    const side = (await git.head()) ?? '';
    await agent('git checkout -q main; echo three > c.txt; git add c.txt; git commit -q -m c; git checkout -q side');
    const main = (await git.resolve('main')) ?? '';
    await write('d.txt', 'four');
    const landed = (await git.commitAll('session 1')) ?? '';
    expect([await git.isAncestor(side, landed), await git.isAncestor(main, landed)]).toEqual([true, true]);
  });

  test('puts main back when it has lost a recorded commit, and says where HEAD stood', async () => {
    const first = await commit('a.txt', 'one');
    const recorded = await commit('b.txt', 'two');
    expect(await git.keepBranch(recorded)).toEqual([]);
    await agent(`git reset -q --hard ${first}; echo three > c.txt; git add c.txt; git commit -q -m rewritten`);
    expect(await git.keepBranch(recorded)).toEqual([expect.stringContaining('main had lost commit')]);
    const landed = (await git.commitAll('session 1')) ?? '';
    expect(await git.isAncestor(recorded, landed)).toBe(true);
    expect(await git.show(landed, 'c.txt')).toBe('three\n');
    await agent('git checkout -q -b side; echo 4 > d.txt; git add d.txt; git commit -q -m side');
    expect(await git.keepBranch(landed)).toEqual(['HEAD stood on side: main is moved forward to it']);
    await agent('git checkout -q --orphan apart; git commit -q -m apart');
    expect(await git.keepBranch(landed)).toEqual([expect.stringContaining('HEAD stood on apart: it went apart')]);
    await agent('git branch -q -D main');
    expect((await git.keepBranch(landed))[0]).toContain('main had lost commit');
    const kept = (await git.commitAll('session 2')) ?? '';
    expect([await git.isAncestor(landed, kept), await git.resolve('main')]).toEqual([true, kept]);
    expect(await git.keepBranch('f'.repeat(40))).toEqual([expect.stringContaining('is gone from the repository')]);
  });

  test('commits a merge that was left with conflicts, and ends it', async () => {
    await commit('a.txt', 'one');
    await agent('git checkout -q -b side; echo two > a.txt; git commit -q -am side; git checkout -q main');
    await agent('echo three > a.txt; git commit -q -am three; git merge side');
    expect((await git.status())[0]?.code).toBe('UU');
    expect(await git.commitAll('session 1')).not.toBeNull();
    expect(await git.status()).toEqual([]);
    expect(await agent('git status')).not.toContain('merg');
  });

  test('commits the files of a repository that was made inside the project', async () => {
    await commit('a.txt', 'one');
    await agent('mkdir -p "in ner"; cd "in ner"; git init -q; echo x > x.py; git add x.py; git commit -q -m inner');
    await agent('git add "in ner"; git commit -q -m "a link to it"');
    await agent('echo .venv > .gitignore; mkdir -p .venv/src; cd .venv/src; git init -q');
    await agent('mkdir -p a/empty; cd a/empty; git init -q; echo y > y.py');
    const landed = (await git.commitAll('session 1')) ?? '';
    expect(await git.show(landed, 'in ner/x.py')).toBe('x\n');
    expect(await git.show(landed, 'a/empty/y.py')).toBe('y\n');
    expect(await agent('ls -d .venv/src/.git')).toBe('.venv/src/.git\n');
    expect(await git.status()).toEqual([]);
  });

  test('runs no hook, no monitor and no filter of the outside configuration', async () => {
    await agent(
      'mkdir -p .git/hooks; printf "#!/bin/sh\\ntouch hooked\\n" | tee .git/hooks/pre-commit > .git/hooks/reference-transaction',
    );
    await agent(
      'chmod +x .git/hooks/*; git config core.fsmonitor "touch monitored"; git config core.hooksPath .git/hooks',
    );
    await commit('a.txt', 'one');
    expect(await agent('ls')).toBe('a.txt\n');
  });

  test('does not believe a replaced object', async () => {
    const first = await commit('a.txt', 'one');
    const second = await commit('a.txt', 'two');
    await agent(`git replace ${first} ${second}`);
    expect(await git.show(first, 'a.txt')).toBe('one');
  });

  test('removes the locks of a killed git and goes on', async () => {
    await commit('a.txt', 'one');
    await write('.git/index.lock', '');
    await write('a.txt', 'two');
    await write('.git/HEAD.lock', '');
    expect([...(await git.removeStaleLocks())].sort()).toEqual(['.git/HEAD.lock', '.git/index.lock']);
    expect(await git.commitAll('free')).not.toBeNull();
    await write('.git/index.lock', '');
    await write('a.txt', 'three');
    expect(await git.commitAll('not blocked')).not.toBeNull();
  });

  test('never falls through to a repository further up', async () => {
    await commit('a.txt', 'one');
    const inner = path.join(home.path, 'inner');
    await mkdir(inner);
    const innerSandbox = await openUnsandboxed({ projectDir: inner, readOnly: [], environment: {}, path: [] });
    const innerGit = createGit(innerSandbox, inner);
    expect(await innerGit.isRepository()).toBe(false);
    expect(await innerGit.head()).toBeNull();
    await expect(innerGit.status()).rejects.toThrow(/not a git repository/);
    await innerSandbox.close();
  });
});
