import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lintFeatures } from '../../../activities/features/lint.js';
import { caseCount } from '../../../activities/features/proposal.js';
import { planFeatures } from '../../../activities/scaffold/feature-plan.js';
import { readSpec } from '../../../activities/scaffold/reader/spec-reader.js';
import { loadConfig } from '../../../config/config.js';
import { packageRoot } from '../../../config/locations.js';
import type { CommandContext } from '../../../scripts/command-context.js';
import { newSpec } from '../../../scripts/commands/new.js';
import { UsageError } from '../../../scripts/exit-codes.js';
import { DEFAULT_SETTINGS } from '../../../workflows/contract.js';
import { scratchDirectory } from '../../support/scratch.js';

let scratch: ReturnType<typeof scratchDirectory>;
let said: string[];
let context: CommandContext;
beforeEach(() => {
  scratch = scratchDirectory();
  said = [];
  const say = (line: string): void => {
    said.push(line);
  };
  const config = loadConfig({ HOME: path.join(scratch.path, 'home'), PATH: '' });
  context = {
    config: { ...config, callerDirectory: scratch.path },
    self: './nightshift',
    terminal: { line: say, problem: say },
  } as Partial<CommandContext> as CommandContext;
});
afterEach(() => scratch.remove());

const written = (file: string): string => readFileSync(path.join(scratch.path, file), 'utf8');

describe('a new spec', () => {
  it('builds as it is: every statement is generated, and its cases lie within the default test count', async () => {
    expect(await newSpec('my-shop', {}, context)).toBe(0);
    const reading = readSpec(written('my-shop.txt'));
    if (reading.kind !== 'read') throw new Error(JSON.stringify(reading.problems));
    expect(reading.model.project.name).toBe('My Shop API');
    expect(reading.model.statements.filter((statement) => statement.class !== 'GENERATED')).toEqual([]);
    const features = planFeatures(reading.model, DEFAULT_SETTINGS.testCount);
    expect(caseCount(features)).toBeGreaterThanOrEqual(DEFAULT_SETTINGS.testCount.min);
    expect(caseCount(features)).toBeLessThanOrEqual(DEFAULT_SETTINGS.testCount.max);
    expect(lintFeatures(features)).toEqual([]);
    expect(features.filter((feature) => feature.state === 'needs_model')).toEqual([]);
  });

  it('is short, says what each part is for, and leaves no placeholder', async () => {
    await newSpec('shop_api.txt', {}, context);
    const text = written('shop_api.txt');
    expect(text.split('\n').length).toBeLessThan(100);
    expect(text).toMatch(/^# Shop API$/m);
    expect(text).toContain('./nightshift plan --watch --spec shop_api.txt');
    expect(text).not.toContain('%%');
  });

  it('comes with the commands that are next, into a directory that build takes', async () => {
    mkdirSync(path.join(scratch.path, 'shop'));
    writeFileSync(path.join(scratch.path, 'shop', 'mine.txt'), 'mine');
    await newSpec('shop', {}, context);
    expect(said).toEqual([
      expect.stringMatching(/^shop\.txt: 2 resources, \d+ statements, \d+ test cases$/),
      'How each line is read (--watch: again at every save):',
      '  ./nightshift plan --spec shop.txt',
      'Build it:',
      '  ./nightshift build --spec shop.txt --project-dir shop-api',
    ]);
  });

  it('is never written over a file that is there, and another name is given', async () => {
    writeFileSync(path.join(scratch.path, 'shop.txt'), 'mine');
    writeFileSync(path.join(scratch.path, 'shop-2.txt'), 'mine too');
    await expect(newSpec('shop', { example: 'try' }, context)).rejects.toThrow(
      new UsageError(
        `${scratch.path}/shop.txt is there already and stays as it is; another name: ./nightshift new shop-3 --example try`,
      ),
    );
    expect(written('shop.txt')).toBe('mine');
  });

  it.each(['', '.txt', '../shop', 'a b', '-x', '2nd', 'a/b', 'näh', 'x'.repeat(61)])(
    'is refused the name %j in one sentence',
    async (name) => {
      const refusal = newSpec(name, {}, context);
      await expect(refusal).rejects.toBeInstanceOf(UsageError);
      await expect(refusal).rejects.toThrow(/^".*" is no name for a spec: give .*, such as my-shop$/);
    },
  );
});

describe('an example', () => {
  it('is a copy of the shipped spec', async () => {
    await newSpec('flat', { example: 'booking' }, context);
    expect(written('flat.txt')).toBe(readFileSync(path.join(packageRoot, 'prompts', 'specs', 'booking.txt'), 'utf8'));
    expect(said.join('\n')).toMatch(
      /^Left to a live model: \d+ of the statements; the offline one ends with exit code 3 there$/m,
    );
  });

  it('with few cases is built with a test count of its own', async () => {
    await newSpec('small', { example: 'try' }, context);
    const [, min = '', max = ''] = /--project-dir small --test-count (\d+)-(\d+)$/.exec(said.at(-1) ?? '') ?? [];
    const reading = readSpec(written('small.txt'));
    if (reading.kind !== 'read') throw new Error('unusable');
    const planned = caseCount(planFeatures(reading.model, { min: Number(min), max: Number(max) }));
    expect(planned).toBeGreaterThanOrEqual(Number(min));
    expect(planned).toBeLessThanOrEqual(Number(max));
  });

  it('that does not exist is answered with those that do, and writes nothing', async () => {
    await expect(newSpec('shop', { example: '../app_spec' }, context)).rejects.toThrow(
      /^There is no example "\.\.\/app_spec"; there are: blog, booking, .*, user-management$/,
    );
    expect(() => written('shop.txt')).toThrow('ENOENT');
  });
});
