/**
 * The project directory: which paths may be used, and what stands in it before the first session. Looks at the path
 * from outside; writes into it only through the sandbox, and never over anything that isn't Nightshift's.
 */
import { constants } from 'node:fs';
import { access, lstat, mkdir, open, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { realProjectDir } from '../../config/project-path.js';
import { claudeSettings } from '../security/claude-settings.js';
import { POLICY_FILE } from '../security/owned-files.js';
import type { ProjectPolicy } from '../security/project-policy.js';
import type { Sandbox } from '../security/sandbox.js';
import type { Git } from './git.js';
import { PROGRESS_FILE, PROGRESS_HEAD } from './progress-file.js';
import { readProjectFile, writeProjectFile } from './project-file.js';

export const SPEC_FILE = 'app_spec.txt';
/** Also the mark by which a directory is known as Nightshift's. */
export const SETTINGS_FILE = '.claude_settings.json';
/** The same text where Claude Code looks for it by itself. */
export const VISIBLE_SETTINGS_FILE = '.claude/settings.json';
const MARK = '"nightshift"';

/** Directories that a project must not be, contain or lie in. */
export interface ForbiddenPlaces {
  readonly home: string;
  readonly packageRoot: string;
  readonly state: string;
}

export type DirectoryVerdict =
  | { readonly kind: 'usable'; readonly path: string; readonly mark: 'new' | 'ours' }
  | { readonly kind: 'refused'; readonly problem: string; readonly cure: string };

const SYSTEM_PLACES = '/bin /boot /dev /etc /lib /lib64 /proc /run /sbin /sys /usr'.split(' ');
const CURE_EMPTY = 'give an empty or a new directory with --project-dir';

/**
 * Whether `projectDir` may become or is a project, with its real path (links resolved as far as the path exists).
 * Reads the file system, changes nothing.
 */
export async function inspectProjectDirectory(projectDir: string, places: ForbiddenPlaces): Promise<DirectoryVerdict> {
  const unfit = unfitPath(projectDir);
  if (unfit !== null) return refused(unfit, 'give an absolute path without such characters');
  const real = await realProjectDir(projectDir, '/');
  const forbidden = await forbiddenPlace(real, places);
  if (forbidden !== null) return refused(`${real} ${forbidden}`, CURE_EMPTY);
  const found = await lstat(real).catch(nullWhenMissing);
  if (found === null) return usableOnce(real, await nearestExisting(path.dirname(real)), 'new');
  if (!found.isDirectory()) return refused(`${real} is not a directory`, CURE_EMPTY);
  if (await isMarked(real)) return usableOnce(real, real, 'ours');
  const entries = (await readdir(real)).filter((name) => !name.endsWith('.nightshift-new') && name !== POLICY_FILE);
  if (entries.length === 0) return usableOnce(real, real, 'new');
  const some = entries.sort().slice(0, 3).join(', ');
  return refused(`${real} is not empty (${some}) and was not made by Nightshift, which would overwrite it`, CURE_EMPTY);
}

/** Makes the directory if need be (the sandbox can only be opened over one that exists). */
export async function makeProjectDirectory(realProjectDir: string): Promise<void> {
  await mkdir(realProjectDir, { recursive: true });
}

export interface Groundwork {
  readonly spec: string;
  /** Name of the project, from the spec: goes into the first commit's message. */
  readonly projectName: string;
  /** Further files of Nightshift's own: path in the project -> text. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Mark, repository, `.gitignore`, spec and head of the progress file, then the first commit. Repeatable after a
 * crash at any point; files that are there stay, except for the spec. Returns the repository's root commit.
 */
export async function layGroundwork(sandbox: Sandbox, git: Git, work: Groundwork): Promise<string> {
  if ((await readProjectFile(sandbox, SETTINGS_FILE)) === null) {
    await writeProjectFile(sandbox, SETTINGS_FILE, settingsText());
  }
  await git.init();
  const root = await git.rootCommit();
  if (root !== null) return root;
  await git.removeStaleLocks();
  await writeProjectFile(sandbox, '.gitignore', GITIGNORE);
  await writeProjectFile(sandbox, SPEC_FILE, work.spec);
  for (const [file, text] of Object.entries(work.files)) await writeProjectFile(sandbox, file, text);
  await writeProjectFile(sandbox, PROGRESS_FILE, PROGRESS_HEAD);
  await git.commitAll(`Start ${work.projectName} from its specification`);
  const made = await git.rootCommit();
  if (made === null) throw new Error('the first commit was made but no root commit is found; look at `git log` there');
  return made;
}

/** Text of `.claude_settings.json` and `.claude/settings.json`: the policy, in the words of Claude Code's settings. */
export function settingsText(project?: ProjectPolicy): string {
  return `${JSON.stringify({ nightshift: { format: 1 }, ...claudeSettings(project) }, null, 2)}\n`;
}

const GITIGNORE = `.venv/
.env
__pycache__/
*.py[cod]
*.egg-info/
.pytest_cache/
.mypy_cache/
.ruff_cache/
.coverage
.coverage.*
htmlcov/
node_modules/
*.log
`;

function unfitPath(projectDir: string): string | null {
  if (!path.isAbsolute(projectDir)) return `the project directory "${projectDir}" is not an absolute path`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(projectDir))
    return `the project directory ${JSON.stringify(projectDir)} holds control characters`;
  if (projectDir.includes(':'))
    return `the project directory "${projectDir}" holds a colon, which no search path can carry`;
  return null;
}

async function forbiddenPlace(real: string, places: ForbiddenPlaces): Promise<string | null> {
  const [home, packageRoot, state] = await Promise.all(
    [places.home, places.packageRoot, places.state].map((place) => realProjectDir(place, '/')),
  );
  if (real === '/') return 'is the root directory';
  if (home !== undefined && isWithin(home, real)) return 'is your home directory or holds it';
  if (packageRoot !== undefined && isWithin(packageRoot, real))
    return 'is or holds the installation of Nightshift itself';
  if (state !== undefined && (isWithin(state, real) || isWithin(real, state)))
    return "overlaps Nightshift's state directory";
  const system = SYSTEM_PLACES.find((place) => isWithin(real, place));
  return system === undefined ? null : `lies in the system directory ${system}`;
}

/** True when `inner` is `outer` or below it. */
function isWithin(inner: string, outer: string): boolean {
  const way = path.relative(outer, inner);
  return way === '' || (!way.startsWith('..') && !path.isAbsolute(way));
}

async function nearestExisting(absolute: string): Promise<string> {
  const there = await realpath(absolute).catch(nullWhenMissing);
  return there !== null || absolute === '/' ? absolute : nearestExisting(path.dirname(absolute));
}

/** A repository with our settings file in it; links don't count. */
async function isMarked(real: string): Promise<boolean> {
  try {
    const handle = await open(path.join(real, SETTINGS_FILE), constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(4096), 0, 4096, 0);
      return buffer.subarray(0, bytesRead).toString('utf8').includes(MARK);
    } finally {
      await handle.close();
    }
  } catch {
    return false; // not there, a link, a folder or unreadable: not known as ours, so the caller refuses it
  }
}

async function usableOnce(real: string, writable: string, mark: 'new' | 'ours'): Promise<DirectoryVerdict> {
  try {
    await access(writable, constants.W_OK | constants.X_OK);
    return { kind: 'usable', path: real, mark };
  } catch {
    return refused(`${writable} is not writable for this user`, 'give another --project-dir, or change its owner');
  }
}

function refused(problem: string, cure: string): DirectoryVerdict {
  return { kind: 'refused', problem, cure };
}

function nullWhenMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}
