import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EventLog, parseEvents } from '../../activities/event-log.js';
import { EventTail } from '../../scripts/event-tail.js';

let dir: string;
let file: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'events-'));
  file = path.join(dir, 'logs', 'events.jsonl');
});
afterEach(() => rm(dir, { recursive: true }));

const failOn = (error: Error): void => {
  throw error;
};

describe('the event log', () => {
  it('reaches a follower in order, also one that came before the file', async () => {
    const tail = new EventTail(file);
    expect(await tail.next()).toEqual([]);
    const log = new EventLog(file, failOn);
    log.append({ kind: 'note', text: 'one' });
    log.append({ kind: 'note', text: 'two' });
    await log.flush();
    expect((await tail.next()).map((event) => event.kind === 'note' && event.text)).toEqual(['one', 'two']);
    expect(await tail.next()).toEqual([]);
  });

  it('shows an attached follower only what comes', async () => {
    const log = new EventLog(file, failOn);
    log.append({ kind: 'note', text: 'old' });
    await log.flush();
    const tail = new EventTail(file);
    await tail.skipToEnd();
    log.append({ kind: 'note', text: 'new' });
    await log.flush();
    expect(await tail.next()).toMatchObject([{ text: 'new' }]);
  });

  it('goes on after a rotation, and waits for the rest of a torn line', async () => {
    const log = new EventLog(file, failOn);
    log.append({ kind: 'note', text: 'before' });
    await log.flush();
    const tail = new EventTail(file);
    await tail.next();
    await rename(file, `${file}.1`);
    await writeFile(file, '{"at":"x","kind":"note",');
    expect(await tail.next()).toEqual([]);
    await appendFile(file, '"text":"after"}\n');
    expect(await tail.next()).toMatchObject([{ text: 'after' }]);
  });

  it('bounds every text and reports a disk that refuses once, without throwing', async () => {
    const failures: Error[] = [];
    const log = new EventLog(path.join('/dev/null/nowhere', 'x.jsonl'), (error) => failures.push(error));
    log.append({ kind: 'note', text: 'x' });
    log.append({ kind: 'note', text: 'y' });
    await log.flush();
    expect(failures).toHaveLength(1);
    const good = new EventLog(file, failOn);
    good.append({ kind: 'text', text: 'z'.repeat(5_000) });
    await good.flush();
    expect(await new EventTail(file).next()).toMatchObject([{ text: 'z'.repeat(400) }]);
  });

  it('skips a damaged line and keeps the rest', () => {
    expect(parseEvents('garbage\n{"at":"x","kind":"note","text":"ok"}\n').events).toHaveLength(1);
  });
});
