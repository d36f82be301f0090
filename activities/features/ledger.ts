/**
 * The ledger: what Nightshift itself has measured about each feature, with evidence. Pure functions on a versioned
 * JSON value in the state directory; the agent can neither read nor write it, and `feature_list.json` is made from it.
 */
import { z } from 'zod';
import type { Tally } from '../../workflows/contract.js';
import type { CaseResult, FeatureResult } from './case-verdict.js';
import { type FeatureList, feature } from './feature.js';
import { entryHash } from './list.js';
import { nodesOf, type SuiteEvidence, suiteEvidence, unprovenRoute } from './suite-evidence.js';

export const LEDGER_VERSION = 1;

const featureState = z.enum(['open', 'passing', 'regressed', 'needs_model', 'waiting_for_answer']);
export type FeatureState = z.infer<typeof featureState>;

const evidence = z.strictObject({
  commit: z.string(),
  tree: z.string(),
  /** The verification's own id and the seed that repeats it. */
  runId: z.string(),
  seed: z.string(),
  casesPassed: z.number().int(),
  casesTotal: z.number().int(),
  pytestPassed: z.boolean(),
  at: z.string(),
  /** One line a case: its name, digests of its requests and answers, milliseconds, whether the app was restarted. */
  cases: z
    .array(
      z.strictObject({
        name: z.string(),
        passed: z.boolean(),
        requests: z.string(),
        responses: z.string(),
        ms: z.number(),
        restarted: z.boolean(),
      }),
    )
    .optional(),
  /** Own tests that sent requests to its routes. */
  nodes: z.array(z.string()).optional(),
});

type CaseEvidence = NonNullable<z.infer<typeof evidence>['cases']>[number];

const flip = z.strictObject({
  from: featureState,
  to: featureState,
  /** The commit on which it was seen; for a regression, the commit that broke it. */
  commit: z.string(),
  at: z.string(),
  why: z.string(),
});
export type Flip = z.infer<typeof flip>;

const entry = z.strictObject({
  /** As locked; its `passes` is always false here. */
  feature,
  hash: z.string(),
  state: featureState,
  evidence: evidence.nullable(),
  /** First failures of the last verification, bounded. */
  failures: z.array(z.string()),
  history: z.array(flip),
});
export type LedgerEntry = z.infer<typeof entry>;

const question = z.strictObject({
  id: z.string(),
  featureId: z.string().nullable(),
  text: z.string(),
  answer: z.string().nullable(),
});
export type Question = z.infer<typeof question>;

export const ledgerShape = z.strictObject({
  version: z.literal(LEDGER_VERSION),
  project: z.string(),
  entries: z.array(entry),
  questions: z.array(question),
  /** Of the last green suite of the project. */
  suite: suiteEvidence.optional(),
});
export type Ledger = z.infer<typeof ledgerShape>;

/** What a verification measured on one committed tree. */
export interface VerificationReport {
  readonly commit: string;
  readonly tree: string;
  readonly runId: string;
  readonly seed: string;
  /** ISO time. */
  readonly at: string;
  /** The project's own suite passed, with nothing skipped to get there. */
  readonly pytestPassed: boolean;
  readonly pytestSummary: string;
  /** Left out = nothing is asked of the suite but to be green. */
  readonly suite?: SuiteEvidence;
  /** Results of every feature that has cases; a feature left out counts as failed. */
  readonly features: readonly FeatureResult[];
}

export interface FeatureFlip extends Flip {
  readonly featureId: string;
}

export interface Verified {
  readonly ledger: Ledger;
  readonly flips: readonly FeatureFlip[];
}

const KEPT_FAILURES = 3;

/** The ledger of a list just locked: every entry hashed, nothing passing. */
export function lockedLedger(list: FeatureList): Ledger {
  const entries = list.features.map((listed): LedgerEntry => {
    const locked = { ...listed, passes: false };
    const state = listed.state === 'needs_model' ? 'needs_model' : 'open';
    return { feature: locked, hash: entryHash(locked), state, evidence: null, failures: [], history: [] };
  });
  return { version: LEDGER_VERSION, project: list.project, entries, questions: [] };
}

