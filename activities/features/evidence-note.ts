/** A verification as the note on its commit: enough to repeat it, for whoever has the repository and not the ledger. Pure. */
import type { VerificationReport } from './ledger.js';

/** JSON, a feature a line: `"tasks-create": "3/3"`. */
export function evidenceNote({ commit, tree, runId, seed, at, pytestSummary, features }: VerificationReport): string {
  const counts = features.map(({ id, cases }) => [id, `${cases.filter((one) => one.passed).length}/${cases.length}`]);
  const record = { nightshift: 1, commit, tree, run: runId, seed, at, tests: pytestSummary.slice(0, 500) };
  return `${JSON.stringify({ ...record, cases: Object.fromEntries(counts) }, null, 1)}\n`;
}
