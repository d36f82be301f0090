/**
 * Which features sessions keep failing at, from facts alone: a session worked on it, it was measured, it does not pass,
 * and either nothing was committed or the failure is the same again. After SESSIONS_UNTIL_SET_ASIDE such sessions the
 * feature is set aside with its evidence and others go on. `stalls.json` in the build's folder; the lease's holder writes.
 */
import path from 'node:path';
import { z } from 'zod';
import { readFileOrNull, writeFileAtomic } from '../../config/atomic-file.js';
import { StateDamaged } from '../../config/damaged-state.js';
import type { Ledger, LedgerEntry } from '../features/ledger.js';

/** Sessions without progress on a feature after which it is set aside. */
export const SESSIONS_UNTIL_SET_ASIDE = 3;
/** Sessions on a feature, whatever changed, after which it is set aside all the same. */
export const MOST_SESSIONS = 8;

const FILE = 'stalls.json';

const stall = z.strictObject({
  /** Sessions that worked on it and left it failing. */
  tried: z.array(z.number().int()),
  /** Of these, the latest in a row that brought nothing. */
  stuck: z.array(z.number().int()),
  /** Its first failure, without values that are fresh in every run. */
  failure: z.string(),
  setAside: z.boolean(),
  /** What was seen last: the evidence a person is shown. */
  evidence: z.string(),
});
const stalls = z.strictObject({ version: z.literal(1), features: z.record(z.string(), stall) });
export type Stalls = z.infer<typeof stalls>;
type Stall = z.infer<typeof stall>;

export const NO_STALLS: Stalls = { version: 1, features: {} };

/** What a verified session says about stalls. */
export interface SessionFacts {
  readonly session: number;
  /** Ids of features, or names of resources, that the session worked on. */
  readonly topics: readonly string[];
  /** It left a commit of its own. */
  readonly moved: boolean;
}

/** The stalls after one more verified session. Applying the same session again changes nothing. */
export function stallsAfter(before: Stalls, ledger: Ledger, { session, topics, moved }: SessionFacts): Stalls {
  const features: Record<string, Stall> = {};
  for (const entry of ledger.entries) {
    const { id, resource } = entry.feature;
    const known = before.features[id];
    if (!isOpen(entry)) continue;
    const worked = topics.includes(id) || topics.includes(resource);
    const next = worked && !known?.tried.includes(session) ? tried(known, entry, session, moved) : known;
    if (next !== undefined) features[id] = next;
  }
  return { version: 1, features };
}

/** `<id>: <n> sessions, last: <failure>` for each feature that is set aside. */
export function setAside({ features }: Stalls): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(features)
      .filter(([, known]) => known.setAside)
      .map(([id, known]) => [id, `${id}: ${known.tried.length} sessions, last: ${known.evidence}`.slice(0, 300)]),
  );
}

/** Throws an Error that names the file when it is of another version or damaged. */
export async function readStalls(buildFolder: string): Promise<Stalls> {
  const file = path.join(buildFolder, FILE);
  const text = await readFileOrNull(file);
  if (text === null) return NO_STALLS;
  const parsed = stalls.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new StateDamaged(`${file} is not a list of stalls of version 1: remove it (counting begins anew), then resume`);
}

export async function writeStalls(buildFolder: string, value: Stalls): Promise<void> {
  await writeFileAtomic(path.join(buildFolder, FILE), `${JSON.stringify(value, null, 1)}\n`);
}

const isOpen = ({ state }: LedgerEntry): boolean => state === 'open' || state === 'regressed';

function tried(known: Stall | undefined, entry: LedgerEntry, session: number, moved: boolean): Stall {
  const failure = fingerprint(entry.failures[0] ?? '');
  const again = !moved || known?.failure === failure;
  const sessions = [...(known?.tried ?? []), session];
  const stuck = again ? [...(known?.stuck ?? []), session] : [session];
  return {
    tried: sessions,
    stuck,
    failure,
    setAside: stuck.length >= SESSIONS_UNTIL_SET_ASIDE || sessions.length >= MOST_SESSIONS,
    evidence: (entry.failures[0] ?? 'it was not measured').slice(0, 300),
  };
}

/** Values are fresh in every run; names, steps and three-digit statuses are not. */
function fingerprint(failure: string): string {
  return failure
    .replace(/"(?:[^"\\]|\\.)*"/g, '"…"')
    .replace(/\b[0-9a-f]{8}-[0-9a-f-]{27}\b/gi, '…')
    .replace(/\b(?!\d{3}\b)\d+\b/g, '…')
    .slice(0, 300);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
