import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { lockedLedger } from '../../../activities/features/ledger.js';
import { readLedger, writeLedger } from '../../../activities/features/ledger-file.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'nightshift-ledger-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const ledger = lockedLedger({ version: 1, project: 'Tasks', features: [] });

describe('the ledger on disk', () => {
  test('there is none before it is written, and afterwards it is what was written', async () => {
    expect(await readLedger(folder)).toBeNull();
    await writeLedger(folder, ledger);
    expect(await readLedger(folder)).toEqual(ledger);
    expect(await readdir(folder)).toEqual(['ledger.json']);
    expect((await stat(path.join(folder, 'ledger.json'))).mode & 0o777).toBe(0o600);
  });

  test('many writers leave one whole ledger and no temporary files', async () => {
    const many = Array.from({ length: 20 }, (_, index) => ({ ...ledger, project: 'x'.repeat(index * 1000) }));
    await Promise.all(many.map((one) => writeLedger(folder, one)));
    expect(many).toContainEqual(await readLedger(folder));
    expect(await readdir(folder)).toEqual(['ledger.json']);
  });

  test('a file that is no ledger is named with its fault and the cure', async () => {
    await writeFile(path.join(folder, 'ledger.json'), '{"version": 9}');
    await expect(readLedger(folder)).rejects.toThrow(
      /ledger.json is not a ledger of version 1 \(version: .*move it away/,
    );
    await writeFile(path.join(folder, 'ledger.json'), '{"vers');
    await expect(readLedger(folder)).rejects.toThrow('whole file');
  });
});
