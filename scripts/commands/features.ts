/** `features`: every feature with what Nightshift measured of it, from the ledger; needs no server. */
import type { Ledger, LedgerEntry } from '../../activities/features/ledger.js';
import { readLedger } from '../../activities/features/ledger-file.js';
import { buildFolder, chosenBuild } from '../build-folder.js';
import type { CommandContext } from '../command-context.js';
import { EXIT } from '../exit-codes.js';
import { ledgerTally } from '../ledger-view.js';
import { printable, textTable } from '../terminal-text.js';
import type { TargetOptions } from './control.js';

export interface FeaturesOptions extends TargetOptions {
  readonly open?: boolean;
  readonly json?: boolean;
}

/** Exit 0 whatever passes: it is a look, not a check. */
export async function features(options: FeaturesOptions, { config, terminal, self }: CommandContext): Promise<number> {
  const { buildId } = await chosenBuild(config, options.projectDir);
  const folder = buildFolder(config, buildId);
  const ledger = await readLedger(folder);
  const shown = (ledger?.entries ?? []).filter(({ state }) => options.open !== true || state !== 'passing');
  if (options.json === true) terminal.line(JSON.stringify(asData(ledger, shown), null, 2));
  else if (ledger === null) terminal.line(`no feature list yet: the initializer makes it; see ${self} watch`);
  else {
    for (const line of featureLines(shown)) terminal.line(line);
    terminal.line(await ledgerTally(folder));
  }
  return EXIT.ok;
}

/** A line a feature, its first failure below it. Pure. */
export function featureLines(entries: readonly LedgerEntry[]): string[] {
  const rows = entries.map((entry) => [
    MARKS[entry.state],
    entry.feature.id,
    entry.state.replaceAll('_', ' '),
    `${entry.evidence?.casesPassed ?? 0}/${entry.feature.test_cases.length}`,
    printable(entry.feature.description),
  ]);
  const lines = textTable([['', 'feature', 'state', 'cases', 'what it does'], ...rows]);
  return lines.flatMap((line, index) => {
    const [failure] = entries[index - 1]?.failures ?? [];
    return failure === undefined ? [line] : [line, `     ${printable(failure)}`];
  });
}

const MARKS: Readonly<Record<LedgerEntry['state'], string>> = {
  passing: '✓',
  open: '·',
  regressed: '✗',
  needs_model: '◇',
  waiting_for_answer: '?',
};

function asData(ledger: Ledger | null, entries: readonly LedgerEntry[]): unknown {
  return {
    project: ledger?.project ?? null,
    features: entries.map(({ feature, state, evidence, failures, history }) => ({
      id: feature.id,
      resource: feature.resource,
      category: feature.category,
      description: feature.description,
      state,
      casesPassed: evidence?.casesPassed ?? 0,
      casesTotal: feature.test_cases.length,
      commit: evidence?.commit ?? null,
      failures,
      history,
    })),
    questions: ledger?.questions ?? [],
  };
}
