/**
 * A session's journal: every model response and tool result, on disk before anything acts on it, so that a session
 * whose worker dies continues at its next turn and no model call is paid twice. Append-only; one writer per epoch.
 */
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { encodeRecord, JOURNAL_VERSION, type JournalEntry, type JournalRecord } from './journal-entry.js';
import {
  epochFile,
  journalSessions,
  makeSessionFolder,
  readSession,
  readSoundPart,
  syncFolder,
} from './journal-file.js';

/** The part of a lease that a journal needs (activities/workspace/lease.ts). */
export interface Fence {
  readonly epoch: number;
  /** Rejects when another epoch has taken over. */
  assertCurrent(): Promise<void>;
}

export interface Journal {
  readonly session: number;
  /** Everything recorded so far, in order, earlier epochs included. */
  readonly entries: readonly JournalEntry[];
  /** Resolves when the entry is on disk. Rejects when the lease is lost or the disk refuses; nothing counts then. */
  append(entry: JournalEntry): Promise<void>;
  close(): Promise<void>;
}

/** An append failed; what was written of it is cut off, and this journal takes no more. */
export class JournalWriteError extends Error {
  override readonly name = 'JournalWriteError';
}

/** Opens the session's journal for the fence's epoch, with all that earlier epochs recorded. `now` in ms. */
export async function openJournal(
  buildDir: string,
  session: number,
  fence: Fence,
  now: () => number = Date.now,
): Promise<Journal> {
  await fence.assertCurrent();
  const folder = await makeSessionFolder(buildDir, session);
  const file = epochFile(folder, fence.epoch);
  const handle = await open(file, 'a', 0o600);
  const { validBytes, fileBytes } = await readSoundPart(file);
  if (validBytes < fileBytes) await handle.truncate(validBytes);
  await syncFolder(path.dirname(file));
  const records = await readSession(buildDir, session);
  return new FileJournal(session, records, validBytes, handle, fence, now);
}

/** The entries of a session for reading only; works without a lease. */
export async function readJournal(buildDir: string, session: number): Promise<readonly JournalEntry[]> {
  return (await readSession(buildDir, session)).map((record) => record.entry);
}

/** The session that was begun and not ended (crash, pause, wait, terminate), or null. It continues under its number. */
export async function unfinishedSession(buildDir: string): Promise<number | null> {
  const newest = await newestBegun(buildDir);
  return newest === null || newest.entries.some((entry) => entry.kind === 'session_ended') ? null : newest.session;
}

/** Highest session number that ever began, 0 when none. */
export async function lastSession(buildDir: string): Promise<number> {
  return (await newestBegun(buildDir))?.session ?? 0;
}

/** A folder without a first entry is left of a crash before the session began: it doesn't count. */
async function newestBegun(buildDir: string): Promise<{ session: number; entries: readonly JournalEntry[] } | null> {
  for (const session of [...(await journalSessions(buildDir))].reverse()) {
    const entries = await readJournal(buildDir, session);
    if (entries.length > 0) return { session, entries };
  }
  return null;
}

class FileJournal implements Journal {
  readonly #entries: JournalEntry[];
  #validBytes: number;
  #broken = false;
  /** Appends go one after the other, whoever calls. */
  #last: Promise<void> = Promise.resolve();

  constructor(
    readonly session: number,
    records: readonly JournalRecord[],
    validBytes: number,
    private readonly handle: FileHandle,
    private readonly fence: Fence,
    private readonly now: () => number,
  ) {
    this.#entries = records.map((record) => record.entry);
    this.#validBytes = validBytes;
  }

  get entries(): readonly JournalEntry[] {
    return this.#entries;
  }

  append(entry: JournalEntry): Promise<void> {
    const appended = this.#last.then(() => this.#write(entry));
    this.#last = appended.catch(() => undefined);
    return appended;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.handle.close();
  }

  async #write(entry: JournalEntry): Promise<void> {
    if (this.#broken)
      throw new JournalWriteError(`journal of session ${this.session} took no more after a failed write`);
    await this.fence.assertCurrent();
    const at = new Date(this.now()).toISOString();
    const line = encodeRecord({ v: JOURNAL_VERSION, seq: this.#entries.length, at, entry });
    try {
      await this.handle.appendFile(line);
      await this.handle.datasync();
    } catch (error) {
      this.#broken = true;
      await this.handle.truncate(this.#validBytes).catch(() => undefined);
      throw new JournalWriteError(`session ${this.session}: the journal could not be written: ${String(error)}`, {
        cause: error,
      });
    }
    this.#validBytes += Buffer.byteLength(line);
    this.#entries.push(entry);
  }
}
