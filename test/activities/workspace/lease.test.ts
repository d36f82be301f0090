import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openJournal, readJournal } from '../../../activities/agent/journal.js';
import type { JournalEntry } from '../../../activities/agent/journal-entry.js';
import { sealJournals } from '../../../activities/agent/journal-file.js';
import { identityOf } from '../../../activities/security/holder.js';
import { type Lease, LeaseLost, leaseHolder, takeLease } from '../../../activities/workspace/lease.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

let directory: TemporaryDirectory;
const children: ChildProcess[] = [];

beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await directory.remove();
});

const take = (owner = 'build-1'): Promise<Lease> =>
  takeLease({ buildDir: directory.path, owner, seal: (range) => sealJournals(directory.path, range) });

const note = (text: string): JournalEntry => ({ kind: 'note', id: text, source: 'steer', text });

function sleeper(detached = false): ChildProcess {
  const child = spawn('sleep', ['600'], { stdio: 'ignore', detached });
  children.push(child);
  return child;
}

const gone = (child: ChildProcess): Promise<unknown> =>
  child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve();

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('the process did not start');
  return child.pid;
}

describe('the lease', () => {
  it('gives every taker a higher epoch than the one before, and only the newest is current', async () => {
    const [first, second] = [await take(), await take()];
    expect([first.epoch, second.epoch]).toEqual([1, 2]);
    await expect(first.assertCurrent()).rejects.toThrow(LeaseLost);
    await expect(first.assertCurrent()).rejects.toThrow('epoch 1 no longer holds');
    await expect(second.assertCurrent()).resolves.toBeUndefined();
  });

  it('never gives one epoch to two takers at the same time', async () => {
    const takers = await Promise.allSettled(Array.from({ length: 8 }, () => take()));
    const leases = takers.flatMap((taker) => (taker.status === 'fulfilled' ? [taker.value] : []));
    expect(new Set(leases.map(({ epoch }) => epoch)).size).toBe(leases.length);
    const current = await Promise.allSettled(leases.map((lease) => lease.assertCurrent()));
    expect(current.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await leaseHolder(directory.path))?.epoch).toBe(8);
  });

  it('is not blocked by a taker that died in the middle', async () => {
    await takeLease({ buildDir: directory.path, owner: 'dead', seal: () => Promise.reject(new Error('killed')) }).catch(
      () => undefined,
    );
    expect((await take()).epoch).toBe(2);
  });

  it('names its owner, for people', async () => {
    expect(await leaseHolder(directory.path)).toBeNull();
    await take('nightshift-shop-123');
    expect(await leaseHolder(directory.path)).toMatchObject({ owner: 'nightshift-shop-123', epoch: 1, settled: true });
  });

  it('ends the sandbox that an older epoch left running', async () => {
    const sandbox = sleeper();
    await (await take()).recordSandbox(identityOf(pidOf(sandbox)));
    await take();
    await gone(sandbox);
    expect(sandbox.signalCode).toBe('SIGKILL');
  });

  it('ends a recorded process group', async () => {
    const leader = sleeper(true);
    await (await take()).recordSandbox(null, pidOf(leader));
    await take();
    await gone(leader);
    expect(leader.signalCode).toBe('SIGKILL');
  });

  it('leaves a process alone that only got the same number', async () => {
    const stranger = sleeper();
    await (await take()).recordSandbox({ pid: pidOf(stranger), startTime: '1' });
    await take();
    expect(identityOf(pidOf(stranger))).not.toBeNull();
  });

  it('leaves alone what was recorded on another host, in an earlier boot, or released', async () => {
    const stranger = sleeper();
    const lease = await take();
    await lease.recordSandbox(identityOf(pidOf(stranger)));
    const file = path.join(directory.path, 'lease', '1.json');
    const claim = JSON.parse(await readFile(file, 'utf8'));
    for (const change of [{ host: 'elsewhere' }, { bootId: 'before' }, { released: true }]) {
      await writeFile(file, JSON.stringify({ ...claim, ...change }));
      await take();
      await writeFile(file, JSON.stringify({ ...claim, ...change }));
    }
    expect(identityOf(pidOf(stranger))).not.toBeNull();
  });

  it('refuses to record for an epoch that was overtaken', async () => {
    const first = await take();
    await take();
    await expect(first.recordSandbox(identityOf(process.pid))).rejects.toThrow(LeaseLost);
    await expect(first.release()).resolves.toBeUndefined();
    expect(await leaseHolder(directory.path)).toMatchObject({ epoch: 2, released: false });
  });

  it('keeps no more claims than it needs', async () => {
    for (let count = 0; count < 5; count += 1) await take();
    expect((await readdir(path.join(directory.path, 'lease'))).sort()).toEqual(['4.json', '5.json']);
  });
});

describe('a writer that was thought dead', () => {
  it('can not append where the new epoch reads', async () => {
    const old = await openJournal(directory.path, 1, await take());
    await old.append(note('before'));
    const current = await openJournal(directory.path, 1, await take());
    await expect(old.append(note('too late'))).rejects.toThrow(LeaseLost);
    await current.append(note('after'));
    expect(await readJournal(directory.path, 1)).toEqual([note('before'), note('after')]);
    await Promise.all([old.close(), current.close()]);
  });

  it('is not read even when it was suspended between its last check and the write', async () => {
    const lease = await take();
    const suspended = { epoch: lease.epoch, assertCurrent: async () => undefined };
    const old = await openJournal(directory.path, 1, suspended);
    await old.append(note('before'));
    const current = await openJournal(directory.path, 1, await take());
    await old.append(note('too late'));
    await current.append(note('after'));
    const further = await openJournal(directory.path, 1, await take());
    expect(further.entries).toEqual([note('before'), note('after')]);
    await Promise.all([old, current, further].map((journal) => journal.close()));
  });

  it('is not read when it begins a journal after a take-over that came to its end', async () => {
    const lease = await take();
    await take();
    const late = await openJournal(directory.path, 2, { epoch: lease.epoch, assertCurrent: async () => undefined });
    await late.append(note('too late'));
    const current = await openJournal(directory.path, 2, await take());
    expect(current.entries).toEqual([]);
    await Promise.all([late.close(), current.close()]);
  });

  it('keeps what it wrote when the one who overtook it died before sealing', async () => {
    const old = await openJournal(directory.path, 1, await take());
    await old.append(note('before'));
    await takeLease({ buildDir: directory.path, owner: 'dead', seal: () => Promise.reject(new Error('killed')) }).catch(
      () => undefined,
    );
    const current = await openJournal(directory.path, 1, await take());
    expect(current.entries).toEqual([note('before')]);
    await Promise.all([old.close(), current.close()]);
  });
});
