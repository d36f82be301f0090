import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ownRecord } from '../../../scripts/host-process.js';
import { releaseLock, takeLock } from '../../../scripts/supervisor/lock.js';
import { scratchDirectory } from '../../support/scratch.js';

let scratch: ReturnType<typeof scratchDirectory>;
let file: string;
beforeEach(() => {
  scratch = scratchDirectory();
  file = path.join(scratch.path, 'lock');
});
afterEach(() => scratch.remove());

it('is taken once, and names its owner to the second', () => {
  expect(takeLock(file)).toEqual({ taken: true });
  expect(takeLock(file)).toEqual({ taken: false, owner: ownRecord() });
});

it('is free again after its release', () => {
  takeLock(file);
  releaseLock(file);
  expect(existsSync(file)).toBe(false);
});

it('is taken over at once from a dead owner, also one whose pid lives on in another process', () => {
  writeFileSync(file, JSON.stringify({ pid: process.pid, startTime: 'before' }));
  expect(takeLock(file)).toEqual({ taken: true });
});

it('is taken over when it is half written', () => {
  writeFileSync(file, '{"pid":');
  expect(takeLock(file)).toEqual({ taken: true });
});
