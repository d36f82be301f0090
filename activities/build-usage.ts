/** What a build has used in all its sessions, read from their journals: the record that outlives any workflow. */
import path from 'node:path';
import { readFileOrNull } from '../config/atomic-file.js';
import type { Locations } from '../config/locations.js';
import { addUsage, NO_USAGE, type Usage } from '../workflows/usage.js';
import { readJournal } from './agent/journal.js';
import { journalSessions } from './agent/journal-file.js';
import { ownRows, PRICES_FILE, type PriceOf, pricesWith } from './agent/prices.js';
import { usageOf } from './agent/usage.js';
import { failure } from './failures.js';

/** Usage of all sessions but `open`, and of `open` (a session's number, or null). */
export async function buildUsage(
  buildFolder: string,
  open: number | null,
): Promise<{ readonly ended: Usage; readonly open: Usage }> {
  let ended = NO_USAGE;
  let ofOpen = NO_USAGE;
  for (const session of await journalSessions(buildFolder)) {
    const usage = usageOf(await readJournal(buildFolder, session));
    if (session === open) ofOpen = usage;
    else ended = addUsage(ended, usage);
  }
  return { ended, open: ofOpen };
}

/** Prices with the person's own rows. A file that cannot be read as prices parks the build: a guess could cost money. */
export async function prices({ state }: Locations): Promise<PriceOf> {
  const file = path.join(state, PRICES_FILE);
  const text = await readFileOrNull(file);
  if (text === null) return pricesWith([]);
  try {
    return pricesWith(ownRows(text, file));
  } catch (error) {
    throw failure('PricesUnusable', error instanceof Error ? error.message : String(error));
  }
}
