/** The `ask_human` tool's backend: questions live in the ledger, where `status` lists them and an answer closes them. */

import type { HumanAnswer } from '../../workflows/contract.js';
import { readLedger, writeLedger } from '../features/ledger-file.js';
import { answerQuestion, askQuestion } from '../features/question.js';
import type { QuestionsBackend } from '../tools/ask-human.js';

export function questionsBackend(folder: string, assertCurrent: () => Promise<void>): QuestionsBackend {
  return {
    ask: async (question) => {
      const ledger = await readLedger(folder);
      const known = ledger?.entries.some(({ feature }) => feature.id === question.featureId) ?? false;
      if (ledger === null) return { kind: 'no_list' };
      if (question.featureId !== null && !known) return { kind: 'unknown_feature' };
      await assertCurrent();
      await writeLedger(folder, askQuestion(ledger, question));
      return { kind: 'recorded' };
    },
  };
}

/** Records a person's answers; those of unknown questions change nothing. */
export async function recordAnswers(folder: string, answers: readonly HumanAnswer[]): Promise<void> {
  const ledger = await readLedger(folder);
  if (ledger === null) return;
  const open = answers.filter(({ questionId }) =>
    ledger.questions.some((known) => known.id === questionId && known.answer === null),
  );
  if (open.length === 0) return;
  await writeLedger(
    folder,
    open.reduce((known, { questionId, text }) => answerQuestion(known, questionId, text), ledger),
  );
}
