import { chmod, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readFileOrNull, writeFileAtomic } from '../../config/atomic-file.js';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.js';

describe('writeFileAtomic', () => {
  let home: TemporaryDirectory;
  beforeEach(async () => {
    home = await temporaryDirectory();
  });
  afterEach(() => home.remove());

  test('makes the folders above and a file that only its owner reads', async () => {
    const file = path.join(home.path, 'builds', 'one', 'build.json');
    await writeFileAtomic(file, 'text');
    expect(await readFile(file, 'utf8')).toBe('text');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
  });

  test('leaves one whole text and no temporary file after concurrent writers', async () => {
    const file = path.join(home.path, 'ledger.json');
    const texts = Array.from({ length: 20 }, (_, n) => String(n).repeat(10_000));
    await Promise.all(texts.map((text) => writeFileAtomic(file, text)));
    expect(texts).toContain(await readFile(file, 'utf8'));
    expect(await readdir(home.path)).toEqual(['ledger.json']);
  });

  test('removes its temporary file when the name is taken by a folder', async () => {
    const file = path.join(home.path, 'taken');
    await mkdir(path.join(file, 'inside'), { recursive: true });
    await expect(writeFileAtomic(file, 'text')).rejects.toThrow(/EISDIR|ENOTEMPTY/);
    expect(await readdir(home.path)).toEqual(['taken']);
  });

  test('reads a missing file as null and reports any other trouble', async () => {
    expect(await readFileOrNull(path.join(home.path, 'none'))).toBeNull();
    await chmod(home.path, 0o700);
    await expect(readFileOrNull(home.path)).rejects.toThrow(/EISDIR/);
  });
});
