/**
 * The features' cases over HTTP against a project that is started for it, in the sandbox that it is given and on an
 * emptied database. An app that does not start, or takes its sandbox down, fails every case with the reason.
 */
import { type Lane, runFeatures } from '../features/case-runner.js';
import type { CaseResult, FeatureResult } from '../features/case-verdict.js';
import type { Feature } from '../features/feature.js';
import { type Sandbox, SandboxLost } from '../security/sandbox.js';
import { openLanes } from './check-lanes.js';
import type { DatabaseName } from './databases.js';
import { type CheckDatabases, HTTP_DATABASE, HTTP_DATABASES } from './emptied-database.js';

export interface VerifyProgress {
  readonly casesDone: number;
  readonly casesPassing: number;
  readonly casesTotal: number;
}

export interface HttpCheckSettings {
  readonly features: readonly Feature[];
  /** Recorded with the evidence; the same seed makes the same values in the same order. */
  readonly seed: string;
  readonly onProgress?: (progress: VerifyProgress) => void;
  /** A quick look: one app on this database, no restarts. Else as many lanes as the cases are worth. */
  readonly quickOn?: DatabaseName;
  readonly signal?: AbortSignal;
}

/** Why no case could run. */
export interface StartFailure {
  readonly step: 'checkout' | 'requirements' | 'migrations' | 'start';
  readonly problem: string;
  /** End of what the step printed. */
  readonly log: string;
}

export interface HttpChecks {
  /** One entry per feature, in their order; all cases fail with the reason when the app did not start. */
  readonly features: readonly FeatureResult[];
  /** Null when the app started. */
  readonly startFailure: StartFailure | null;
  /** End of the app's own log, for the person and the next session. */
  readonly appLog: string;
}

/** Rejects with the signal's reason when aborted. */
export async function checkOverHttp(
  databases: CheckDatabases,
  sandbox: Sandbox,
  settings: HttpCheckSettings,
): Promise<HttpChecks> {
  try {
    return await startAndCheck(databases, sandbox, settings);
  } catch (error) {
    if (!(error instanceof SandboxLost)) throw error;
    settings.signal?.throwIfAborted();
    const problem = `the sandbox ended under the app (out of memory, or killed from inside): ${error.message}`;
    return nothingChecked(settings.features, { step: 'start', problem, log: '' });
  }
}

/** Every case failed for the same reason. */
export function nothingChecked(features: readonly Feature[], startFailure: StartFailure): HttpChecks {
  const { step, problem, log } = startFailure;
  const actual = `${problem}; ${log.trim().slice(-400)}`.replace(/; $/, '');
  const failure = { step: 'start', request: step, expected: 'an app that starts', actual };
  return {
    features: features.map(({ id, test_cases }) => ({
      id,
      cases: test_cases.map(({ name }) => ({ name, passed: false, failure, durationMs: 0 })),
    })),
    startFailure,
    appLog: log,
  };
}

/** Fewer cases are sooner done on one app than a second one is started. */
const CASES_WORTH_A_LANE = 40;

async function startAndCheck(
  databases: CheckDatabases,
  sandbox: Sandbox,
  settings: HttpCheckSettings,
): Promise<HttpChecks> {
  const cases = settings.features.reduce((sum, feature) => sum + feature.test_cases.length, 0);
  const count = Math.max(1, Math.ceil(cases / CASES_WORTH_A_LANE));
  const [first = HTTP_DATABASE, ...others] = settings.quickOn ? [settings.quickOn] : HTTP_DATABASES.slice(0, count);
  const opened = await openLanes(databases, sandbox, {
    databases: [first, ...others],
    restarts: settings.quickOn === undefined,
    ...(settings.signal ? { signal: settings.signal } : {}),
  });
  if (opened.kind === 'failed') return nothingChecked(settings.features, opened);
  try {
    const features = await runAll(opened.lanes, settings);
    return { features, startFailure: null, appLog: await opened.logTail() };
  } finally {
    await opened.close();
  }
}

async function runAll(lanes: readonly Lane[], settings: HttpCheckSettings): Promise<readonly FeatureResult[]> {
  const { features, seed, signal, onProgress } = settings;
  const casesTotal = features.reduce((sum, feature) => sum + feature.test_cases.length, 0);
  let casesDone = 0;
  let casesPassing = 0;
  const onResult = (result: CaseResult): void => {
    casesDone += 1;
    if (result.passed) casesPassing += 1;
    onProgress?.({ casesDone, casesPassing, casesTotal });
  };
  return runFeatures(features, lanes, { seed, onResult, ...(signal ? { signal } : {}) });
}
