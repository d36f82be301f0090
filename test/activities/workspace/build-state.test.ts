import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  type BuildFolder,
  buildFolder,
  type Claim,
  claimBuild,
  initializerOpen,
  lastSession,
  readBuildRecord,
  recordRootCommit,
  recordSessionBegun,
  recordSessionEnded,
  recordSessionVerified,
  specDigest,
  unfinishedSession,
  unverifiedSession,
} from '../../../activities/workspace/build-state.js';
import { DEFAULT_SETTINGS } from '../../../workflows/contract.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

describe('the state of a build', () => {
  let home: TemporaryDirectory;
  let folder: BuildFolder;
  const claim = (changes: Partial<Claim> = {}): Claim => ({
    buildId: 'notes-0123456789ab',
    projectDir: '/projects/notes',
    specDigest: specDigest('# Notes'),
    settings: DEFAULT_SETTINGS,
    workflowId: 'notes-0123456789ab',
    rootCommit: null,
    ownerIsLive: async () => false,
    ...changes,
  });

  beforeEach(async () => {
    home = await temporaryDirectory();
    folder = buildFolder(path.join(home.path, 'builds'), 'notes-0123456789ab');
  });
  afterEach(() => home.remove());

  test('is new at the first claim and resumed at the next, with the settings of the newest', async () => {
    expect(await readBuildRecord(folder)).toBeNull();
    expect(await claimBuild(folder, claim())).toMatchObject({ kind: 'new', archived: null });
    await recordRootCommit(folder, 'a'.repeat(40));
    const settings = { ...DEFAULT_SETTINGS, maxTurns: 7 };
    const resumed = await claimBuild(folder, claim({ rootCommit: 'a'.repeat(40), settings }));
    expect(resumed).toMatchObject({ kind: 'resumed', record: { settings, rootCommit: 'a'.repeat(40) } });
    expect(await readBuildRecord(folder)).toMatchObject({ settings });
  });

  test('resumes after a crash between the first commit and its record', async () => {
    await claimBuild(folder, claim());
    expect(await claimBuild(folder, claim({ rootCommit: 'a'.repeat(40) }))).toMatchObject({ kind: 'resumed' });
  });

  test('names both digests when the spec was changed, and changes nothing', async () => {
    await claimBuild(folder, claim());
    const before = await readFile(folder.record, 'utf8');
    const changed = specDigest('# Notes, and more');
    expect(await claimBuild(folder, claim({ specDigest: changed }))).toEqual({
      kind: 'spec_changed',
      recorded: specDigest('# Notes'),
      given: changed,
    });
    expect(await readFile(folder.record, 'utf8')).toBe(before);
  });

  test('belongs to one workflow while that one lives, then to the next', async () => {
    await claimBuild(folder, claim());
    const asked: string[] = [];
    const ownerIsLive = async (workflowId: string): Promise<boolean> => asked.push(workflowId) > 0;
    const second = claim({ workflowId: 'another', ownerIsLive });
    expect(await claimBuild(folder, second)).toEqual({ kind: 'owned', workflowId: 'notes-0123456789ab' });
    expect(asked).toEqual(['notes-0123456789ab']);
    expect(await claimBuild(folder, claim({ workflowId: 'another' }))).toMatchObject({ kind: 'resumed' });
    expect(await readBuildRecord(folder)).toMatchObject({ workflowId: 'another' });
  });

  test('owes a verification from the end of a session until that is recorded', async () => {
    await claimBuild(folder, claim());
    const begun = await recordSessionBegun(folder, 1, 'initializer');
    expect([unfinishedSession(begun), unverifiedSession(begun), initializerOpen(begun)]).toEqual([1, null, true]);
    const ended = await recordSessionEnded(folder, 1, 'c');
    expect([unfinishedSession(ended), unverifiedSession(ended), initializerOpen(ended)]).toEqual([null, 1, true]);
    const verified = await recordSessionVerified(folder, 1);
    expect([unfinishedSession(verified), unverifiedSession(verified), initializerOpen(verified)]).toEqual([
      null,
      null,
      false,
    ]);
  });

  test('does not ask about the claiming workflow itself', async () => {
    await claimBuild(folder, claim());
    const ownerIsLive = async (): Promise<boolean> => Promise.reject(new Error('must not be asked'));
    expect(await claimBuild(folder, claim({ ownerIsLive }))).toMatchObject({ kind: 'resumed' });
  });

  test.each([[null], ['b'.repeat(40)]])(
    'archives what was there when the root commit is %j now',
    async (rootCommit) => {
      for (const [index, suffix] of ['', '-2'].entries()) {
        await claimBuild(folder, claim({ rootCommit: 'a'.repeat(40) }));
        await mkdir(folder.journal);
        await writeFile(folder.ledger, `ledger ${index}`);
        const claimed = await claimBuild(folder, claim({ rootCommit, specDigest: specDigest('another spec') }));
        const archived = path.join(home.path, 'archive', `notes-0123456789ab-${'a'.repeat(12)}${suffix}`);
        expect(claimed).toMatchObject({ kind: 'new', archived, record: { rootCommit, sessions: [] } });
        expect((await readdir(archived)).sort()).toEqual(['build.json', 'journal', 'ledger.json']);
        expect(await readdir(folder.path)).toEqual(['build.json']);
        await writeFile(
          folder.record,
          JSON.stringify({
            ...(await readBuildRecord(folder)),
            rootCommit: 'a'.repeat(40),
            specDigest: specDigest('# Notes'),
          }),
        );
      }
    },
  );

  test('counts sessions, keeps a begun one open until it ends, and repeats harmlessly', async () => {
    await claimBuild(folder, claim());
    await recordSessionBegun(folder, 1, 'initializer');
    await recordSessionEnded(folder, 1, 'c1');
    await recordSessionBegun(folder, 2, 'coding');
    const begun = await recordSessionBegun(folder, 2, 'coding');
    expect([lastSession(begun), unfinishedSession(begun)]).toEqual([2, 2]);
    await recordSessionEnded(folder, 2, 'c2');
    const ended = await recordSessionEnded(folder, 2, 'c2');
    expect([lastSession(ended), unfinishedSession(ended)]).toEqual([2, null]);
    expect(ended.sessions).toEqual([
      { number: 1, phase: 'initializer', state: 'ended', commit: 'c1' },
      { number: 2, phase: 'coding', state: 'ended', commit: 'c2' },
    ]);
    expect(await readBuildRecord(folder)).toEqual(ended);
  });

  test.each([['{"version": 2}'], ['{"version": 1'], ['null']])(
    'refuses the record %j and says what to do',
    async (text) => {
      await claimBuild(folder, claim());
      await writeFile(folder.record, text);
      await expect(claimBuild(folder, claim())).rejects.toThrow(/is not a record of version 1 .*move .* away/);
    },
  );

  test('says so when its record is gone', async () => {
    await expect(recordSessionBegun(folder, 1, 'coding')).rejects.toThrow(/is gone/);
  });
});
