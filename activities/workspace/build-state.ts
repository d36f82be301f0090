/**
 * A build's folder in the state directory and `build.json` in it: what this machine knows about the build besides the
 * workflow's own state. Only the holder of the build's lease writes here.
 */
import { createHash } from 'node:crypto';
import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { readFileOrNull, syncDirectory, writeFileAtomic } from '../../config/atomic-file.js';
import { StateDamaged } from '../../config/damaged-state.js';
import type { BuildSettings, Phase } from '../../workflows/contract.js';

export const BUILD_STATE_VERSION = 1;

/** Paths of one build in the state directory. */
export interface BuildFolder {
  readonly path: string;
  readonly record: string;
  readonly lease: string;
  readonly ledger: string;
  readonly journal: string;
  readonly evidence: string;
  readonly logs: string;
}

const sessionRecord = z.strictObject({
  number: z.number().int().positive(),
  phase: z.enum(['initializer', 'coding']),
  state: z.enum(['begun', 'ended', 'verified']),
  /** Commit that the session left on `main`; null until it ended. */
  commit: z.string().nullable(),
});
export type SessionRecord = z.infer<typeof sessionRecord>;

const buildRecord = z.strictObject({
  version: z.literal(BUILD_STATE_VERSION),
  buildId: z.string(),
  projectDir: z.string(),
  /** Null between the claim and the first commit. */
  rootCommit: z.string().nullable(),
  specDigest: z.string(),
  settings: z.custom<BuildSettings>((value) => typeof value === 'object' && value !== null),
  workflowId: z.string(),
  sessions: z.array(sessionRecord),
});
export type BuildRecord = Readonly<z.infer<typeof buildRecord>>;

/** build.json is of another version, or damaged. */
export class BuildStateUnreadable extends StateDamaged {
  override readonly name = 'BuildStateUnreadable';
}

export interface Claim {
  readonly buildId: string;
  readonly projectDir: string;
  readonly specDigest: string;
  readonly settings: BuildSettings;
  readonly workflowId: string;
  /** Root commit found in the project directory now; null when there is no repository. */
  readonly rootCommit: string | null;
  /** Whether that workflow is still running, asked only about another workflow than the claiming one. */
  ownerIsLive(workflowId: string): Promise<boolean>;
}

export type Claimed =
  | { readonly kind: 'new'; readonly record: BuildRecord; readonly archived: string | null }
  | { readonly kind: 'resumed'; readonly record: BuildRecord }
  | { readonly kind: 'spec_changed'; readonly recorded: string; readonly given: string }
  | { readonly kind: 'owned'; readonly workflowId: string };

export function buildFolder(buildsDirectory: string, buildId: string): BuildFolder {
  const folder = path.join(buildsDirectory, buildId);
  const inside = (name: string): string => path.join(folder, name);
  return {
    path: folder,
    record: inside('build.json'),
    lease: inside('lease'),
    ledger: inside('ledger.json'),
    journal: inside('journal'),
    evidence: inside('evidence'),
    logs: inside('logs'),
  };
}

/** Digest by which a changed spec is noticed: `sha256:` and 64 hex digits of the text's UTF-8 bytes. */
export function specDigest(spec: string): string {
  return `sha256:${createHash('sha256').update(spec, 'utf8').digest('hex')}`;
}

/** The build's record, null when there is none yet. Throws BuildStateUnreadable with the way out. */
export async function readBuildRecord(folder: BuildFolder): Promise<BuildRecord | null> {
  const text = await readFileOrNull(folder.record);
  if (text === null) return null;
  const parsed = buildRecord.safeParse(jsonOrUndefined(text));
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') || 'the whole file';
  throw new BuildStateUnreadable(
    `${folder.record} is not a record of version ${BUILD_STATE_VERSION} (${where}): use the Nightshift version that ` +
      `wrote it, or move ${folder.path} away to start the build anew`,
  );
}

/**
 * Makes the build this workflow's: a new record, or the one that is there. Another repository at the same path
 * (another root commit, or none any more) archives the old folder first.
 */
