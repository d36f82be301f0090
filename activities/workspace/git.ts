/**
 * The project's git repository as Nightshift uses it: plumbing commands in the sandbox, refs by compare-and-swap, no
 * hooks, no signing, no replace objects, nothing of the user's or the agent's configuration that runs a program.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Sandbox } from '../security/sandbox.js';
import { keepBranch } from './branch.js';
import { GIT_TIMEOUT_MS, GitCall, type GitIdentity, MAIN_BRANCH, NIGHTSHIFT_IDENTITY, NO_COMMIT } from './git-call.js';

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
  /** Puts `main` back when it has lost `recorded`; a line for each thing that was not as it must be (branch.ts). */
  keepBranch(recorded: string | null): Promise<readonly string[]>;
  /** Puts the whole work tree on `main`, whatever branch it stands on; null when that changes nothing. Ends a merge. */
  commitAll(message: string): Promise<string | null>;
  /** Points the tag at `commit`, if it is at `expected` now (null = must not exist). */
  tag(name: string, commit: string, expected: string | null): Promise<RefMove>;
  /** Writes the one note that Nightshift keeps on a commit (refs/notes/nightshift), in place of an earlier one. */
  note(commit: string, text: string): Promise<void>;
  isAncestor(ancestor: string, descendant: string): Promise<boolean>;
  /** Text of a file as committed; null when the commit has no such file. GitFailed when it is over 8 MB. */
  show(commit: string, file: string): Promise<string | null>;
  /** Removes an `index.lock` that a killed git left. Only while nothing else runs git there. */
  removeStaleLocks(): Promise<readonly string[]>;
}

/** Longer than any git command of a small project holds its lock. */
const LOCK_PATIENCE_MS = 500;

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
    keepBranch: (recorded) => keepBranch(call, recorded),
    commitAll: (message) => commitAll(call, message),
    tag: (name, commit, expected) => moveRef(call, `refs/tags/${name}`, commit, expected),
    note: async (commit, text) => {
      await call.must(['notes', '--ref=nightshift', 'add', '--force', '--file=-', commit], text);
    },
    isAncestor: (ancestor, descendant) => call.isAncestor(ancestor, descendant),
    show: (commit, file) => show(call, commit, file),
    removeStaleLocks: () => removeStaleLocks(sandbox),
  };
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
  await addAll(call);
  const tree = await call.must(['write-tree']);
  const [head, main] = [await call.resolve('HEAD'), await call.resolve(MAIN_BRANCH)];
  const headTree = head === null ? null : await call.must(['rev-parse', `${head}^{tree}`]);
  const wandered = await isElsewhere(call);
  if (head !== null && tree === headTree && !wandered) return null;
  if (head !== null && main !== null && tree === headTree && (await call.isAncestor(head, main))) {
    await call.must(['checkout', '--quiet', '--force', 'main']); // an older commit was only looked at
    return null;
  }
  const behindHead = main === null || (head !== null && (await call.isAncestor(main, head)));
  const tip =
    behindHead && tree === headTree ? head : await commitTree(call, tree, behindHead ? [head] : [main, head], message);
  if (tip === null) return null;
  await call.must(['update-ref', MAIN_BRANCH, tip, main ?? NO_COMMIT]);
  await call.must(['symbolic-ref', 'HEAD', MAIN_BRANCH]);
  await call.forgetUnfinished();
  return tip;
}

/**
 * Stages the work tree. A lock in the way is waited for once, then taken for what a killed command left. A repository
 * inside becomes plain files: git would refuse it, or record a link to it and none of its files.
 */
async function addAll(call: GitCall): Promise<void> {
  const add = ['add', '--all', '--', '.'];
  if ((await call.run(add)).exitCode !== 0) {
    await delay(LOCK_PATIENCE_MS);
    await removeStaleLocks(call.sandbox);
    await removeInnerRepositories(call);
    await call.must(add);
  }
  const inner = await innerRepositories(call);
  if (inner.length === 0) return;
  await removeInnerRepositories(call);
  await call.must(['update-index', '--force-remove', '--', ...inner]);
  await call.must(add);
}

async function removeInnerRepositories(call: GitCall): Promise<void> {
  const kept = '-path ./.git -prune -o -name .venv -prune -o -name node_modules -prune';
  const script = `find . ${kept} -o -name .git -prune -exec rm -rf -- {} +`;
  await call.sandbox.run({ command: ['sh', '-c', script], timeoutMs: GIT_TIMEOUT_MS });
}

/** Paths that are staged as links to a repository inside. */
async function innerRepositories(call: GitCall): Promise<readonly string[]> {
  const staged = (await call.must(['ls-files', '--stage', '-z'])).split('\0');
  return staged.flatMap((entry) => /^160000 \S+ \d\t([\s\S]+)$/.exec(entry)?.[1] ?? []);
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

async function show(call: GitCall, commit: string, file: string): Promise<string | null> {
  const entry = await call.must(['ls-tree', '-z', commit, '--', file]);
  const blob = /^100(?:644|755) blob ([0-9a-f]{40,64})\t/.exec(entry)?.[1];
  if (blob === undefined) return null;
  const result = await call.run(['cat-file', 'blob', blob]);
  if (result.exitCode !== 0 || result.truncatedBytes > 0) throw call.failure(['cat-file', 'blob', blob], result);
  return result.stdout;
}

async function removeStaleLocks(sandbox: Sandbox): Promise<readonly string[]> {
  const script = `find .git -name '*.lock' -not -path '.git/objects/*' -type f -print -delete`;
  const result = await sandbox.run({ command: ['sh', '-c', script], timeoutMs: GIT_TIMEOUT_MS });
  return result.stdout.split('\n').filter((line) => line !== '');
}
