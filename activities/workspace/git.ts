/**
 * The project's git repository as Nightshift uses it: plumbing commands in the sandbox, refs by compare-and-swap, no
 * hooks, no signing, no replace objects, nothing of the user's or the agent's configuration that runs a program.
 */
import type { CommandResult, Sandbox } from '../security/sandbox.js';

/** Who is author and committer. The user's own identity when there is one (read outside; the sandbox has no HOME). */
export interface GitIdentity {
  readonly name: string;
  readonly email: string;
}

export const NIGHTSHIFT_IDENTITY: GitIdentity = { name: 'Nightshift', email: 'nightshift@localhost' };

export const MAIN_BRANCH = 'refs/heads/main';

/** One line of `git status --porcelain`: two state letters and the path. */
export interface StatusEntry {
  readonly code: string;
  readonly path: string;
}

/** Outcome of moving a ref from a known value; `conflict` names what is there instead (null = no such ref). */
export type RefMove =
  | { readonly kind: 'moved' }
  | { readonly kind: 'already_there' }
  | { readonly kind: 'conflict'; readonly found: string | null };

/** A git command failed where it must not: the repository is damaged, or the disk is full. */
export class GitFailed extends Error {
  override readonly name = 'GitFailed';
}

export interface Git {
  /** Makes the repository with branch `main` and no hooks; harmless where one exists. */
  init(): Promise<void>;
  isRepository(): Promise<boolean>;
  /** Commit of `HEAD`, null before the first one. */
  head(): Promise<string | null>;
  /** Commit of any ref or revision, null when it names none. */
  resolve(revision: string): Promise<string | null>;
  /** Tree of a commit. */
  tree(commit: string): Promise<string>;
  /** The oldest commit without a parent that `main` goes back to; null before the first commit. */
  rootCommit(): Promise<string | null>;
  status(): Promise<readonly StatusEntry[]>;
  /** Puts the whole work tree on `main`, whatever branch it stands on; null when that changes nothing. */
  commitAll(message: string): Promise<string | null>;
  /** Points the tag at `commit`, if it is at `expected` now (null = must not exist). */
  tag(name: string, commit: string, expected: string | null): Promise<RefMove>;
  isAncestor(ancestor: string, descendant: string): Promise<boolean>;
  /** Text of a file as committed; null when the commit has no such file. */
  show(commit: string, file: string): Promise<string | null>;
  /** Removes an `index.lock` that a killed git left. Only while nothing else runs git there. */
  removeStaleLocks(): Promise<readonly string[]>;
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

const GIT_TIMEOUT_MS = 60_000;
const GIT_OUTPUT_BYTES = 8 * 1024 * 1024;
const NO_COMMIT = '0'.repeat(40);

/** `git` with its safe options in front, for callers that build a command of their own (a clone). */
export function gitCommand(args: readonly string[]): readonly string[] {
  return ['git', ...SAFE_CONFIG, ...args];
}

/**
 * Git over the repository that lies directly in `projectDir`: GIT_DIR is named, so a project without a repository
 * never falls through to one further up (a project directory inside a checkout of something else).
 */
export function createGit(sandbox: Sandbox, projectDir: string, identity: GitIdentity = NIGHTSHIFT_IDENTITY): Git {
  const call = new GitCall(sandbox, projectDir, identity);
  return {
    init: async () => {
      await call.must(['init', '--quiet', '--template=', '--initial-branch=main']);
    },
    isRepository: async () => (await call.run(['rev-parse', '--git-dir'])).exitCode === 0,
    head: () => call.resolve('HEAD'),
    resolve: (revision) => call.resolve(revision),
    tree: (commit) => call.must(['rev-parse', '--verify', '--end-of-options', `${commit}^{tree}`]),
    rootCommit: () => rootCommit(call),
    status: () => status(call),
    commitAll: (message) => commitAll(call, message),
    tag: (name, commit, expected) => moveRef(call, `refs/tags/${name}`, commit, expected),
    isAncestor: (ancestor, descendant) => isAncestor(call, ancestor, descendant),
    show: (commit, file) => show(call, commit, file),
    removeStaleLocks: () => removeStaleLocks(sandbox),
  };
}

class GitCall {
  constructor(
    private readonly sandbox: Sandbox,
    private readonly projectDir: string,
    private readonly identity: GitIdentity,
  ) {}