export async function claimBuild(folder: BuildFolder, claim: Claim): Promise<Claimed> {
  const found = await readBuildRecord(folder);
  if (found === null) return { kind: 'new', record: await writeNew(folder, claim), archived: null };
  if (found.workflowId !== claim.workflowId && (await claim.ownerIsLive(found.workflowId))) {
    return { kind: 'owned', workflowId: found.workflowId };
  }
  if (found.rootCommit !== null && found.rootCommit !== claim.rootCommit) {
    const archived = await archive(folder, found.rootCommit);
    return { kind: 'new', record: await writeNew(folder, claim), archived };
  }
  if (found.specDigest !== claim.specDigest) {
    return { kind: 'spec_changed', recorded: found.specDigest, given: claim.specDigest };
  }
  const record = { ...found, workflowId: claim.workflowId, settings: claim.settings };
  return { kind: 'resumed', record: await write(folder, record) };
}

/** Notes the repository's root commit, once it exists. */
export async function recordRootCommit(folder: BuildFolder, rootCommit: string): Promise<BuildRecord> {
  return write(folder, { ...(await existing(folder)), rootCommit });
}

/** Notes that a session begins; a session that was begun before goes on under its number. */
export async function recordSessionBegun(folder: BuildFolder, number: number, phase: Phase): Promise<BuildRecord> {
  const record = await existing(folder);
  if (record.sessions.some((session) => session.number === number)) return record;
  const begun: SessionRecord = { number, phase, state: 'begun', commit: null };
  return write(folder, { ...record, sessions: [...record.sessions, begun].sort((a, b) => a.number - b.number) });
}

/** Notes the commit that a session ended with. */
export async function recordSessionEnded(folder: BuildFolder, number: number, commit: string): Promise<BuildRecord> {
  const record = await existing(folder);
  const sessions = record.sessions.map((session) =>
    session.number === number ? { ...session, state: 'ended' as const, commit } : session,
  );
  return write(folder, { ...record, sessions });
}

/** Notes that a session's work is measured and recorded in the project. */
export async function recordSessionVerified(folder: BuildFolder, number: number): Promise<BuildRecord> {
  const record = await existing(folder);
  const sessions = record.sessions.map((session) =>
    session.number === number ? { ...session, state: 'verified' as const } : session,
  );
  return write(folder, { ...record, sessions });
}

/** Highest session number known, 0 when none. */
export function lastSession(record: BuildRecord): number {
  return Math.max(0, ...record.sessions.map((session) => session.number));
}

/** The session that was begun and not ended, if any. */
export function unfinishedSession(record: BuildRecord): number | null {
  return record.sessions.find((session) => session.state === 'begun')?.number ?? null;
}

/** The newest session, when it ended and was not verified (stop or terminate in between). */
export function unverifiedSession(record: BuildRecord): number | null {
  const newest = record.sessions.at(-1);
  return newest?.state === 'ended' ? newest.number : null;
}

/** True while an initializer's work is not yet recorded: its list counts as locked only after that. */
export function initializerOpen(record: BuildRecord): boolean {
  const newest = record.sessions.at(-1);
  return newest?.phase === 'initializer' && newest.state !== 'verified';
}

async function writeNew(folder: BuildFolder, claim: Claim): Promise<BuildRecord> {
  const { buildId, projectDir, rootCommit, specDigest, settings, workflowId } = claim;
  return write(folder, {
    version: BUILD_STATE_VERSION,
    buildId,
    projectDir,
    rootCommit,
    specDigest,
    settings,
    workflowId,
    sessions: [],
  });
}

async function write(folder: BuildFolder, record: BuildRecord): Promise<BuildRecord> {
  await writeFileAtomic(folder.record, `${JSON.stringify(record, null, 2)}\n`);
  return record;
}

async function existing(folder: BuildFolder): Promise<BuildRecord> {
  const record = await readBuildRecord(folder);
  if (record === null) throw new BuildStateUnreadable(`${folder.record} is gone: the build was never claimed here`);
  return record;
}

/** Moves the folder to `archive/` beside `builds/`, under a name that says whose it was. */
async function archive(folder: BuildFolder, rootCommit: string): Promise<string> {
  const builds = path.dirname(folder.path);
  const directory = path.join(path.dirname(builds), 'archive');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const base = path.join(directory, `${path.basename(folder.path)}-${rootCommit.slice(0, 12)}`);
  const target = await renameToFree(folder.path, base, 1);
  await Promise.all([syncDirectory(directory), syncDirectory(builds)]);
  return target;
}

async function renameToFree(from: string, base: string, attempt: number): Promise<string> {
  const target = attempt === 1 ? base : `${base}-${attempt}`;
  try {
    await rename(from, target);
    return target;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    return renameToFree(from, base, attempt + 1);
  }
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
