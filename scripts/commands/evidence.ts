/** `evidence`: what a feature's state rests on, from the ledger; with --replay that very check, run again. */
import type { LedgerEntry } from '../../activities/features/ledger.js';
import { readLedger } from '../../activities/features/ledger-file.js';
import { buildFolder, chosenBuild } from '../build-folder.js';
import type { CommandContext } from '../command-context.js';
import { EXIT, UsageError } from '../exit-codes.js';
import { printable, textTable } from '../terminal-text.js';
import type { TargetOptions } from './control.js';
import { measure } from './verify.js';

export interface EvidenceOptions extends TargetOptions {
  readonly replay?: boolean;
  readonly json?: boolean;
}

/** Exit 0; with --replay 3 when the check comes out otherwise than it is recorded. */
export async function evidence(id: string, options: EvidenceOptions, context: CommandContext): Promise<number> {
  const { config, terminal } = context;
  const build = await chosenBuild(config, options.projectDir);
  const ledger = await readLedger(buildFolder(config, build.buildId));
  const entry = ledger?.entries.find(({ feature }) => feature.id === id);
  if (entry === undefined) throw new UsageError(`There is no feature "${id}"; ${context.self} features lists them`);
  if (options.json === true) terminal.line(JSON.stringify({ id, ...recordOf(entry) }, null, 2));
  else for (const line of evidenceLines(entry)) terminal.line(line);
  return options.replay === true ? replay(entry, build.projectDir, context) : EXIT.ok;
}

/** The commit, the seed and so the values, the order and the clients of the recorded run. */
async function replay(entry: LedgerEntry, projectDir: string, context: CommandContext): Promise<number> {
  const { feature, evidence: recorded } = entry;
  if (recorded === null) throw new UsageError(`"${feature.id}" was never measured; there is nothing to replay`);
  const { seed, commit } = recorded;
  const { report } = await measure(projectDir, {}, context, { seed, commit, features: [feature], gates: false });
  const cases = report.features[0]?.cases ?? [];
  const before = new Map((recorded.cases ?? []).map((one) => [one.name, one]));
  const lines = cases.map(({ name, passed, digests }) => {
    const then = before.get(name);
    const same = then === undefined || then.requests === digests?.requests ? 'the same requests' : 'other requests';
    return `  ${passed ? '✓' : '✗'} ${printable(name)} (${same}; ${then?.passed === passed ? 'as recorded' : 'recorded otherwise'})`;
  });
  context.terminal.line(`Replayed at commit ${commit.slice(0, 12)} with seed ${seed}:`);
  for (const line of lines) context.terminal.line(line);
  const agrees = cases.every(({ name, passed }) => before.get(name)?.passed === passed);
  return agrees ? EXIT.ok : EXIT.incomplete;
}

function recordOf({ state, evidence: recorded, failures, history }: LedgerEntry): object {
  return { state, evidence: recorded, failures, history };
}

/** What a person reads: state, where and when, each case, own tests, every change of state. Pure. */
export function evidenceLines({ feature, state, evidence: recorded, failures, history }: LedgerEntry): string[] {
  const head = [`${feature.id}: ${state.replaceAll('_', ' ')}`, `  ${printable(feature.description.slice(0, 300))}`];
  if (recorded === null) return [...head, '  never measured: no coding session ended yet, or nothing can prove it'];
  const { commit, tree, seed, runId, at, cases = [], nodes = [] } = recorded;
  const rows = cases.map(({ name, passed, requests, responses, ms, restarted }) => [
    `  ${passed ? '✓' : '✗'}`,
    printable(name),
    `${requests} → ${responses}`,
    `${ms} ms${restarted ? ', app restarted after the set-up' : ''}`,
  ]);
  return [
    ...head,
    `  commit ${commit} (tree ${tree.slice(0, 12)}), run ${runId}, seed ${seed}, ${at}`,
    `  ${recorded.casesPassed} of ${recorded.casesTotal} cases pass; the project's own tests ${recorded.pytestPassed ? 'pass' : 'do not'}`,
    ...(rows.length === 0 ? [] : textTable([['', 'case', 'digests of requests → answers', 'took'], ...rows])),
    ...nodes.map((node) => `  own test: ${printable(node)}`),
    ...failures.map((failure) => `  failed: ${printable(failure)}`),
    ...history.map(
      ({ from, to, commit: at_, at: when, why }) =>
        `  ${when} ${from} → ${to} at ${at_.slice(0, 12)}: ${printable(why)}`,
    ),
  ];
}
