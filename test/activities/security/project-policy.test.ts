import { expect, test } from '@jest/globals';
import { claudeSettings } from '../../../activities/security/claude-settings.js';
import { denialsOf } from '../../../activities/security/denials.js';
import { createPolicy } from '../../../activities/security/policy.js';
import { comparePolicies } from '../../../activities/security/policy-comparison.js';
import { type ProjectPolicy, readProjectPolicy } from '../../../activities/security/project-policy.js';

const projectDir = '/workspace/project';

function read(value: unknown): ProjectPolicy {
  const reading = readProjectPolicy(JSON.stringify(value));
  if (reading.kind === 'unusable') throw new Error(reading.problems.join('; '));
  return reading.policy;
}

async function verdicts(value: unknown, commands: readonly string[]): Promise<readonly string[]> {
  const policy = await createPolicy({ projectDir, project: read(value) });
  return commands.map((command) => {
    const verdict = policy.check(command);
    return verdict.verdict === 'allow' ? 'allow' : verdict.reason;
  });
}

test('a pattern stands for whole arguments, and a star never for an option', async () => {
  const allow = [
    { program: 'make', arguments: 'test *' },
    { program: 'npx', arguments: 'vite **' },
    { program: 'just', arguments: '--**' },
    { program: './scripts/run.sh', arguments: '' },
  ];
  const passing = [
    'make test a',
    'npx vite',
    'npx vite build',
    'just a --b c',
    './scripts/run.sh',
    'timeout 5 make test a',
  ];
  expect(await verdicts({ allow }, passing)).toEqual(passing.map(() => 'allow'));
  const refused = [
    ...['make', 'make test', 'make test -j', 'make test a b', 'make install a', 'npx vite --config x', 'npx evil'],
    ...['./scripts/run.sh a', 'cd app && ./scripts/run.sh', '"make" test a', 'xmake test a', 'make test "$X"'],
  ];
  for (const reason of await verdicts({ allow }, refused)) expect(reason).not.toBe('allow');
});

test.each([
  ['make /etc/passwd', 'outside'],
  ['make -C../x a', 'outside'],
  ['make --directory=/ a', 'outside'],
  ['make feature_list.json', 'locked'],
  ['make .git/hooks/pre-commit', 'only git itself'],
  ['make SHELL=bash a', 'names one of the shells'],
  ['make sudo', 'other rights'],
  ['make a > /etc/x', 'outside'],
  ['PATH=. make a', 'PATH'],
  ['make $(id)', 'id is not on the list'],
])('what a file allows keeps to paths, constructs and variables all the same: %s', async (command, reason) => {
  const [verdict] = await verdicts({ allow: [{ program: 'make', arguments: '--**' }] }, [command]);
  expect(verdict).toContain(reason);
});

test.each([
  [{ allow: [{ program: 'bash', arguments: '**' }] }, 'allow.0: no file can allow bash'],
  [{ allow: [{ program: 'sudo', arguments: '**' }] }, 'nothing of a project needs them'],
  [{ allow: [{ program: 'podman', arguments: '**' }] }, 'docker.sock'],
  [{ allow: [{ program: 'git', arguments: 'push **' }] }, 'tighten'],
  [{ allow: [{ program: '/bin/make', arguments: '**' }] }, 'allow.0.program: must be a plain name'],
  [{ allow: [{ program: './../x', arguments: '**' }] }, 'must be a plain name'],
  [{ allow: [{ program: 'make' }] }, 'allow.0.arguments'],
  [{ allowed: [] }, 'allowed'],
  [[], 'the file'],
])('a file that asks for what cannot be is refused by place: %j', (value, problem) => {
  const reading = readProjectPolicy(JSON.stringify(value));
  expect(reading.kind === 'unusable' ? reading.problems.join('; ') : 'read').toContain(problem);
});

test('what is no JSON is named so', () => {
  expect(readProjectPolicy('{')).toMatchObject({ kind: 'unusable', problems: [expect.stringContaining('not JSON')] });
});

