/**
 * The ledger on disk, `ledger.json` in the build's folder of the state directory. Written whole or not at all:
 * temporary file, fsync, rename, fsync of the directory.
 */
import path from 'node:path';
import { readFileOrNull, writeFileAtomic } from '../../config/atomic-file.js';
import { StateDamaged } from '../../config/damaged-state.js';
import { LEDGER_VERSION, type Ledger, ledgerShape } from './ledger.js';

export const LEDGER_FILE = 'ledger.json';

/** The ledger in a build's folder, or null when no list was locked yet. Throws when the file is not a ledger. */
export async function readLedger(buildFolder: string): Promise<Ledger | null> {
  const file = path.join(buildFolder, LEDGER_FILE);
  const text = await readFileOrNull(file);
  if (text === null) return null;
  const parsed = ledgerShape.safeParse(jsonOrUndefined(text));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new StateDamaged(
    `${file} is not a ledger of version ${LEDGER_VERSION} (${issue?.path.join('.') || 'whole file'}: ${issue?.message}); ` +
      'restore it from a backup, or move it away to have the feature list proposed again',
  );
}

export async function writeLedger(buildFolder: string, ledger: Ledger): Promise<void> {
  await writeFileAtomic(path.join(buildFolder, LEDGER_FILE), `${JSON.stringify(ledger, null, 1)}\n`);
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
