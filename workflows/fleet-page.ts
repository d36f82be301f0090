/** What the Web UI's page says of a fleet: one Markdown table. Pure text. */
import { type FleetProgress, type FleetRow, fleetCounts } from './fleet-contract.js';

/** Rows shown: the page must stay far below the server's limit for current details. */
const SHOWN = 50;

export function fleetPage(progress: FleetProgress): string {
  const { rows, concurrency, paused, stopping } = progress;
  const mode = stopping ? 'stopping' : paused ? 'paused' : `${concurrency} at a time`;
  const lines = [
    `**Fleet of ${rows.length} builds**, ${mode}: ${fleetCounts(rows)}`,
    '',
    '| build | state | features | test cases |',
    '|---|---|---|---|',
    ...rows.slice(0, SHOWN).map(rowLine),
  ];
  if (rows.length > SHOWN) lines.push('', `… and ${rows.length - SHOWN} more`);
  return lines.join('\n');
}

function rowLine({ workflowId, state, tally, problem }: FleetRow): string {
  const features = tally === null ? '' : `${tally.featuresPassing}/${tally.featuresTotal}`;
  const cases = tally === null ? '' : `${tally.casesPassing}/${tally.casesTotal}`;
  const why = problem === '' ? state : `${state}: ${quoted(problem).slice(0, 120)}`;
  return `| ${quoted(workflowId)} | ${why} | ${features} | ${cases} |`;
}

/** Text from outside is data: it must not open a table cell, a tag or a link on the page. */
function quoted(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/[\\|<>[\]`]/g, (mark) => `\\${mark}`);
}
