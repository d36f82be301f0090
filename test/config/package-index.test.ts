import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { packageIndex, uvEnvironment } from '../../config/package-index.js';
import { scratchDirectory } from '../support/scratch.js';

describe('the person’s package index', () => {
  let home: ReturnType<typeof scratchDirectory>;
  beforeEach(() => {
    home = scratchDirectory();
    mkdirSync(path.join(home.path, '.config', 'pip'), { recursive: true });
  });
  afterEach(() => home.remove());

  it('is read from pip’s file, with values that go over several lines', () => {
    const text =
      '[global]\nindex-url = https://one.test/simple/\nextra-index-url =\n  https://two.test/a\n  https://two.test/b\n[list]\nindex-url = https://no.test\n';
    writeFileSync(path.join(home.path, '.config', 'pip', 'pip.conf'), text);
    expect(packageIndex({ HOME: home.path })).toMatchObject({
      indexUrl: 'https://one.test/simple',
      extraIndexUrls: ['https://two.test/a', 'https://two.test/b'],
    });
  });

  it('is the environment’s before the file’s', () => {
    writeFileSync(path.join(home.path, '.config', 'pip', 'pip.conf'), '[global]\nindex-url = https://file.test\n');
    expect(packageIndex({ HOME: home.path, PIP_INDEX_URL: 'https://env.test' }).indexUrl).toBe('https://env.test');
  });

  it('is handed to uv in uv’s words, and leaves what the person set for uv', () => {
    const environment = {
      HOME: home.path,
      PIP_INDEX_URL: 'https://env.test',
      PIP_FIND_LINKS: `${home.path} /nonexistent https://links.test`,
    };
    expect(uvEnvironment(environment)).toMatchObject({
      UV_DEFAULT_INDEX: 'https://env.test',
      UV_FIND_LINKS: `${home.path},https://links.test`,
    });
    expect(uvEnvironment({ ...environment, UV_DEFAULT_INDEX: 'https://own.test' })).not.toHaveProperty(
      'UV_DEFAULT_INDEX',
    );
  });
});
