import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../config/config.js';
import { chosenBuild, knownBuilds } from '../../scripts/build-folder.js';
import { clockProblem } from '../../scripts/clock-check.js';
import { ledgerTally, openQuestions } from '../../scripts/ledger-view.js';
import { scratchDirectory } from '../support/scratch.js';

describe('a state file that was cut short', () => {
  let scratch: ReturnType<typeof scratchDirectory>;
  beforeEach(() => {
    scratch = scratchDirectory();
  });
  afterEach(() => scratch.remove());

  const config = () => loadConfig({ HOME: scratch.path, NIGHTSHIFT_HOME: scratch.path }, scratch.path);
  const build = (id: string, text: string): string => {
    const folder = path.join(scratch.path, 'builds', id);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'build.json'), text);
    return folder;
  };

  it('hides no other build', async () => {
    build('good-1', JSON.stringify({ buildId: 'good-1', projectDir: '/p', specDigest: 'x', workflowId: 'good-1' }));
    build('torn-2', '{"version": 1, "buildId": "to');
    expect((await knownBuilds(config())).map(({ buildId }) => buildId)).toEqual(['good-1']);
  });

  it('is named with the way out when that build is meant', async () => {
    const { buildIdFor } = await import('../../config/locations.js');
    const folder = build(buildIdFor(path.join(scratch.path, 'api')), '{"version": 1,');
    await expect(chosenBuild(config(), 'api')).rejects.toThrow(
      `${folder}/build.json is damaged: restore it from a backup, or move ${folder} away to start that build anew`,
    );
  });

  it('stands in status where a torn ledger’s counts would', async () => {
    const folder = build('p-1', '{}');
    writeFileSync(path.join(folder, 'ledger.json'), '{"version": 1, "feat');
    expect(await ledgerTally(folder)).toMatch(/ledger\.json is not a ledger of version 1 .*move it away/);
    expect(await openQuestions(folder)).toEqual([]);
  });
});

describe('the clock', () => {
  it('is refused when it is earlier than the code that runs, with both times', () => {
    const compiled = Date.parse('2026-11-23T12:00:00Z');
    expect(clockProblem(0, compiled)).toMatch(
      /says 1970-01-01 00:00 UTC, but this code was compiled at 2026-11-23 12:00/,
    );
    expect(clockProblem(compiled - 60_000, compiled)).toBeUndefined();
    expect(clockProblem()).toBeUndefined();
  });
});
