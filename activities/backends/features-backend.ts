/**
 * The feature list as a session's `features` tool sees it: in the initializer a draft that grows resource by resource
 * and is locked by `finish`; in coding sessions the ledger's entries, read only. Text for a model, bounded.
 */
import path from 'node:path';
import { readFileOrNull, writeFileAtomic } from '../../config/atomic-file.js';
import type { BuildSettings } from '../../workflows/contract.js';
import type { Feature } from '../features/feature.js';
import { type Ledger, type LedgerEntry, lockedLedger } from '../features/ledger.js';
import { readLedger, writeLedger } from '../features/ledger-file.js';
import { believedLies } from '../features/liar.js';
import { caseCount, type Draft, finish, newDraft, propose } from '../features/proposal.js';
import type { FeaturesBackend } from '../tools/features.js';
import { failed, ok, type ToolResult } from '../tools/tool.js';

export interface FeaturesParts {
  /** The build's folder in the state directory. */
  readonly folder: string;
  readonly projectName: string;
  readonly testCount: BuildSettings['testCount'];
  /** What the compiler derived from the spec, by resource. */
  readonly derived: () => readonly Feature[];
  /** Rejects when a newer epoch holds the build. */
  readonly assertCurrent: () => Promise<void>;
  /** Ids that sessions brought no further: not handed out. */
  readonly setAside: () => Promise<ReadonlySet<string>>;
  /** Puts the locked list into the project. */
  readonly onLocked: (ledger: Ledger) => Promise<void>;
}

/** Characters of test cases shown with one feature. */
const SHOWN_CASES = 6_000;

export function featuresBackend(parts: FeaturesParts): FeaturesBackend {
  return {
    next: async () => nextText(await locked(parts), await parts.setAside()),
    show: (query) => show(parts, query),
    propose: (resource, features) => proposeInto(parts, resource, features),
    finish: () => lock(parts),
  };
}

function nextText(ledger: Ledger, aside: ReadonlySet<string>): ToolResult {
  const failing = ledger.entries.filter(({ state }) => state === 'open' || state === 'regressed');
  const open = failing.filter(({ feature }) => !aside.has(feature.id));
  // What passed before and fails now is mended first.
  const entry = open.find(({ state }) => state === 'regressed') ?? open[0];
  if (entry === undefined) return ok(`next: none\n${leftText(ledger, aside)}`);
  const head = `next: ${entry.feature.id} (resource ${entry.feature.resource})`;
  const same = open.filter(({ feature }) => feature.resource === entry.feature.resource).length;
  return ok(
    [head, `${open.length} features are open, ${same} of them of this resource.`, '', detail(entry)].join('\n'),
  );
}

function leftText(ledger: Ledger, aside: ReadonlySet<string>): string {
  const needsModel = ledger.entries.filter(({ state }) => state === 'needs_model');
  const waiting = ledger.entries.filter(({ state }) => state === 'waiting_for_answer');
  const lines = [
    ...needsModel.map(
      ({ feature }) => `needs a model: ${feature.id} (line ${feature.spec_line ?? '?'}): ${feature.description}`,
    ),
    ...[...aside].map((id) => `set aside for a person: ${id}`),
    ...waiting.map(({ feature }) => `waits for an answer: ${feature.id}`),
  ];
  return lines.length === 0 ? 'Every feature passes.' : lines.slice(0, 40).join('\n');
}

async function show(
  parts: FeaturesParts,
  { id, resource }: { readonly id?: string; readonly resource?: string },
): Promise<ToolResult> {
  const ledger =
    (await readLedger(parts.folder)) ??
    lockedLedger({ version: 1, project: parts.projectName, features: [...draftFeatures(await readDraft(parts))] });
  if (id !== undefined) {
    const entry = ledger.entries.find(({ feature }) => feature.id === id);
    return entry === undefined
      ? failed(`There is no feature "${id}"; features show lists the ids.`)
      : ok(detail(entry));
  }
  const shown = ledger.entries.filter(({ feature }) => resource === undefined || feature.resource === resource);
  if (shown.length === 0)
    return failed(resource === undefined ? 'Nothing is proposed yet.' : `No feature of a resource "${resource}".`);
  return ok(
    shown
      .map(
        ({ feature, state }) =>
          `${state.padEnd(18)} ${feature.id} (${feature.test_cases.length} cases): ${feature.description.slice(0, 120)}`,
      )
      .join('\n'),
  );
}

