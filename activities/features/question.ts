/**
 * Questions that the agent put to a person, kept in the ledger: an open one keeps its feature waiting. Pure.
 */
import type { Ledger, LedgerEntry, Question } from './ledger.js';

/** Adds a question (the same id twice is one question) and marks its feature `waiting_for_answer` unless it passes. */
export function askQuestion(ledger: Ledger, question: Omit<Question, 'answer'>): Ledger {
  if (ledger.questions.some((known) => known.id === question.id)) return ledger;
  const entries = ledger.entries.map((entry) =>
    entry.feature.id === question.featureId && entry.state !== 'passing'
      ? { ...entry, state: 'waiting_for_answer' as const }
      : entry,
  );
  return { ...ledger, entries, questions: [...ledger.questions, { ...question, answer: null }] };
}

/** Records an answer; a feature with no open question left goes back to what it was. Unknown ids change nothing. */
export function answerQuestion(ledger: Ledger, id: string, answer: string): Ledger {
  const questions = ledger.questions.map((known) => (known.id === id ? { ...known, answer } : known));
  const waiting = (featureId: string) =>
    questions.some((known) => known.featureId === featureId && known.answer === null);
  const entries = ledger.entries.map((entry) =>
    entry.state === 'waiting_for_answer' && !waiting(entry.feature.id)
      ? { ...entry, state: stateBefore(entry) }
      : entry,
  );
  return { ...ledger, entries, questions };
}

export function openQuestions(ledger: Ledger): readonly Question[] {
  return ledger.questions.filter((known) => known.answer === null);
}

function stateBefore(entry: LedgerEntry): LedgerEntry['state'] {
  if (entry.feature.state === 'needs_model') return 'needs_model';
  return entry.history.at(-1)?.to === 'regressed' ? 'regressed' : 'open';
}
