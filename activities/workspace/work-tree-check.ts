/**
 * Nightshift's checks against the work tree as it is, for the `check` tool: a help for the agent while it works, in
 * the agent's own sandbox. Never evidence; only `verifier.ts`, on a commit, is.
 */
import type { CaseFailure, FeatureResult } from '../features/case-verdict.js';
import type { Feature } from '../features/feature.js';
import type { Sandbox } from '../security/sandbox.js';
import type { DatabaseName } from './databases.js';
import { type CheckDatabases, HTTP_DATABASE } from './emptied-database.js';
import { checkOverHttp, type HttpChecks } from './http-checks.js';

export interface WorkTreeCheckParts {
  /** The agent's live sandbox, over the project directory. */
  readonly sandbox: Sandbox;
  readonly databases: CheckDatabases;
  /** A database that no verification of the same build uses at the same time; default `check_1`. */
  readonly database?: DatabaseName;
}

export interface WorkTreeCheckSettings {
  readonly features: readonly Feature[];
  readonly seed: string;
  readonly signal?: AbortSignal;
}

export interface WorkTreeCheck {
  readonly casesPassing: number;
  readonly casesTotal: number;
  readonly featuresPassing: number;
  /** What the model reads: counts, then each failing case with request, expected and actual; at most 12 kB. */
  readonly text: string;
}

const MAX_FAILURES = 12;
const LOG_CHARACTERS = 2_500;
const MAX_TEXT = 12_000;

export async function checkWorkTree(
  parts: WorkTreeCheckParts,
  settings: WorkTreeCheckSettings,
): Promise<WorkTreeCheck> {
  const checks = await checkOverHttp(parts.databases, parts.sandbox, {
    ...settings,
    quickOn: parts.database ?? HTTP_DATABASE,
  });
  const cases = checks.features.flatMap((feature) => feature.cases);
  const passing = checks.features.filter(({ cases: own }) => own.length > 0 && own.every((one) => one.passed));
  return {
    casesPassing: cases.filter((one) => one.passed).length,
    casesTotal: cases.length,
    featuresPassing: passing.length,
    text: rendered(checks, passing.length).slice(0, MAX_TEXT),
  };
}

function rendered(checks: HttpChecks, featuresPassing: number): string {
  if (checks.startFailure !== null) {
    const { step, problem, log } = checks.startFailure;
    return `The app does not start (${step}): ${problem}\nNo case ran. End of its output:\n${log.trim().slice(-6_000)}`;
  }
  const failures = checks.features.flatMap(failuresOf);
  const cases = checks.features.reduce((sum, feature) => sum + feature.cases.length, 0);
  const counts = `${featuresPassing} of ${checks.features.length} features, ${cases - failures.length} of ${cases} cases pass.`;
  const more = failures.length > MAX_FAILURES ? [`… and ${failures.length - MAX_FAILURES} more failing cases.`] : [];
  return [counts, ...failures.slice(0, MAX_FAILURES).map(inWords), ...more, ...logOf(checks, failures)].join('\n\n');
}

interface Failed {
  readonly feature: string;
  readonly name: string;
  readonly failure: CaseFailure | undefined;
}

function failuresOf({ id, cases }: FeatureResult): readonly Failed[] {
  return cases.flatMap(({ name, passed, failure }) => (passed ? [] : [{ feature: id, name, failure }]));
}

function inWords({ feature, name, failure }: Failed): string {
  if (failure === undefined) return `FAIL ${feature}: ${name}`;
  const { step, request, expected, actual } = failure;
  return `FAIL ${feature}: ${name}\n  ${step}: ${request}\n  expected: ${expected}\n  actual: ${actual}`;
}

/** The app's own words help only where it broke. */
function logOf(checks: HttpChecks, failures: readonly Failed[]): readonly string[] {
  const broke = failures.some(({ failure }) => /status 5\d\d|no answer|ECONN/.test(failure?.actual ?? ''));
  const log = checks.appLog.trim();
  return broke && log !== '' ? [`End of the app's log:\n${log.slice(-LOG_CHARACTERS)}`] : [];
}