  run(args: readonly string[], stdin?: string): Promise<CommandResult> {
    const { name, email } = this.identity;
    return this.sandbox.run({
      command: gitCommand(args),
      environment: {
        ...SAFE_GIT_ENVIRONMENT,
        GIT_DIR: `${this.projectDir}/.git`,
        GIT_WORK_TREE: this.projectDir,
        GIT_AUTHOR_NAME: name,
        GIT_AUTHOR_EMAIL: email,
        GIT_COMMITTER_NAME: name,
        GIT_COMMITTER_EMAIL: email,
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

async function rootCommit(call: GitCall): Promise<string | null> {
  const tip = (await call.resolve(MAIN_BRANCH)) ?? (await call.resolve('HEAD'));
  if (tip === null) return null;
  const roots = (await call.must(['rev-list', '--max-parents=0', '--first-parent', tip])).split('\n');
  return roots.at(-1) ?? null;
}

async function status(call: GitCall): Promise<readonly StatusEntry[]> {
  const text = await call.must(['status', '--porcelain=v1', '-z', '--no-renames', '--untracked-files=all']);
  return text
    .split('\0')
    .filter((entry) => entry.length > 3)
    .map((entry) => ({ code: entry.slice(0, 2), path: entry.slice(3) }));
}

async function commitAll(call: GitCall, message: string): Promise<string | null> {
  await call.must(['add', '--all', '--', '.']);
  const tree = await call.must(['write-tree']);
  const [head, main] = [await call.resolve('HEAD'), await call.resolve(MAIN_BRANCH)];
  const headTree = head === null ? null : await call.must(['rev-parse', `${head}^{tree}`]);
  const wandered = await isElsewhere(call);
  if (head !== null && tree === headTree && !wandered) return null;
  if (head !== null && main !== null && tree === headTree && (await isAncestor(call, head, main))) {
    await call.must(['checkout', '--quiet', '--force', 'main']); // an older commit was only looked at
    return null;
  }
  const behindHead = main === null || (head !== null && (await isAncestor(call, main, head)));
  const tip =
    behindHead && tree === headTree ? head : await commitTree(call, tree, behindHead ? [head] : [main, head], message);
  if (tip === null) return null;
  await call.must(['update-ref', MAIN_BRANCH, tip, main ?? NO_COMMIT]);
  await call.must(['symbolic-ref', 'HEAD', MAIN_BRANCH]);
  await call.forgetUnfinished();
  return tip;
}

/** True when HEAD isn't on `main`: another branch, or detached. */
async function isElsewhere(call: GitCall): Promise<boolean> {
  const symbolic = await call.run(['symbolic-ref', '--quiet', 'HEAD']);
  return symbolic.stdout.trim() !== MAIN_BRANCH;
}

function commitTree(
  call: GitCall,
  tree: string,
  parents: readonly (string | null)[],
  message: string,
): Promise<string> {
  const flags = [...new Set(parents)].flatMap((parent) => (parent === null ? [] : ['-p', parent]));
  return call.must(['commit-tree', ...flags, tree], `${message.trimEnd()}\n`);
}

async function moveRef(call: GitCall, ref: string, commit: string, expected: string | null): Promise<RefMove> {
  const moved = await call.run(['update-ref', ref, commit, expected ?? NO_COMMIT]);
  if (moved.exitCode === 0) return { kind: 'moved' };
  const found = await call.resolve(ref);
  if (found === commit) return { kind: 'already_there' };
  if (found === expected) throw call.failure(['update-ref', ref], moved);
  return { kind: 'conflict', found };
}

async function isAncestor(call: GitCall, ancestor: string, descendant: string): Promise<boolean> {
  return (await call.run(['merge-base', '--is-ancestor', ancestor, descendant])).exitCode === 0;
}

async function show(call: GitCall, commit: string, file: string): Promise<string | null> {
  const entry = await call.must(['ls-tree', '-z', commit, '--', file]);
  const blob = /^100(?:644|755) blob ([0-9a-f]{40,64})\t/.exec(entry)?.[1];
  return blob === undefined ? null : (await call.run(['cat-file', 'blob', blob])).stdout;
}

async function removeStaleLocks(sandbox: Sandbox): Promise<readonly string[]> {
  const script = `find .git -name '*.lock' -not -path '.git/objects/*' -type f -print -delete`;
  const result = await sandbox.run({ command: ['sh', '-c', script], timeoutMs: GIT_TIMEOUT_MS });
  return result.stdout.split('\n').filter((line) => line !== '');
}
