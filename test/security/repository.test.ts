/** The agent owns the project's .git: what it writes there must run nothing on the host, and the user must get it back. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { createGit } from '../../activities/workspace/git.js';
import { describeSandboxed, places, shell } from '../activities/security/sandbox-fixture.js';
import { ORDINARY_UID } from '../support/ordinary-user.js';

/** Every way of a repository's own files to make git run a program; $1 leaves a mark with the name it is given. */
const TRAPS = `
git config core.fsmonitor "$1 fsmonitor"
git config core.hooksPath .git/traps
git config core.editor "$1 editor"
git config core.pager "$1 pager"
git config core.sshCommand "$1 ssh"
git config core.askPass "$1 askpass"
git config gpg.program "$1"
git config commit.gpgSign true
git config alias.status "!$1 alias"
git config filter.trap.clean "$1 clean; cat"
git config filter.trap.smudge "$1 smudge; cat"
git config diff.trap.textconv "$1 textconv"
git config diff.trap.command "$1 diff"
git config diff.external "$1 external"
git config merge.trap.driver "$1 merge"
git config credential.helper "!$1 credential"
git config gc.auto 1
mkdir -p .git/traps
for hook in pre-commit post-commit commit-msg prepare-commit-msg reference-transaction post-checkout post-index-change pre-auto-gc; do
  for place in .git/traps .git/hooks; do printf '#!/bin/sh\\n%s hook\\n' "$1" > $place/$hook; chmod +x $place/$hook; done
done
printf '* filter=trap diff=trap merge=trap\\n' > .gitattributes
`;

describeSandboxed("Nightshift's own git on a repository full of traps", () => {
  const at = places();

  test('runs nothing outside of the sandbox, and still commits', async () => {
    const projectDir = at.directory();
    const outside = at.directory();
    chmodSync(outside, 0o777);
    const mark = path.join(outside, 'mark');
    writeFileSync(mark, `#!/bin/sh\ntouch ${outside}/ran-$1\n`, { mode: 0o755 });
    const agent = await at.open({ projectDir });
    await shell(agent, `git init -q; echo one > a.txt; git add -A; git commit -qm first`);
    const traps = await agent.run({ command: ['bash', '-c', TRAPS, 'bash', mark], timeoutMs: 10_000 });
    expect(traps).toMatchObject({ exitCode: 0 });
    const own = await at.open({ projectDir });
    const git = createGit(own, projectDir);
    await shell(own, 'echo two > a.txt; echo new > b.txt');
    await git.status();
    const commit = (await git.commitAll('Session 1')) ?? '';
    expect(commit).toMatch(/^[0-9a-f]{40}$/);
    expect(await git.show(commit, 'b.txt')).toContain('new');
    await Promise.all([agent.close(), own.close()]);
    expect(readdirSync(outside)).toEqual(['mark']);
  });

  test('the traps are real: git on the host would have run them', async () => {
    const projectDir = at.directory();
    const outside = at.directory();
    const mark = path.join(outside, 'mark');
    writeFileSync(mark, `#!/bin/sh\ntouch ${outside}/ran-$1\n`, { mode: 0o755 });
    const git = (...args: readonly string[]): void => void spawnSync('git', args, { cwd: projectDir });
    git('init', '-q');
    execFileSync('bash', ['-c', TRAPS, 'bash', mark], { cwd: projectDir });
    writeFileSync(path.join(projectDir, 'a.txt'), 'one');
    git('add', '-A');
    expect(readdirSync(outside)).toEqual(expect.arrayContaining(['ran-fsmonitor', 'ran-clean']));
  });
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;

describeSandboxed('a project of an ordinary user, built by a root worker', () => {
  const at = places();

  asRoot('is that user’s again afterwards, without setuid bits, and plain git works there', async () => {
    const projectDir = path.join(at.directory(), 'app');
    chmodSync(path.dirname(projectDir), 0o755);
    mkdirSync(projectDir);
    const owner = ['--reuid', String(ORDINARY_UID), '--regid', String(ORDINARY_UID), '--clear-groups'];
    const user = (...command: readonly string[]): string =>
      execFileSync('/usr/bin/setpriv', [...owner, ...command], {
        cwd: projectDir,
        env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent' },
        encoding: 'utf8',
      });
    execFileSync('chown', [`${ORDINARY_UID}:${ORDINARY_UID}`, projectDir]);
    user('git', 'init', '-q');
    const sandbox = await at.open({ projectDir });
    await shell(sandbox, 'mkdir -p app/deep; echo x > app/deep/x.py; cp /bin/true app/suid; chmod 6755 app/suid');
    expect(await createGit(sandbox, projectDir).commitAll('Session 1')).not.toBeNull();
    await sandbox.close();
    expect(user('git', 'log', '--format=%s')).toBe('Session 1\n');
    expect(user('git', 'status', '--porcelain')).toBe('');
    user('git', '-c', 'user.name=u', '-c', 'user.email=u@u', 'commit', '-q', '--allow-empty', '-m', 'my own');
    expect(user('git', 'log', '--format=%s')).toBe('my own\nSession 1\n');
    const all = execFileSync('find', [projectDir, '!', '-uid', String(ORDINARY_UID), '-o', '-perm', '/6000'], {
      encoding: 'utf8',
    });
    expect(all).toBe('');
    expect(statSync(path.join(projectDir, 'app/suid')).mode & 0o7777).toBe(0o755);
    expect(existsSync(path.join(projectDir, 'app/deep/x.py'))).toBe(true);
  });
});
