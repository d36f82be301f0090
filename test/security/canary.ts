/**
 * Ground truth for the policy: a real bash in a real sandbox in which a forbidden program, whatever its name, leaves a
 * mark. What the policy allows is run there; no mark may appear.
 */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Sandbox } from '../../activities/security/sandbox.js';

/** Real programs whose own way to run others is at stake. */
const REAL = [
  'git',
  'find',
  'sed',
  'grep',
  'sort',
  'cat',
  'head',
  'tail',
  'wc',
  'ls',
  'cp',
  'mv',
  'rm',
  'mkdir',
  'touch',
  'tee',
  'cut',
  'tr',
  'uniq',
  'seq',
  'diff',
  'date',
  'basename',
  'dirname',
  'timeout',
  'nohup',
  'nl',
  'which',
  'rmdir',
  'chmod',
  'curl',
];
/** Allowed programs that run arbitrary code by design, or wait: replaced by a stub that does nothing. */
const STUBS = [
  'python',
  'python3',
  'pip',
  'pip3',
  'pytest',
  'coverage',
  'uvicorn',
  'alembic',
  'docker',
  'docker-compose',
  'ruff',
  'black',
  'mypy',
  'npm',
  'node',
  'ps',
  'lsof',
  'sleep',
  'pkill',
  'pgrep',
];
const FORBIDDEN = [
  'canary',
  'wget',
  'sh',
  'bash',
  'dash',
  'env',
  'xargs',
  'awk',
  'perl',
  'tar',
  'ssh',
  'nc',
  'dd',
  'ln',
  'sudo',
  'less',
  'more',
  'vi',
  'git-canary',
  'git-merge-canary',
  'git-remote-canary',
  'make',
  'npx',
  'printenv',
  'base64',
  'setsid',
  'stdbuf',
  'xxd',
  'CANARY',
];

/** Fills `directory` with the programs that a command may find. Returns the PATH inside. */
export function stockPrograms(directory: string): string {
  for (const name of REAL) symlinkSync(`/usr/bin/${name}`, path.join(directory, name));
  for (const name of STUBS) script(directory, name, 'exit 0');
  for (const name of FORBIDDEN) script(directory, name, 'echo "$0 $*" >> "$CANARY_LOG"');
  return directory;
}

/** Files that a hostile model may have laid out in the project. */
export function stockProject(projectDir: string): void {
  for (const name of ['app', 'tests', '.venv/bin', 'evil']) mkdirSync(path.join(projectDir, name), { recursive: true });
  for (const name of ['a.txt', 'b.txt', 'app/main.py', 'tests/test_a.py'])
    writeFileSync(path.join(projectDir, name), 'one\ntwo\n');
  for (const name of ['evil/ls', 'evil/init.sh', 'ls', 'evil/git', 'canary'])
    script(projectDir, name, 'echo "$0 $*" >> "$CANARY_LOG"');
  writeFileSync(path.join(projectDir, 'evil.sh'), 'canary from evil.sh\n');
}

/** Runs the commands one by one; returns those that ran a forbidden program, with what they ran. */
export async function runUnderCanary(
  sandbox: Sandbox,
  programs: string,
  commands: readonly string[],
): Promise<string[]> {
  const caught: string[] = [];
  const environment = { PATH: programs, CANARY_LOG: '/tmp/canary.log' };
  for (const shell of commands) {
    await sandbox.run({ command: { shell }, environment, timeoutMs: 3_000 });
    const log = await sandbox.run({
      command: { shell: 'cat /tmp/canary.log 2>/dev/null; rm -f /tmp/canary.log' },
      timeoutMs: 5_000,
    });
    if (log.stdout !== '') caught.push(`${JSON.stringify(shell)} ran: ${log.stdout.trim()}`);
  }
  return caught;
}

function script(directory: string, name: string, body: string): void {
  const file = path.join(directory, name);
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
}
