import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { lockedLedger } from '../../activities/features/ledger.js';
import { writeLedger } from '../../activities/features/ledger-file.js';
import { answerQuestion, askQuestion } from '../../activities/features/question.js';
import { openQuestionIds, openQuestions } from '../../scripts/ledger-view.js';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.js';

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory();
});
afterEach(() => folder.remove());

const ledger = lockedLedger({ version: 1, project: 'Tasks', features: [] });
const asked = ['q1', 'q2'].reduce(
  (known, id) => askQuestion(known, { id, featureId: null, text: `Which ${id}?` }),
  ledger,
);

it('names the questions that wait for an answer, and not those that have one', async () => {
  await writeLedger(folder.path, answerQuestion(asked, 'q1', 'this one'));
  expect(await openQuestionIds(folder.path)).toEqual(['q2']);
  expect(await openQuestions(folder.path)).toEqual(['q2: Which q2?']);
});

it('knows of no question before there is a ledger', async () => {
  expect(await openQuestionIds(folder.path)).toEqual([]);
});

it('cannot say which questions there are when the ledger is damaged', async () => {
  await writeFile(path.join(folder.path, 'ledger.json'), '{"version"');
  expect(await openQuestionIds(folder.path)).toBeNull();
  expect(await openQuestions(folder.path)).toEqual([]);
});
