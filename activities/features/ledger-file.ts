/**
 * The ledger on disk, `ledger.json` in the build's folder of the state directory. Written whole or not at all:
 * temporary file, fsync, rename, fsync of the directory.
 */
import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { LEDGER_VERSION, type Ledger, ledgerShape } from './ledger.js';

export const LEDGER_FILE = 'ledger.json';

/** The ledger in a build's folder, or null when no list was locked yet. Throws when the file is not a ledger. */
export async function readLedger(buildFolder: string): Promise<Ledger | null> {
  const file = path.join(buildFolder, LEDGER_FILE);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const parsed = ledgerShape.safeParse(jsonOrUndefined(text));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Error(
    `${file} is not a ledger of version ${LEDGER_VERSION} (${issue?.path.join('.') || 'whole file'}: ${issue?.message}); ` +
      'restore it from a backup, or move it away to have the feature list proposed again',
  );
}

export async function writeLedger(buildFolder: string, ledger: Ledger): Promise<void> {
  await writeAtomically(path.join(buildFolder, LEDGER_FILE), `${JSON.stringify(ledger, null, 1)}\n`);
}

/** The text is on the disk under its final name when this resolves; a crash leaves the old or the new file. */
export async function writeAtomically(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  const directory = await open(path.dirname(file), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
