/** What a build's ledger says, for the command line: readable when nothing of Nightshift runs. Never writes. */
import { tally } from '../activities/features/ledger.js';
import { readLedger } from '../activities/features/ledger-file.js';
import { StateDamaged } from '../config/damaged-state.js';

/** `41/58 features, 120/143 test cases`, or that there is no list yet. */
export async function ledgerTally(buildFolder: string): Promise<string> {
  const ledger = await readLedger(buildFolder).catch(damage);
  if (typeof ledger === 'string') return ledger;
  if (ledger === null) return 'no feature list yet';
  const counts = tally(ledger);
  return `${counts.featuresPassing}/${counts.featuresTotal} features, ${counts.casesPassing}/${counts.casesTotal} test cases`;
}

/** `q1 (tasks-create): Which time zone?` for each question without an answer. */
export async function openQuestions(buildFolder: string): Promise<readonly string[]> {
  const ledger = await readLedger(buildFolder).catch(damage);
  if (typeof ledger === 'string') return [];
  const open = ledger?.questions.filter((question) => question.answer === null) ?? [];
  return open.map(({ id, featureId, text }) => `${id}${featureId === null ? '' : ` (${featureId})`}: ${text}`);
}

/** Ids of the same; null when the ledger is damaged, so that nobody can say which there are. */
export async function openQuestionIds(buildFolder: string): Promise<readonly string[] | null> {
  const ledger = await readLedger(buildFolder).catch(damage);
  if (typeof ledger === 'string') return null;
  return ledger?.questions.filter((question) => question.answer === null).map(({ id }) => id) ?? [];
}

/** One damaged ledger must not hide every other build: its sentence stands where its counts would. */
function damage(error: Error): string {
  if (error instanceof StateDamaged) return error.message;
  throw error;
}
