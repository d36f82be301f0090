/** Kept histories: where they lie, how they are read, and what is taken out of one before it is kept. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../config/locations.js';

export const HISTORIES = path.join(packageRoot, 'test', 'replay', 'histories');

/** As `temporal workflow show -o json` prints it. */
export interface History {
  readonly events: readonly HistoryEvent[];
}

export type HistoryEvent = { readonly eventId: string; readonly eventType: string } & Readonly<Record<string, unknown>>;

/** Names of the kept histories, without the ending. */
export function keptHistories(): readonly string[] {
  return readdirSync(HISTORIES)
    .filter((name) => name.endsWith('.json'))
    .map((name) => path.basename(name, '.json'))
    .sort();
}

export function keptHistory(name: string): History {
  return JSON.parse(readFileSync(path.join(HISTORIES, `${name}.json`), 'utf8')) as History;
}

export function eventsOfType({ events }: History, type: string): readonly HistoryEvent[] {
  return events.filter(({ eventType }) => eventType === `EVENT_TYPE_${type}`);
}

/** The same history without what names a machine: `directory` becomes /srv, worker identities lose pid and host. */
export function withoutMachine(history: History, directory: string): History {
  const clean = (text: string): string => text.replaceAll(directory, '/srv');
  const walk = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') {
      if (key === 'identity') return 'worker';
      if (key === 'data') return Buffer.from(clean(Buffer.from(value, 'base64').toString('utf8'))).toString('base64');
      return clean(value).replace(/^\d+@.*-([0-9a-f]{32})$/, 'sticky-$1');
    }
    if (Array.isArray(value)) return value.map((item) => walk(item, key));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, walk(inner, name)]));
  };
  return walk(history, '') as History;
}
