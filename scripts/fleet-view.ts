/** How a fleet looks in a terminal: pure text from the fleet's rows and what each running build says of itself. */
import path from 'node:path';
import { type FleetProgress, type FleetRow, fleetCounts } from '../workflows/fleet-contract.js';
import type { Progress } from '../workflows/progress.js';
import { tallyLine } from './build-view.js';

/** What running builds answered, by workflow id; a build that did not answer is missing. */
export type Answers = ReadonlyMap<string, Progress>;

/** One line a build, with a heading: the table of `fleet` and `status`. */
export function fleetTable(id: string, fleet: FleetProgress, answers: Answers): string[] {
  const mode = fleet.stopping ? 'stopping' : fleet.paused ? 'paused' : `${fleet.concurrency} at a time`;
  const names = fleet.rows.map(nameOf);
  const width = Math.max(...names.map((name) => name.length));
  return [
    `${id}: ${fleet.rows.length} builds, ${mode}: ${fleetCounts(fleet.rows)}`,
    ...fleet.rows.map((row, index) => `  ${(names[index] ?? '').padEnd(width)}  ${rowText(row, answers)}`),
  ];
}

/** `coding, session 3, 12/40 features · 51/120 test cases`. */
export function rowText(row: FleetRow, answers: Answers): string {
  const progress = answers.get(row.workflowId);
  if (row.state === 'running' && progress !== undefined) {
    const words = `${progress.status.replaceAll('_', ' ')}, session ${progress.session}, ${tallyLine(progress)}`;
    return progress.attention === null ? words : `${words}; ${progress.attention.problem}`;
  }
  if (row.problem !== '') return `${row.state}: ${row.problem}`;
  if (row.tally === null) return row.state;
  const { featuresPassing, featuresTotal, casesPassing, casesTotal } = row.tally;
  return `${row.state}, ${featuresPassing}/${featuresTotal} features · ${casesPassing}/${casesTotal} test cases`;
}

export const nameOf = ({ projectDir }: FleetRow): string => path.basename(projectDir);

/** Where a fleet stands for its exit code: what the builds that have not ended wait for, or how all ended. */
export function fleetStanding(
  fleet: FleetProgress,
  answers: Answers,
): 'goes on' | 'paused' | 'attention' | 'done' | 'incomplete' {
  const open = fleet.rows.filter(({ state }) => state === 'running' || state === 'queued');
  if (open.length === 0) return fleet.rows.every(({ state }) => state === 'done') ? 'done' : 'incomplete';
  const running = open.filter(({ state }) => state === 'running');
  const statuses = running.map(({ workflowId }) => answers.get(workflowId)?.status);
  if (fleet.paused && statuses.every((status) => status === 'paused' || status === 'needs_attention')) return 'paused';
  const allWait = running.length > 0 && statuses.every((status) => status === 'needs_attention');
  const noneMayStart = running.length === open.length || running.length >= fleet.concurrency;
  return allWait && noneMayStart ? 'attention' : 'goes on';
}
