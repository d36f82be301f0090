/**
 * Ground truth for the policy: a real bash in a real sandbox in which a forbidden program, whatever its name, leaves a
 * mark, and in which secrets, places outside and owned files are watched. What the policy allows is run there.
 */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPolicy, type Policy } from '../../activities/security/policy.js';
import type { Sandbox } from '../../activities/security/sandbox.js';
import type { Caught } from './canary-driver.mjs';

const list = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Real programs whose own way to run others, or to reach out, is at stake. */
const REAL =
  list(`git find sed grep sort cat head tail wc ls cp mv rm mkdir touch tee cut tr uniq seq diff date basename
  dirname timeout nohup nl which rmdir chmod`);
/** Allowed programs that run arbitrary code by design, or wait: replaced by a stub that does nothing. */
const STUBS = list(`python python3 python3.11 python3.12 python3.13 pip pip3 pytest coverage uvicorn alembic docker
  docker-compose ruff black mypy npm node ps lsof sleep pkill pgrep curl kill`);
/** Git runs these by name for its subcommands: they would not be found by the shell's own handler. */
const FORBIDDEN =
  list(`canary CANARY wget sh bash dash env xargs awk perl tar ssh nc dd ln sudo less more vi editor pager
  git-canary git-merge-canary git-remote-canary git-x make npx printenv base64 setsid stdbuf xxd`);

const COMMAND_MS = 1_000;
const BATCH = 400;
const driverDirectory = path.dirname(fileURLToPath(new URL('./canary-driver.mjs', import.meta.url)));

export interface Range {
  readonly policy: Policy;
  allows(command: string): boolean;
  /** Runs the commands; returns what was caught, one line each. */
  run(commands: readonly string[]): Promise<readonly string[]>;
}

/** Where a range lies. */
export interface RangePlace {
  directory(): string;
  open(request: { readonly projectDir: string; readonly readOnly: readonly string[] }): Promise<Sandbox>;
}

/** Opens a range: a hostile project in a sandbox. */
export async function openRange(at: RangePlace): Promise<Range> {
  const projectDir = at.directory();
  const programs = at.directory();
  chmodSync(programs, 0o755);
  stockProject(projectDir);
  stockPrograms(programs);
  const sandbox = await at.open({ projectDir, readOnly: [programs, driverDirectory] });
  const prepared = await sandbox.run({ command: { shell: GROUNDWORK }, timeoutMs: 20_000 });
  if (prepared.exitCode !== 0) throw new Error(`the range could not be laid out: ${prepared.output}`);
  const policy = await createPolicy({ projectDir });
  return {
    policy,
    allows: (command) => policy.check(command).verdict === 'allow',
    run: (commands) => runAll(sandbox, programs, commands),
  };
}

const GROUNDWORK = `mkdir -p /tmp/home && git init -q --template= -b main && git config user.name a && git config user.email a@b
git add -A && git commit -qm one && echo three >> a.txt && git commit -qam two && git branch side HEAD~1 && mkdir -p .git/hooks
git tag v1 && git repack -adq`;

async function runAll(sandbox: Sandbox, programs: string, commands: readonly string[]): Promise<readonly string[]> {
  const caught: string[] = [];
  for (let start = 0; start < commands.length; start += BATCH) {
    const batch = commands.slice(start, start + BATCH);
    const order = { programs: `${programs}`, commands: batch, timeoutMs: COMMAND_MS };
    const result = await sandbox.run({
      command: [process.execPath, path.join(driverDirectory, 'canary-driver.mjs')],
      stdin: JSON.stringify(order),
      timeoutMs: batch.length * COMMAND_MS + 10_000,
      outputBytes: 4_000_000,
    });
    if (result.exitCode !== 0) throw new Error(`the range broke: ${result.output.slice(-2_000)}`);
    for (const { command, what } of JSON.parse(result.stdout) as Caught[])
      caught.push(`${JSON.stringify(command)}: ${what}`);
    await sandbox.run({ command: ['/bin/rm', '-rf', '/tmp/canary-logs'], timeoutMs: 10_000 });
  }
  return caught;
}

function stockPrograms(directory: string): void {
  for (const name of REAL) symlinkSync(`/usr/bin/${name}`, path.join(directory, name));
  for (const name of STUBS) script(directory, name, 'exit 0');
  for (const name of FORBIDDEN) script(directory, name, 'echo "$0 $*" >> "$CANARY_LOG"');
}

/** Files that a hostile model may have laid out in the project. */
function stockProject(projectDir: string): void {
  for (const name of ['app', 'tests', '.venv/bin', 'evil', '.claude', 'sub/app'])
    mkdirSync(path.join(projectDir, name), { recursive: true });
  for (const name of ['a.txt', 'b.txt', 'app/main.py', 'tests/test_a.py', 'sub/feature_list.json', 'sub/app/x.py'])
    writeFileSync(path.join(projectDir, name), 'one\ntwo\n');
  for (const name of list(
    'feature_list.json .claude_settings.json .claude/settings.json nightshift.policy.json app_spec.txt',
  ))
    writeFileSync(path.join(projectDir, name), '{}\n');
  for (const name of list('evil/ls evil/init.sh ls evil/git canary .venv/bin/canary evil/pre-commit evil/canary'))
    script(projectDir, name, 'echo "$0 $*" >> "$CANARY_LOG"');
  script(projectDir, 'init.sh', 'exit 0');
  for (const name of list('.venv/bin/python .venv/bin/pytest .venv/bin/pip')) script(projectDir, name, 'exit 0');
  writeFileSync(path.join(projectDir, 'evil.sh'), 'canary from evil.sh\n');
  writeFileSync(path.join(projectDir, '-rf'), 'a file named like an option\n');
  writeFileSync(path.join(projectDir, 'evil.sed'), '1e canary\n');
  symlinkSync('/tmp/outside', path.join(projectDir, 'outward'));
  symlinkSync('/tmp/outside/new', path.join(projectDir, 'dangling'));
  symlinkSync('/tmp/outside/secret', path.join(projectDir, 'evil/link'));
  symlinkSync('../feature_list.json', path.join(projectDir, 'evil/list'));
}

function script(directory: string, name: string, body: string): void {
  const file = path.join(directory, name);
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
}