function detail({ feature, state, failures }: LedgerEntry): string {
  const { test_cases, ...rest } = feature;
  const cases = JSON.stringify(test_cases, null, 1);
  return [
    `state: ${state}`,
    JSON.stringify({ ...rest, passes: undefined }, null, 1),
    `test cases (${test_cases.length}):`,
    cases.length > SHOWN_CASES
      ? `${cases.slice(0, SHOWN_CASES)}\n… cut; ${cases.length - SHOWN_CASES} more characters`
      : cases,
    ...(failures.length === 0 ? [] : ['failed last:', ...failures]),
  ].join('\n');
}

async function proposeInto(
  parts: FeaturesParts,
  resource: string,
  features: readonly unknown[] | null,
): Promise<ToolResult> {
  if ((await readLedger(parts.folder)) !== null) return failed('The list is locked; nothing can be proposed any more.');
  const derived = (): readonly Feature[] => parts.derived().filter((feature) => feature.resource === resource);
  const entries = features ?? derived();
  if (features === null && entries.length === 0)
    return failed(`The compiler derived no features for "${resource}"; propose some of your own.`);
  const proposed = propose(await readDraft(parts), resource, entries);
  if (proposed.kind === 'refused')
    return failed(`Nothing of "${resource}" was taken:\n${proposed.problems.slice(0, 20).join('\n')}`);
  const lies = await believedLies(draftFeatures(proposed.draft).filter((feature) => feature.resource === resource));
  // What a model wrote it can mend; what the compiler derived is taken, and said.
  if (lies.length > 0 && features !== null)
    return failed(`Nothing of "${resource}" was taken:\n${lies.slice(0, 20).join('\n')}`);
  await parts.assertCurrent();
  await writeFileAtomic(draftFile(parts), `${JSON.stringify(proposed.draft)}\n`);
  const total = caseCount(draftFeatures(proposed.draft));
  return ok(
    `proposed: ${resource}, ${proposed.features} features with ${proposed.cases} test cases; the list now holds ${total} test cases (wanted: ${parts.testCount.min}-${parts.testCount.max}).${lies.map((lie) => `\nweak: ${lie}`).join('')}`,
  );
}

/** Repeatable: a list that is locked already is put into the project again. */
async function lock(parts: FeaturesParts): Promise<ToolResult> {
  const before = await readLedger(parts.folder);
  if (before === null) {
    const finished = finish(await readDraft(parts), parts.testCount, parts.derived());
    if (finished.kind === 'refused')
      return failed(`The list stays open:\n${finished.problems.slice(0, 20).join('\n')}`);
    await parts.assertCurrent();
    await writeLedger(parts.folder, lockedLedger(finished.list));
  }
  const ledger = await locked(parts);
  await parts.onLocked(ledger);
  const cases = caseCount(ledger.entries.map(({ feature }) => feature));
  return ok(`locked: ${ledger.entries.length} features with ${cases} test cases.`);
}

async function locked(parts: FeaturesParts): Promise<Ledger> {
  const ledger = await readLedger(parts.folder);
  if (ledger === null) throw new Error(`${parts.folder} has no ledger in a coding session: start the build again`);
  return ledger;
}

async function readDraft(parts: FeaturesParts): Promise<Draft> {
  const text = await readFileOrNull(draftFile(parts));
  return text === null ? newDraft(parts.projectName) : (JSON.parse(text) as Draft);
}

function draftFeatures(draft: Draft): readonly Feature[] {
  return draft.resources.flatMap((part) => part.features);
}

function draftFile({ folder }: FeaturesParts): string {
  return path.join(folder, 'draft.json');
}