/** Applies one verification; the only way into and out of `passing`. */
export function applyVerification(ledger: Ledger, report: VerificationReport): Verified {
  const results = new Map(report.features.map((result) => [result.id, result.cases]));
  const flips: FeatureFlip[] = [];
  const entries = ledger.entries.map((before) => {
    const after = measured(ledger, before, results.get(before.feature.id) ?? [], report);
    const last = after.history.at(-1);
    if (last && after.history.length > before.history.length) flips.push({ featureId: before.feature.id, ...last });
    return after;
  });
  const suite = report.pytestPassed && report.suite ? { suite: report.suite } : {};
  return { ledger: { ...ledger, entries, ...suite }, flips };
}

function measured(
  ledger: Ledger,
  before: LedgerEntry,
  cases: readonly CaseResult[],
  report: VerificationReport,
): LedgerEntry {
  const total = before.feature.test_cases.length;
  const passed = cases.filter((result) => result.passed).length;
  const unproven = report.suite ? unprovenRoute(before.feature, report.suite) : null;
  const passes = total > 0 && cases.length === total && passed === total && report.pytestPassed && unproven === null;
  const state = nextState(ledger, before, passes);
  const failures = passes ? [] : failuresOf(cases, total, report, unproven);
  const after: LedgerEntry = {
    ...before,
    state,
    evidence: {
      commit: report.commit,
      tree: report.tree,
      runId: report.runId,
      seed: report.seed,
      casesPassed: passed,
      casesTotal: total,
      pytestPassed: report.pytestPassed,
      at: report.at,
      cases: cases.map(evidenceOfCase),
      ...(report.suite ? { nodes: [...nodesOf(before.feature, report.suite)] } : {}),
    },
    failures,
  };
  if (state === before.state) return after;
  const why = passes ? `${passed} of ${total} cases and the project's tests pass` : (failures[0] ?? 'does not pass');
  return {
    ...after,
    history: [...before.history, { from: before.state, to: state, commit: report.commit, at: report.at, why }],
  };
}

function nextState(ledger: Ledger, before: LedgerEntry, passes: boolean): FeatureState {
  if (passes) return 'passing';
  if (before.feature.state === 'needs_model') return 'needs_model';
  if (before.state === 'passing' || before.state === 'regressed') return 'regressed';
  return hasOpenQuestion(ledger, before.feature.id) ? 'waiting_for_answer' : 'open';
}

function evidenceOfCase({ name, passed, digests, durationMs, restarted }: CaseResult): CaseEvidence {
  const { requests = '', responses = '' } = digests ?? {};
  return { name, passed, requests, responses, ms: durationMs, restarted: restarted === true };
}

function failuresOf(
  cases: readonly CaseResult[],
  total: number,
  report: VerificationReport,
  unproven: string | null,
): string[] {
  const failed = cases.filter((result) => !result.passed).map(inOneLine);
  if (cases.length < total) failed.push(`${total - cases.length} of ${total} cases did not run`);
  if (!report.pytestPassed) failed.push(`pytest: ${report.pytestSummary}`);
  if (unproven !== null && report.pytestPassed) failed.push(unproven);
  if (total === 0) failed.push('no test cases: nothing can prove it');
  return failed.slice(0, KEPT_FAILURES).map((text) => text.slice(0, 500));
}

function inOneLine({ name, failure, flaky }: CaseResult): string {
  const how = flaky ? ' (flaky: passed when it was run once more)' : '';
  return failure ? `${name}${how}: ${failure.step}: expected ${failure.expected}, got ${failure.actual}` : name;
}

/** The list as written into the project: the locked entries, `passes` from the ledger, never evidence. */
export function featureListFrom(ledger: Ledger): FeatureList {
  return {
    version: 1,
    project: ledger.project,
    features: ledger.entries.map(({ feature: locked, state }) => ({ ...locked, passes: state === 'passing' })),
  };
}

/** Counts for progress and exit codes; a case counts as passing by the last verification, even in a feature that fails. */
export function tally(ledger: Ledger): Tally {
  const inState = (state: FeatureState) => ledger.entries.filter((known) => known.state === state).length;
  const sum = (count: (known: LedgerEntry) => number) =>
    ledger.entries.reduce((total, known) => total + count(known), 0);
  return {
    featuresTotal: ledger.entries.length,
    featuresPassing: inState('passing'),
    casesTotal: sum((known) => known.feature.test_cases.length),
    casesPassing: sum((known) => known.evidence?.casesPassed ?? 0),
    needsModel: inState('needs_model'),
    waitingForAnswer: inState('waiting_for_answer'),
  };
}

function hasOpenQuestion(ledger: Ledger, featureId: string): boolean {
  return ledger.questions.some((known) => known.featureId === featureId && known.answer === null);
}
