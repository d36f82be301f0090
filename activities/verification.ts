/**
 * The activities `verify` and `finishBuild`: measure the committed tree, let the ledger decide, write what the project
 * shows of it (feature_list.json, claude-progress.txt), commit, tag. Alone in writing `passes`.
 */
import { randomBytes } from 'node:crypto';
import {
  EMPTY_TALLY,
  type FinishOutcome,
  type FinishRequest,
  type GateResult,
  type Phase,
  type VerifyOutcome,
  type VerifyRequest,
} from '../workflows/contract.js';
import type { Heartbeat } from '../workflows/progress.js';
import { boundedLines } from './bounded-lines.js';
import { evidenceNote } from './features/evidence-note.js';
import {
  applyVerification,
  type FeatureFlip,
  featureListFrom,
  type Ledger,
  tally,
  type VerificationReport,
} from './features/ledger.js';
import { readLedger, writeLedger } from './features/ledger-file.js';
import { FEATURE_LIST_FILE, serializeFeatureList } from './features/list.js';
import { listDepartures } from './features/list-departures.js';
import { interruptible } from './interruptible.js';
import { type Liveness, withLiveness } from './liveness.js';
import { openVerificationBench, type VerificationBench } from './verification-bench.js';
import { countStalls } from './verification-stalls.js';
import type { Dependencies } from './workshop.js';
import { type BuildFolder, readBuildRecord, recordSessionVerified } from './workspace/build-state.js';
import { runGates } from './workspace/gates.js';
import { restoreHarnessFiles } from './workspace/harness-files.js';
import { asIncumbent } from './workspace/incumbent.js';
import { policyTexts } from './workspace/kept-policy.js';
import { appendProgressEntry } from './workspace/progress-file.js';
import { readProjectFile, writeProjectFile } from './workspace/project-file.js';
import { suiteSummary } from './workspace/pytest.js';
import { type VerifyReport, verifyCommit } from './workspace/verifier.js';

/** Lines of failures handed to the workflow: for a person's first look, not evidence. */
const SHOWN_FAILURES = 10;
/** And of their JSON in bytes: the whole outcome stays below 8 kB. */
const SHOWN_BYTES = 3_000;
/** Of a gate's words handed to the workflow; the event log has more. */
const GATE_CHARACTERS = 300;

export async function verify(dependencies: Dependencies, request: VerifyRequest): Promise<VerifyOutcome> {
  const beat = beatOf('verify', request.session);
  return onBench(dependencies, request, beat, (bench, live) => verifySession(bench, request, live));
}

export async function finishBuild(dependencies: Dependencies, request: FinishRequest): Promise<FinishOutcome> {
  return onBench(dependencies, request, beatOf('finish', 0), measureGates);
}

/** Measures while it beats, alone on the project in this process; a pause ends the measurement, whose result is void. */
function onBench<T extends VerifyOutcome | FinishOutcome>(
  dependencies: Dependencies,
  request: VerifyRequest | FinishRequest,
  beat: Heartbeat,
  work: (bench: VerificationBench, live: Liveness) => Promise<T>,
): Promise<T | { readonly kind: 'paused' }> {
  return withLiveness(beat, (live) =>
    interruptible<T | { readonly kind: 'paused' }>(
      () =>
        asIncumbent(request.projectDir, async (overtaken) => {
          const bench = await openVerificationBench(dependencies, request);
          try {
            return await work(bench, { ...live, signal: AbortSignal.any([live.signal, overtaken]) });
          } finally {
            await bench.close();
          }
        }),
      () => ({ kind: 'paused' }),
    ),
  );
}

async function verifySession(bench: VerificationBench, request: VerifyRequest, live: Liveness): Promise<VerifyOutcome> {
  const { workshop, git } = bench;
  const before = await readLedger(workshop.folder.path);
  const commit = await git.head();
  if (before === null || commit === null) {
    await recordSessionVerified(workshop.folder, request.session);
    return unlocked(commit ?? '');
  }
  const phase = await phaseOf(workshop.folder, request.session);
  // Nothing is built by an initializer: its list is recorded, the first measurement follows the first coding session.
  const { ledger, flips } =
    phase === 'initializer' ? { ledger: before, flips: [] } : await measure(bench, before, commit, live);
  // The project first: an attempt that dies before the ledger is written measures the same flips again.
  const restored = await bench.lease.assertCurrent().then(() => putBack(bench, before));
  const recorded = await record(bench, { session: request.session, phase, ledger, flips, restored });
  await bench.lease.assertCurrent();
  await writeLedger(workshop.folder.path, ledger);
  const { tally: counts, setAside } =
    phase === 'initializer'
      ? { tally: tally(ledger), setAside: [] }
      : await countStalls(bench, request.session, commit, ledger);
  await recordSessionVerified(workshop.folder, request.session);
  const newlyPassing = flips.filter((flip) => flip.to === 'passing').length;
  const regressed = flips.filter((flip) => flip.to === 'regressed').length;
  const failures = phase === 'initializer' ? [] : failureLines(ledger);
  const line = `session ${request.session}: ${counts.featuresPassing}/${counts.featuresTotal} features, ${counts.casesPassing}/${counts.casesTotal} test cases pass`;
  bench.tell({ kind: 'verified', line, failures });
  const told = { newlyPassing, regressed, commit: recorded, listLocked: true, failures, setAside };
  return { kind: 'verified', tally: counts, ...told };
}