test('a denial holds however the program is called, and counts the unknown as the worst', async () => {
  const deny = [
    { program: 'pytest', why: 'use make' },
    { program: 'git', arguments: 'stash **' },
  ];
  const refused = [
    'pytest -q',
    'python -m pytest',
    '.venv/bin/pytest',
    'timeout 5 pytest',
    'git stash',
    'git stash -u',
    'git "$X"',
  ];
  for (const reason of await verdicts({ deny }, refused)) expect(reason).not.toBe('allow');
  expect(await verdicts({ deny }, ['git status'])).toEqual(['allow']);
  expect((await verdicts({ deny }, ['pytest']))[0]).toContain('(use make)');
});

test('programs that run project code can be given more arguments, never publishing or other places', async () => {
  const allow = [
    { program: 'python', arguments: '-m mypackage **' },
    { program: 'npm', arguments: '--**' },
  ];
  const [own, publish, global] = await verdicts({ allow }, [
    'python -m mypackage x',
    'npm publish',
    'npm install -g x',
  ]);
  expect(own).toBe('allow');
  expect(publish).toContain('publishes');
  expect(global).toContain('another place');
});

test('the comparison names what is newly let through and refused, and probes each program', async () => {
  const project = read({ allow: [{ program: 'npx', arguments: 'vite **' }], deny: [{ program: 'tee' }] });
  const builtIn = await createPolicy({ projectDir });
  const rows = ['npx vite build', 'tee a', 'ls', 'npx evil'].map((cmd) => ({
    cmd,
    expect: 'either' as const,
    why: '',
  }));
  const found = comparePolicies(rows, builtIn, await createPolicy({ projectDir, project }), project);
  expect([found.opened, found.closed].map((list) => list.map(({ cmd }) => cmd))).toEqual([
    ['npx vite build'],
    ['tee a'],
  ]);
  expect(found.reached).toEqual([]);
});

test('denials are counted, and the line that is told has been tried', async () => {
  const found = await denialsOf(
    ['make test', 'make test', 'git push', 'ls `id`', 'ls', 'npx a "b c"'].map((command) => ({ command, reason: '' })),
    projectDir,
  );
  expect(found).toMatchObject([
    { command: 'make test', count: 2, line: { program: 'make', arguments: 'test' } },
    { command: 'git push', count: 1, line: null, whyNot: expect.stringContaining('tighten') },
    { command: 'ls `id`', line: null, whyNot: expect.stringContaining('construct') },
    { command: 'npx a "b c"', line: { program: 'npx', arguments: 'a b*c' } },
  ]);
});

test('the settings for Claude Code state programs, refused options, owned files and its sandbox', () => {
  const project = read({
    allow: [{ program: 'make', arguments: 'test **' }],
    deny: [{ program: 'git', arguments: 'stash' }],
  });
  const { permissions, sandbox } = claudeSettings(project) as {
    permissions: { allow: string[]; deny: string[] };
    sandbox: object;
  };
  const allow = ['Bash(pytest:*)', 'Bash(git commit:*)', 'Bash(make test:*)', 'Edit(./**)'];
  expect(permissions.allow).toEqual(expect.arrayContaining(allow));
  expect(permissions.allow.filter((rule) => /^Bash\((git|docker|curl|bash|\*)?:?\*\)$/.test(rule))).toEqual([]);
  const deny = [
    'Bash(sudo:*)',
    'Bash(bash:*)',
    'Bash(git push:*)',
    'Bash(git commit * --amend:*)',
    'Bash(git stash:*)',
  ];
  const files = ['Edit(./feature_list.json)', 'Edit(./.git/**)', 'Edit(./.claude/settings.json)', 'Read(~/.ssh/**)'];
  expect(permissions.deny).toEqual(expect.arrayContaining([...deny, ...files]));
  expect(sandbox).toMatchObject({ enabled: true, failIfUnavailable: true, allowUnsandboxedCommands: false });
});
