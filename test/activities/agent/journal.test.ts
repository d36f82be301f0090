import { appendFile, open, readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Fence,
  type Journal,
  lastSession,
  openJournal,
  readJournal,
  unfinishedSession,
} from '../../../activities/agent/journal.js';
import { encodeRecord, type JournalEntry, JournalVersionError } from '../../../activities/agent/journal-entry.js';
import { sealJournals } from '../../../activities/agent/journal-file.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

let directory: TemporaryDirectory;
const opened: Journal[] = [];

beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((journal) => journal.close()));
  await directory.remove();
});

const fence = (epoch: number): Fence => ({ epoch, assertCurrent: async () => undefined });
const note = (text: string): JournalEntry => ({ kind: 'note', id: text, source: 'steer', text });
const started: JournalEntry = {
  kind: 'session_started',
  session: 1,
  phase: 'coding',
  model: 'm',
  systemHash: 's',
  toolsHash: 't',
  firstMessage: 'hello',
};
const fileOf = (session: number, epoch: number): string =>
  path.join(directory.path, 'journal', String(session), `${epoch}.jsonl`);

async function journal(epoch: number, session = 1): Promise<Journal> {
  const one = await openJournal(directory.path, session, fence(epoch));
  opened.push(one);
  return one;
}

describe('a journal', () => {
  it('is JSON lines, each with a checksum, a version, a number and a time', async () => {
    const one = await journal(1);
    await one.append(note('a "quoted" é\n\u2028 note'));
    const lines = (await readFile(fileOf(1, 1), 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      sum: expect.stringMatching(/^[0-9a-f]{16}$/),
      body: { v: 1, seq: 0, at: expect.any(String), entry: note('a "quoted" é\n\u2028 note') },
    });
  });

  it('goes on in a file of the next epoch with all that was recorded before', async () => {
    await (await journal(1)).append(note('a'));
    await (await journal(2)).append(note('b'));
    const third = await journal(3);
    expect(third.entries).toEqual([note('a'), note('b')]);
  });

  it('keeps the order of appends that were made at once', async () => {
    const one = await journal(1);
    const notes = Array.from({ length: 20 }, (_, index) => note(String(index)));
    await Promise.all(notes.map((entry) => one.append(entry)));
    expect(await readJournal(directory.path, 1)).toEqual(notes);
  });

  it('cuts a torn last line at every byte, and loses only that line', async () => {
    const one = await journal(1);
    await one.append(note('kept'));
    const sound = (await readFile(fileOf(1, 1))).length;
    await one.append(note('torn é'));
    const whole = await readFile(fileOf(1, 1));
    for (let length = sound; length < whole.length; length += 1) {
      await writeFile(fileOf(1, 1), whole.subarray(0, length));
      expect(await readJournal(directory.path, 1)).toEqual([note('kept')]);
    }
  });

  it('appends behind a torn line of its own epoch only after cutting it off', async () => {
    await (await journal(1)).append(note('kept'));
    await appendFile(fileOf(1, 1), '{"sum":"0123');
    const again = await journal(1);
    await again.append(note('next'));
    expect(await readJournal(directory.path, 1)).toEqual([note('kept'), note('next')]);
  });

  it('goes on from the last sound entry when an older epoch ends torn', async () => {
    const one = await journal(1);
    for (const text of ['a', 'b']) await one.append(note(text));
    await truncate(fileOf(1, 1), (await readFile(fileOf(1, 1))).length - 3);
    await sealJournals(directory.path, { from: 0, below: 2 });
    const two = await journal(2);
    await two.append(note('b again'));
    expect(await readJournal(directory.path, 1)).toEqual([note('a'), note('b again')]);
  });

  it('trusts nothing behind a damaged line', async () => {
    const one = await journal(1);
    for (const text of ['a', 'b', 'c']) await one.append(note(text));
    const text = await readFile(fileOf(1, 1), 'utf8');
    await writeFile(fileOf(1, 1), text.replace('"text":"b"', '"text":"x"'));
    expect(await readJournal(directory.path, 1)).toEqual([note('a')]);
  });

  it('refuses a newer format by name', async () => {
    await (await journal(1)).append(note('a'));
    await appendFile(fileOf(1, 1), encodeRecord({ v: 99, seq: 1, at: '', entry: note('b') }));
    await expect(readJournal(directory.path, 1)).rejects.toThrow(JournalVersionError);
    await expect(readJournal(directory.path, 1)).rejects.toThrow('format 99');
  });

  it('writes nothing when the lease is lost', async () => {
    let current = true;
    const lost = async (): Promise<void> => {
      if (!current) throw new Error('lost');
    };
    const one = await openJournal(directory.path, 1, { epoch: 1, assertCurrent: lost });
    opened.push(one);
    await one.append(note('a'));
    current = false;
    await expect(one.append(note('b'))).rejects.toThrow('lost');
    expect(one.entries).toEqual([note('a')]);
    expect(await readJournal(directory.path, 1)).toEqual([note('a')]);
  });

  it('takes nothing more after a write that the disk refused', async () => {
    const one = await openJournal(directory.path, 1, fence(1));
    await one.append(note('a'));
    await one.close();
    await expect(one.append(note('b'))).rejects.toThrow('could not be written');
    await expect(one.append(note('c'))).rejects.toThrow('took no more');
    expect(await readJournal(directory.path, 1)).toEqual([note('a')]);
  });
});

describe('an unfinished session', () => {
  it('is the newest one that began and has no end', async () => {
    expect(await unfinishedSession(directory.path)).toBeNull();
    expect(await lastSession(directory.path)).toBe(0);
    const first = await journal(1, 1);
    await first.append(started);
    await first.append({ kind: 'session_ended', reason: 'end_turn' });
    expect(await unfinishedSession(directory.path)).toBeNull();
    await (await journal(2, 2)).append(started);
    expect(await unfinishedSession(directory.path)).toBe(2);
    expect(await lastSession(directory.path)).toBe(2);
  });

  it('has begun only when its first entry is on disk', async () => {
    await journal(1, 1);
    expect(await unfinishedSession(directory.path)).toBeNull();
    expect(await lastSession(directory.path)).toBe(0);
  });

  it('is still unfinished when the line of its end was torn', async () => {
    const one = await journal(1, 10);
    await one.append(started);
    await one.append({ kind: 'session_ended', reason: 'end_turn' });
    const handle = await open(fileOf(10, 1), 'r+');
    await handle.truncate((await handle.stat()).size - 1);
    await handle.close();
    expect(await unfinishedSession(directory.path)).toBe(10);
  });
});
