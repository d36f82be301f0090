/**
 * Files of a project that only Nightshift decides: put back at each checkpoint from its own copy, with a line for
 * each that had been changed. Also clears what would run a program on the user's machine when they use git there.
 */
import type { Sandbox } from '../security/sandbox.js';
import { SAFE_GIT_ENVIRONMENT } from './git-call.js';
import { restoreProjectFile, writeProjectFile } from './project-file.js';

const TIMEOUT_MS = 20_000;
const GIT_CONFIG = '.git/config';

/** Keys that a repository's configuration may hold: shape of the repository, remotes, identity; no programs. */
const HARMLESS_KEYS = [
  /^core\.(repositoryformatversion|filemode|bare|logallrefupdates|ignorecase|precomposeunicode|symlinks)$/,
  /^remote\.[^\n]+\.(url|pushurl|fetch|tagopt)$/,
  /^branch\.[^\n]+\.(remote|merge|rebase)$/,
  /^user\.(name|email)$/,
  /^extensions\.objectformat$/,
];

const MINIMAL_CONFIG = `[core]
	repositoryformatversion = 0
	filemode = true
	bare = false
	logallrefupdates = true
`;

/** Hooks, local attributes and excludes, the work tree's own configuration: a Nightshift repository has none. */
const CLEAR_GIT_FOLDER = `for p in .git/hooks .git/info/attributes .git/info/exclude .git/config.worktree; do
  if [ -e "$p" ] || [ -L "$p" ]; then
    if [ -d "$p" ] && [ ! -L "$p" ]; then find "$p" -mindepth 1 ! -type d; else echo "$p"; fi
    rm -rf -- "$p"
  fi
done`;

/**
 * Restores `files` (path in the project -> the text that it must have), `.git/hooks` and `.git/config`. Returns one
 * line for each thing that was not as it must be; empty = the agent left everything alone.
 */
export async function restoreHarnessFiles(
  sandbox: Sandbox,
  files: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const restored: string[] = [];
  for (const [file, text] of Object.entries(files)) {
    if (await restoreProjectFile(sandbox, file, text)) restored.push(`${file} restored`);
  }
  return [...restored, ...(await clearGitFolder(sandbox)), ...(await clearGitConfig(sandbox))];
}

async function clearGitFolder(sandbox: Sandbox): Promise<readonly string[]> {
  const result = await sandbox.run({ command: ['sh', '-c', CLEAR_GIT_FOLDER], timeoutMs: TIMEOUT_MS });
  const found = result.stdout.split('\n').filter((line) => line !== '' && !line.endsWith('.sample'));
  return found.map((file) => `${file} removed`);
}

async function clearGitConfig(sandbox: Sandbox): Promise<readonly string[]> {
  const listed = await config(sandbox, ['--no-includes', '--name-only', '-z', '--list']);
  if (listed.exitCode !== 0) {
    await writeProjectFile(sandbox, GIT_CONFIG, MINIMAL_CONFIG);
    return [`${GIT_CONFIG} was unreadable: written anew`];
  }
  const keys = [...new Set(listed.stdout.split('\0').filter((key) => key !== ''))];
  const harmful = keys.filter((key) => !HARMLESS_KEYS.some((harmless) => harmless.test(key)));
  for (const key of harmful) await config(sandbox, ['--unset-all', key]);
  return harmful.map((key) => `${key} removed from ${GIT_CONFIG}`);
}

function config(sandbox: Sandbox, args: readonly string[]): ReturnType<Sandbox['run']> {
  return sandbox.run({
    command: ['git', 'config', '--file', GIT_CONFIG, ...args],
    environment: SAFE_GIT_ENVIRONMENT,
    timeoutMs: TIMEOUT_MS,
  });
}