async function phaseOf(folder: BuildFolder, session: number): Promise<Phase> {
  const record = await readBuildRecord(folder);
  return record?.sessions.find((known) => known.number === session)?.phase ?? 'coding';
}

/** The initializer ended without closing the list: the next session is an initializer again. */
function unlocked(commit: string): VerifyOutcome {
  return {
    kind: 'verified',
    tally: EMPTY_TALLY,
    newlyPassing: 0,
    regressed: 0,
    commit,
    listLocked: false,
    failures: [],
  };
}

async function measure(
  bench: VerificationBench,
  before: Ledger,
  commit: string,
  live: Liveness,
): Promise<{ ledger: Ledger; flips: readonly FeatureFlip[] }> {
  const features = before.entries.map((entry) => entry.feature).filter((feature) => feature.test_cases.length > 0);
  const report = await verifyCommit(bench.parts, {
    commit,
    features,
    seed: randomBytes(8).toString('hex'),
    ...(before.suite ? { before: before.suite } : {}),
    signal: live.signal,
    onProgress: ({ casesPassing, casesTotal }) => live.report({ casesPassing, casesTotal, lastTool: 'test cases' }),
  });
  for (const line of reportLines(report)) bench.tell({ kind: 'note', text: line });
  const measured = verificationOf(report);
  await bench.git.note(commit, evidenceNote(measured));
  return applyVerification(before, measured);
}

function verificationOf(report: VerifyReport): VerificationReport {
  const { commit, tree, seed, features, suite } = report;
  return {
    ...{ commit, tree, seed, features },
    runId: randomBytes(6).toString('hex'),
    at: new Date().toISOString(),
    pytestPassed: suite.green,
    pytestSummary: suiteSummary(suite),
    suite: suite.evidence,
  };
}

function reportLines({ suite, startFailure }: VerifyReport): string[] {
  const start = startFailure ? [`the app does not start: ${startFailure.problem}`] : [];
  return [...start, `pytest: ${suiteSummary(suite)}`, ...suite.distrust.map((line) => `the suite: ${line}`)];
}

interface SessionRecord {
  readonly session: number;
  readonly phase: Phase;
  readonly ledger: Ledger;
  readonly flips: readonly FeatureFlip[];
  /** What the agent had changed of the files that only Nightshift decides. */
  readonly restored: readonly string[];
}

/** Undoes what the agent did to harness-owned files; each thing is logged, and told to the next session. */
async function putBack({ project, workshop, tell }: VerificationBench, before: Ledger): Promise<readonly string[]> {
  const restored = [
    ...(await restoreHarnessFiles(project, await policyTexts(workshop.folder.path))),
    ...listDepartures(before, await readProjectFile(project, FEATURE_LIST_FILE)),
  ];
  for (const line of restored) tell({ kind: 'note', text: `harness-owned: ${line}` });
  return restored;
}

/** Writes what the project shows of the ledger, commits and tags. Repeating it changes nothing. */
async function record(
  bench: VerificationBench,
  { session, phase, ledger, flips, restored }: SessionRecord,
): Promise<string> {
  const { project, git } = bench;
  await writeProjectFile(project, FEATURE_LIST_FILE, serializeFeatureList(featureListFrom(ledger)));
  const counts = tally(ledger);
  const ids = (state: string): string[] => flips.filter((flip) => flip.to === state).map((flip) => flip.featureId);
  const next = ledger.entries
    .filter((entry) => entry.state === 'open' || entry.state === 'regressed')
    .map((entry) => entry.feature.id);
  await appendProgressEntry(project, {
    session,
    phase,
    tally: counts,
    newlyPassing: ids('passing'),
    regressed: ids('regressed'),
    restored,
    next,
  });
  await bench.lease.assertCurrent();
  const summary = `${counts.featuresPassing} of ${counts.featuresTotal} features pass`;
  const commit = (await git.commitAll(`Record session ${session}: ${summary}`)) ?? (await git.head()) ?? '';
  const moved = await git.tag(`session-${session}`, commit, null);
  if (moved.kind === 'conflict') await git.tag(`session-${session}`, commit, moved.found);
  return commit;
}

function failureLines(ledger: Ledger): string[] {
  const lines = ledger.entries
    .filter((entry) => entry.state !== 'passing' && entry.failures.length > 0)
    .flatMap((entry) => entry.failures.slice(0, 1).map((failure) => `${entry.feature.id}: ${failure}`));
  return [...boundedLines(lines.slice(0, SHOWN_FAILURES), 300, SHOWN_BYTES)];
}

async function measureGates(bench: VerificationBench, live: Liveness): Promise<FinishOutcome> {
  const ledger = await readLedger(bench.workshop.folder.path);
  const commit = (await bench.git.head()) ?? '';
  live.report({ lastTool: 'gates' });
  const onGate = (gate: GateResult): void => {
    live.report({ lastTool: gate.name });
    bench.tell({ kind: 'gate', ...gate });
  };
  const measured = await runGates(bench.parts, { commit, onGate, signal: live.signal });
  const gates = measured.map((gate) => ({ ...gate, detail: gate.detail.slice(0, GATE_CHARACTERS) }));
  return { kind: 'finished', tally: ledger === null ? EMPTY_TALLY : tally(ledger), gates, commit };
}

function beatOf(activity: Heartbeat['activity'], session: number): Heartbeat {
  return {
    session,
    activity,
    turn: 0,
    lastTool: activity,
    inputTokens: 0,
    outputTokens: 0,
    casesPassing: 0,
    casesTotal: 0,
    at: '',
  };
}
