/**
 * One git command in the sandbox over a named repository: no hooks, no monitor, no signing, no replace objects, nothing
 * of the user's or the agent's configuration that runs a program.
 */
import type { CommandResult, Sandbox } from '../security/sandbox.js';

/** Who is author and committer. The user's own identity when there is one (read outside; the sandbox has no HOME). */
export interface GitIdentity {
  readonly name: string;
  readonly email: string;
}

export const NIGHTSHIFT_IDENTITY: GitIdentity = { name: 'Nightshift', email: 'nightshift@localhost' };

/** The identity as git's variables: for our own commands and for commits that the agent makes. */
export function identityEnvironment({ name, email }: GitIdentity): Record<string, string> {
  return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
}

/** A git command failed where it must not: the repository is damaged, or the disk is full. */
export class GitFailed extends Error {
  override readonly name = 'GitFailed';
}

const SAFE_CONFIG = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.attributesFile', '/dev/null'],
  ['core.excludesFile', '/dev/null'],
  ['core.autocrlf', 'false'],
  ['commit.gpgsign', 'false'],
  ['gc.auto', '0'],
  ['advice.detachedHead', 'false'],
].flatMap(([key, value]) => ['-c', `${key}=${value}`]);

/** Environment under which no configuration outside the repository is read and no replaced object is believed. */
export const SAFE_GIT_ENVIRONMENT: Readonly<Record<string, string>> = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
};

/** The branch of a build. */
export const MAIN_BRANCH = 'refs/heads/main';
/** How `update-ref` spells "there must be none". */
export const NO_COMMIT = '0'.repeat(40);

export const GIT_TIMEOUT_MS = 60_000;
const GIT_OUTPUT_BYTES = 8 * 1024 * 1024;
/** `git` with its safe options in front, for callers that build a command of their own (a clone). */
export function gitCommand(args: readonly string[]): readonly string[] {
  return ['git', ...SAFE_CONFIG, ...args];
}

/** Commands over the repository that lies directly in `projectDir`. */
export class GitCall {
  constructor(
    readonly sandbox: Sandbox,
    private readonly projectDir: string,
    private readonly identity: GitIdentity,
  ) {}

  run(args: readonly string[], stdin?: string): Promise<CommandResult> {
    return this.sandbox.run({
      command: gitCommand(args),
      environment: {
        ...SAFE_GIT_ENVIRONMENT,
        GIT_DIR: `${this.projectDir}/.git`,
        GIT_WORK_TREE: this.projectDir,
        ...identityEnvironment(this.identity),
      },
      timeoutMs: GIT_TIMEOUT_MS,
      outputBytes: GIT_OUTPUT_BYTES,
      ...(stdin === undefined ? {} : { stdin }),
    });
  }

  /** Runs a command that has no expected failure; its stdout without the last line break. */
  async must(args: readonly string[], stdin?: string): Promise<string> {
    const result = await this.run(args, stdin);
    if (result.exitCode !== 0 || result.truncatedBytes > 0) throw this.failure(args, result);
    return result.stdout.replace(/\n$/, '');
  }

  async resolve(revision: string): Promise<string | null> {
    const result = await this.run(['rev-parse', '--quiet', '--verify', '--end-of-options', `${revision}^{commit}`]);
    return result.exitCode === 0 ? result.stdout.trim() : null;
  }

  /** True when `descendant` holds `ancestor`. A git that was killed has answered neither yes nor no: GitFailed. */
  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    const args = ['merge-base', '--is-ancestor', ancestor, descendant];
    const result = await this.run(args);
    if (result.exitCode === null) throw this.failure(args, result);
    return result.exitCode === 0;
  }

  /** Ends a merge or rebase that the work tree stood in: its result has just been committed. */
  async forgetUnfinished(): Promise<void> {
    const left = [
      'MERGE_HEAD',
      'MERGE_MSG',
      'MERGE_MODE',
      'CHERRY_PICK_HEAD',
      'REVERT_HEAD',
      'rebase-merge',
      'rebase-apply',
    ];
    const paths = left.map((name) => `.git/${name}`);
    await this.sandbox.run({ command: ['rm', '-rf', '--', ...paths], timeoutMs: GIT_TIMEOUT_MS });
  }

  failure(args: readonly string[], result: CommandResult): GitFailed {
    const why = result.timedOut ? `no end after ${GIT_TIMEOUT_MS / 1000} s` : result.output.trim().slice(-600);
    return new GitFailed(`git ${args.join(' ')} failed (${result.exitCode ?? 'killed'}) in ${this.projectDir}: ${why}`);
  }
}
