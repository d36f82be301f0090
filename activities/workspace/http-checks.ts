/**
 * The features' cases over HTTP against a project that is started for it, in the sandbox that it is given and on an
 * emptied database. An app that does not start, or takes its sandbox down, fails every case with the reason.
 */
import type { AppUnderTest } from '../features/case-client.js';
import { runFeatures } from '../features/case-runner.js';
import type { CaseResult, FeatureResult } from '../features/case-verdict.js';
import type { Feature } from '../features/feature.js';
import { type Sandbox, SandboxLost } from '../security/sandbox.js';
import { startApp } from './app-under-test.js';
import type { DatabaseName } from './databases.js';
import { type CheckDatabases, emptiedDatabase, HTTP_DATABASE } from './emptied-database.js';

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
  database: DatabaseName = HTTP_DATABASE,
): Promise<HttpChecks> {
  try {
    return await startAndCheck(sandbox, await emptiedDatabase(databases, database, sandbox), settings);
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

async function startAndCheck(sandbox: Sandbox, databaseUrl: string, settings: HttpCheckSettings): Promise<HttpChecks> {
  const start = await startApp(sandbox, { databaseUrl, ...(settings.signal ? { signal: settings.signal } : {}) });
  if (start.kind === 'failed') return nothingChecked(settings.features, start);
  try {
    const features = await runAll(start.app, settings);
    return { features, startFailure: null, appLog: await start.app.logTail() };
  } finally {
    await start.app.stop();
  }
}

async function runAll(app: AppUnderTest, settings: HttpCheckSettings): Promise<readonly FeatureResult[]> {
  const { features, seed, signal, onProgress } = settings;
  const casesTotal = features.reduce((sum, feature) => sum + feature.test_cases.length, 0);
  let casesDone = 0;
  let casesPassing = 0;
  const onResult = (result: CaseResult): void => {
    casesDone += 1;
    if (result.passed) casesPassing += 1;
    onProgress?.({ casesDone, casesPassing, casesTotal });
  };
  return runFeatures(features, Array(4).fill({ app }), { seed, onResult, ...(signal ? { signal } : {}) });
}
