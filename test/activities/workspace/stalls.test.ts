import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Feature } from '../../../activities/features/feature.js';
import { type Ledger, type LedgerEntry, lockedLedger } from '../../../activities/features/ledger.js';
import {
  NO_STALLS,
  readStalls,
  type Stalls,
  setAside,
  stallsAfter,
  writeStalls,
} from '../../../activities/workspace/stalls.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

const feature = (id: string): Feature => ({
  ...{ id, category: 'endpoint', resource: 'notes', method: 'GET', path: '/api/v1/notes', description: 'd' },
  ...{ test_cases: [], passes: false },
});
const locked = lockedLedger({ version: 1, project: 'Notes', features: [feature('notes-get'), feature('notes-list')] });

/** The ledger with `notes-get` failing in this way, or in another state. */
function failing(failure: string, state: LedgerEntry['state'] = 'open'): Ledger {
  const entries = locked.entries.map((entry) =>
    entry.feature.id === 'notes-get' ? { ...entry, state, failures: [failure] } : entry,
  );
  return { ...locked, entries };
}

/** Sessions 2, 3, … on `notes-get`, each with what it left. */
function stallsOf(...sessions: readonly { failure: string; moved?: boolean; topics?: string[] }[]): Stalls {
  return sessions.reduce(
    (known, { failure, moved = true, topics = ['notes-get'] }, index) =>
      stallsAfter(known, failing(failure), { session: index + 2, topics, moved }),
    NO_STALLS,
  );
}
const aside = (stalls: Stalls): string[] => [...setAside(stalls).keys()];

describe('a feature', () => {
  it('is set aside with its evidence after three sessions that met the same failure', () => {
    const failure = (title: string): string =>
      `create: request: expected status 201, got {"title": "${title}", "status": 500}`;
    expect(aside(stallsOf({ failure: failure('a') }, { failure: failure('b') }))).toEqual([]);
    const three = stallsOf({ failure: failure('a') }, { failure: failure('b') }, { failure: failure('c') });
    expect([...setAside(three).values()]).toEqual([
      expect.stringContaining('notes-get: 3 sessions, last: create: request'),
    ]);
  });

  it('is not while the failure changes and commits are made, but not without end', () => {
    const other = (n: number) => ({ failure: `case ${'x'.repeat(n)}: got status 500` });
    expect(aside(stallsOf(...[1, 2, 3, 4, 5, 6, 7].map(other)))).toEqual([]);
    expect(aside(stallsOf(...[1, 2, 3, 4, 5, 6, 7, 8].map(other)))).toEqual(['notes-get']);
  });

  it('counts a session that committed nothing, whatever it failed with', () => {
    const idle = (failure: string) => ({ failure, moved: false });
    expect(aside(stallsOf(idle('a'), idle('b'), idle('c')))).toEqual(['notes-get']);
  });

  it('is not charged for sessions on other features, and is charged for its whole resource', () => {
    const elsewhere = { failure: 'same', topics: ['tasks-create'] };
    expect(aside(stallsOf(elsewhere, elsewhere, elsewhere))).toEqual([]);
    const resource = { failure: 'same', topics: ['notes'] };
    expect(aside(stallsOf(resource, resource, resource))).toContain('notes-get');
  });

  it('is counted once a session however often the verification is repeated, and forgotten when it passes', () => {
    const once = stallsOf({ failure: 'same' }, { failure: 'same' });
    const facts = { session: 3, topics: ['notes-get'], moved: true };
    expect(stallsAfter(once, failing('same'), facts)).toEqual(once);
    expect(stallsAfter(once, failing('same', 'passing'), { ...facts, session: 4 })).toEqual(NO_STALLS);
  });
});

describe('the file of stalls', () => {
  let temporary: TemporaryDirectory;
  beforeEach(async () => {
    temporary = await temporaryDirectory();
  });
  afterEach(() => temporary.remove());

  it('is read as it was written, and is empty before', async () => {
    expect(await readStalls(temporary.path)).toEqual(NO_STALLS);
    const stalls = stallsOf({ failure: 'same' });
    await writeStalls(temporary.path, stalls);
    expect(await readStalls(temporary.path)).toEqual(stalls);
  });

  it('of another version is refused by name, with the way out', async () => {
    writeFileSync(path.join(temporary.path, 'stalls.json'), '{"version": 2, "features": {}}');
    await expect(readStalls(temporary.path)).rejects.toThrow(/stalls\.json is not .* version 1: remove it/);
  });
});
