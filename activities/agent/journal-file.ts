/**
 * Journal files on disk: `journal/<session>/<epoch>.jsonl` in the build's state folder, one writer each, and next to
 * an old one `<epoch>.sealed`, the length up to which it counts. Reads and seals; never appends (journal.ts does).
 */
import { link, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { decodeRecord, type JournalRecord } from './journal-entry.js';

/** Which epochs a take-over seals: everything below `below`; what is unsealed under `from` was written too late. */
export interface SealRange {
  readonly from: number;
  readonly below: number;
}

/** The sound beginning of one file. */
export interface SoundPart {
  readonly records: readonly JournalRecord[];
  /** Bytes of the sound lines; everything behind them is torn or damaged. */
  readonly validBytes: number;
  readonly fileBytes: number;
}

/** Reading a long journal must not hold up other sessions' heartbeats: a breath after so many bytes. */
const YIELD_BYTES = 1024 * 1024;

const NO_PART: SoundPart = { records: [], validBytes: 0, fileBytes: 0 };

export const sessionFolder = (buildDir: string, session: number): string =>
  path.join(buildDir, 'journal', String(session));
export const epochFile = (folder: string, epoch: number): string => path.join(folder, `${epoch}.jsonl`);
const sealFile = (folder: string, epoch: number): string => path.join(folder, `${epoch}.sealed`);

/** Numbers of the sessions that have a journal, ascending. */
export async function journalSessions(buildDir: string): Promise<readonly number[]> {
  return numbersIn(path.join(buildDir, 'journal'), /^(\d+)$/);
}

/** The sound lines of one file, at most `limit` bytes of it. A missing file has none. */
export async function readSoundPart(file: string, limit = Number.POSITIVE_INFINITY): Promise<SoundPart> {
  const bytes = await readFile(file).catch(nothingThere);
  if (bytes === null) return NO_PART;
  const counted = bytes.subarray(0, Math.min(limit, bytes.length));
  const records: JournalRecord[] = [];
  let start = 0;
  for (let end = counted.indexOf(0x0a); end >= 0; end = counted.indexOf(0x0a, start)) {
    const record = decodeRecord(counted.toString('utf8', start, end));
    if (record === null) break;
    records.push(record);
    if (Math.floor(end / YIELD_BYTES) > Math.floor(start / YIELD_BYTES)) await setImmediate();
    start = end + 1;
  }
  return { records, validBytes: start, fileBytes: bytes.length };
}

/**
 * Every record of a session that counts, in order: each sealed epoch up to its seal, and the newest unsealed one.
 * Ends at the first gap in the numbering: what lies behind it is not a continuation of what lies before.
 */
export async function readSession(buildDir: string, session: number): Promise<readonly JournalRecord[]> {
  const folder = sessionFolder(buildDir, session);
  const records: JournalRecord[] = [];
  for (const epoch of await journalEpochs(folder)) {
    const part = await readSoundPart(epochFile(folder, epoch), (await sealOf(folder, epoch)) ?? undefined);
    for (const record of part.records) if (record.seq === records.length) records.push(record);
  }
  return records;
}

/**
 * Fixes the valid length of every unsealed journal file of an older epoch. A writer that was thought dead and comes
 * back may go on appending: nobody reads it. The first seal of a file stands.
 */
export async function sealJournals(buildDir: string, { from, below }: SealRange): Promise<void> {
  for (const session of await journalSessions(buildDir)) {
    const folder = sessionFolder(buildDir, session);
    const sealed = new Set(await numbersIn(folder, /^(\d+)\.sealed$/));
    for (const epoch of await journalEpochs(folder)) {
      if (epoch >= below || sealed.has(epoch)) continue;
      const validBytes = epoch < from ? 0 : (await readSoundPart(epochFile(folder, epoch))).validBytes;
      await writeSeal(folder, epoch, validBytes);
    }
  }
}

/** Flushes a directory's entries, so that a file created in it survives a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Creates the session's folder if it is new. */
export async function makeSessionFolder(buildDir: string, session: number): Promise<string> {
  const folder = sessionFolder(buildDir, session);
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (made !== undefined) await syncFolder(path.dirname(folder));
  return folder;
}

async function journalEpochs(folder: string): Promise<readonly number[]> {
  return numbersIn(folder, /^(\d+)\.jsonl$/);
}

async function sealOf(folder: string, epoch: number): Promise<number | null> {
  const text = await readFile(sealFile(folder, epoch), 'utf8').catch(nothingThere);
  return text === null ? null : Number(text);
}

/** Linked into place complete: a seal is there whole or not at all, and never replaces another. */
async function writeSeal(folder: string, epoch: number, validBytes: number): Promise<void> {
  const temporary = path.join(folder, `${epoch}.sealing.${process.pid}`);
  await rm(temporary, { force: true });
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(String(validBytes));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await link(temporary, sealFile(folder, epoch)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(temporary, { force: true });
  await syncFolder(folder);
}

async function numbersIn(folder: string, pattern: RegExp): Promise<readonly number[]> {
  const names = (await readdir(folder).catch(nothingThere)) ?? [];
  return names
    .map((name) => pattern.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

function nothingThere(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
