import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type FeaturesParts, featuresBackend } from '../../../activities/backends/features-backend.js';
import { questionsBackend, recordAnswers } from '../../../activities/backends/questions-backend.js';
import type { Feature } from '../../../activities/features/feature.js';
import { readLedger } from '../../../activities/features/ledger-file.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

let parts: FeaturesParts;
let locked = 0;
let temporary: TemporaryDirectory;
beforeEach(async () => {
  locked = 0;
  temporary = await temporaryDirectory();
  parts = {
    folder: temporary.path,
    projectName: 'Notes',
    testCount: { min: 2, max: 4 },
    derived: () => [notes, folders],
    assertCurrent: async () => undefined,
    setAside: async () => new Set(),
    onLocked: async () => {
      locked += 1;
    },
  };
});

afterEach(() => temporary.remove());

const testCase = (name: string): Feature['test_cases'][number] => ({
  name,
  description: 'is there',
  given: [],
  request: { method: 'GET', path: '/api/v1/notes/999999' },
  expected_status: 404,
  expected_error: 'NOT_FOUND',
});
const notes: Feature = {
  id: 'notes-get',
  category: 'endpoint',
  resource: 'notes',
  method: 'GET',
  path: '/api/v1/notes/{id}',
  description: 'one note',
  test_cases: [testCase('missing'), testCase('gone')],
  passes: false,
};
const folders: Feature = { ...notes, id: 'folders-get', resource: 'folders', path: '/api/v1/folders/{id}' };

describe('the initializer', () => {
  it('takes what the compiler derived, resource by resource, and closes the list', async () => {
    const backend = featuresBackend(parts);
    expect((await backend.propose('notes', null)).text).toContain('proposed: notes, 1 features with 2 test cases');
    expect((await backend.propose('folders', null)).isError).toBe(false);
    expect((await backend.finish()).text).toBe('locked: 2 features with 4 test cases.');
    expect(locked).toBe(1);
    expect((await readLedger(parts.folder))?.entries.map((entry) => entry.state)).toEqual(['open', 'open']);
  });

  it('may repeat any step that was cut without a second effect', async () => {
    const backend = featuresBackend(parts);
    await backend.propose('notes', null);
    await backend.propose('notes', null);
    await backend.finish();
    expect((await backend.finish()).text).toBe('locked: 1 features with 2 test cases.');
    expect((await backend.propose('folders', null)).text).toContain('locked');
  });

  it('is told what is wrong instead of having half of it taken', async () => {
    const backend = featuresBackend(parts);
    const answer = await backend.propose('notes', [{ ...notes, method: 'FETCH' }]);
    expect(answer.isError).toBe(true);
    expect(answer.text).toContain('notes-get');
    expect((await backend.propose('ghosts', null)).text).toContain('The compiler derived no features');
    expect((await backend.finish()).text).toContain('stays open');
  });
});

describe('a coding session', () => {
  beforeEach(async () => {
    const backend = featuresBackend(parts);
    await backend.propose('notes', null);
    await backend.finish();
  });

  it('is given the next open feature with its cases, in a line that a rule can read', async () => {
    const { text } = await featuresBackend(parts).next();
    expect(text).toMatch(/^next: notes-get \(resource notes\)$/m);
    expect(text).toContain('"expected_status": 404');
  });

  it('is not given a feature that was set aside, and is told so when nothing else is left', async () => {
    const { text } = await featuresBackend({ ...parts, setAside: async () => new Set(['notes-get']) }).next();
    expect(text).toBe('next: none\nset aside for a person: notes-get');
  });

  it('goes on with nothing while a question is open, and again after its answer', async () => {
    const ask = questionsBackend(parts.folder, async () => undefined);
    expect(await ask.ask({ id: 'q-1', text: 'Which zone?', featureId: 'notes-get' })).toEqual({ kind: 'recorded' });
    expect((await featuresBackend(parts).next()).text).toContain('waits for an answer: notes-get');
    await recordAnswers(parts.folder, [{ questionId: 'q-1', text: 'UTC' }]);
    expect((await featuresBackend(parts).next()).text).toContain('next: notes-get');
  });
});

describe('a question', () => {
  it('before there is a list, or about no feature of it, is refused by kind', async () => {
    const ask = questionsBackend(parts.folder, async () => undefined);
    expect(await ask.ask({ id: 'q', text: 'x', featureId: null })).toEqual({ kind: 'no_list' });
    await featuresBackend(parts).propose('notes', null);
    await featuresBackend(parts).finish();
    expect(await ask.ask({ id: 'q', text: 'x', featureId: 'ghost' })).toEqual({ kind: 'unknown_feature' });
  });
});
