/** What an agent did to `feature_list.json`, in words; the file is then written from the ledger again. Pure. */
import type { Feature } from './feature.js';
import type { Ledger } from './ledger.js';
import { entryHash, FEATURE_LIST_FILE, parseFeatureList } from './list.js';

/** The departures of a file's text (null = no file) from the ledger it was written from, at most 20. */
export function listDepartures(ledger: Ledger, text: string | null): readonly string[] {
  if (text === null) return [`${FEATURE_LIST_FILE} was deleted; it is written again`];
  const parsed = parseFeatureList(text);
  if (parsed.kind === 'bad')
    return [`${FEATURE_LIST_FILE} was made unreadable (${parsed.problems[0]}); it is written again`];
  return departures(ledger, parsed.list.features)
    .slice(0, 20)
    .map((line) => `${FEATURE_LIST_FILE}: ${line}; put back`);
}

/** Entries of a list that are not what was locked: changed, added, missing. Empty = untouched. */
export function departures(ledger: Ledger, features: readonly Feature[]): string[] {
  const found = new Map(features.map((listed) => [listed.id, listed]));
  const locked = new Set(ledger.entries.map((known) => known.feature.id));
  return [
    ...ledger.entries.flatMap((known) => {
      const listed = found.get(known.feature.id);
      if (!listed) return [`"${known.feature.id}" is missing`];
      if (entryHash(listed) !== known.hash) return [`"${known.feature.id}" was changed`];
      return listed.passes === (known.state === 'passing')
        ? []
        : [`"${known.feature.id}" claims passes: ${listed.passes}`];
    }),
    ...features.filter((listed) => !locked.has(listed.id)).map((listed) => `"${listed.id}" was added`),
  ];
}
