/**
 * A clean checkout of one commit in a directory and a sandbox of its own. The commit crosses as one pack of objects,
 * whose names are recomputed on arrival: nothing of the project's .git (configuration, hooks, filters, alternates) and
 * no untracked file comes along, and the new sandbox never sees the project directory.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Sandbox, SandboxRequest } from '../security/sandbox.js';
import { GitFailed, gitCommand, SAFE_GIT_ENVIRONMENT } from './git-call.js';

/** The objects of one commit, without its history; base64 because commands carry text. */
export interface CommitPack {
  readonly commit: string;
  readonly base64: string;
}

export interface Checkout {
  readonly sandbox: Sandbox;
  readonly directory: string;
  /** Tree of the commit, by the objects that arrived. */
  readonly tree: string;
  /** Ends what runs in it and removes the directory. */
  close(): Promise<void>;
}

export interface CheckoutRequest {
  readonly openSandbox: (request: SandboxRequest) => Promise<Sandbox>;
  /** Directory outside of any project, where checkouts may lie. */
  readonly scratch: string;
  /** Everything of the sandbox but its directory: environment prefix, PATH, PostgreSQL. */
  readonly surroundings: Omit<SandboxRequest, 'projectDir'>;
}

/** More was committed than any source tree holds: the project's fault, to be told to the agent. */
export class CommitTooLarge extends Error {
  override readonly name = 'CommitTooLarge';
}

/** A work tree of over 48 MB is no source code: a virtual environment or data was committed. */
const PACK_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 60_000;

/** Packs the commit from the project's repository; `project` is a sandbox over `projectDir`. Limit: of the base64. */
export async function packCommit(
  project: Sandbox,
  projectDir: string,
  commit: string,
  limitBytes: number = PACK_BYTES,
): Promise<CommitPack> {
  const git = gitCommand([]).map(quoted).join(' ');
  const script = `set -o pipefail
${git} rev-list --objects --no-walk "$1" | cut -d' ' -f1 | ${git} pack-objects --quiet --stdout | base64 -w0`;
  const result = await project.run({
    command: ['bash', '-c', script, 'bash', commit],
    environment: { ...SAFE_GIT_ENVIRONMENT, GIT_DIR: `${projectDir}/.git`, GIT_WORK_TREE: projectDir },
    timeoutMs: TIMEOUT_MS,
    outputBytes: limitBytes,
  });
  if (result.truncatedBytes > 0) {
    throw new CommitTooLarge(`commit ${commit} holds over ${limitBytes} bytes: take what is no source out of git`);
  }
  if (result.exitCode !== 0) throw new GitFailed(`could not pack commit ${commit}: ${result.output.slice(-600)}`);
  return { commit, base64: result.stdout };
}

/** Removes what a killed worker left of earlier checkouts. Only while no checkout of the same build is open. */
export async function sweepCheckouts(scratch: string): Promise<void> {
  await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
}

/** Unpacks into a fresh directory; there is no .git in it, only the committed files. */
export async function openCheckout(request: CheckoutRequest, pack: CommitPack): Promise<Checkout> {
  await mkdir(request.scratch, { recursive: true, mode: 0o700 });
  const directory = await mkdtemp(path.join(request.scratch, 'tree-'));
  const discard = (): Promise<void> => rm(directory, { recursive: true, force: true, maxRetries: 3 });
  let sandbox: Sandbox | null = null;
  try {
    sandbox = await request.openSandbox({ ...request.surroundings, projectDir: directory });
    const tree = await unpack(sandbox, directory, pack);
    const opened = sandbox;
    return { sandbox, directory, tree, close: () => opened.close().finally(discard) };
  } catch (error) {
    await sandbox?.close();
    await discard();
    throw error;
  }
}

async function unpack(sandbox: Sandbox, directory: string, pack: CommitPack): Promise<string> {
  const git = gitCommand([]).map(quoted).join(' ');
  const script = `set -eo pipefail
export GIT_DIR; GIT_DIR=$(mktemp -d -p "$HOME")
trap 'rm -rf -- "$GIT_DIR"' EXIT
${git} init --quiet --template= --initial-branch=checkout
base64 -d | ${git} unpack-objects -q
echo "$1" > "$GIT_DIR/shallow"
${git} read-tree "$1"
${git} checkout-index --all --force
${git} write-tree`;
  const result = await sandbox.run({
    command: ['bash', '-c', script, 'bash', pack.commit],
    environment: { ...SAFE_GIT_ENVIRONMENT, GIT_WORK_TREE: directory },
    stdin: pack.base64,
    timeoutMs: TIMEOUT_MS,
  });
  if (result.exitCode !== 0) {
    throw new GitFailed(`could not check out commit ${pack.commit}: ${result.output.slice(-600)}`);
  }
  return result.stdout.trim();
}

/** For a shell's own words only; the project's words go as arguments. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
