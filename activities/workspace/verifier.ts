/**
 * Measures one commit: every test case over HTTP and the project's own suite, each in a clean checkout, a fresh
 * sandbox and a fresh database that the agent's session never touched. Reports what it saw; the ledger decides.
 */
import type { AppUnderTest } from '../features/case-client.js';
import { runFeatures } from '../features/case-runner.js';
import type { CaseResult, FeatureResult } from '../features/case-verdict.js';
import type { Feature } from '../features/feature.js';
import type { Sandbox, SandboxRequest } from '../security/sandbox.js';
import { type AppStart, startApp } from './app-under-test.js';
import {
  type Checkout,
  type CheckoutRequest,
  type CommitPack,
  openCheckout,
  packCommit,
  sweepCheckouts,
} from './checkout.js';
import type { DatabaseName, ProjectDatabases } from './databases.js';
import { createGit } from './git.js';
import { runSuite, type SuiteResult } from './pytest.js';
import type { PythonEnvironment } from './python-environment.js';

/** What a verification works with; all of it is the worker's, nothing the agent's but the committed objects. */
export interface VerifierParts {
  readonly openSandbox: (request: SandboxRequest) => Promise<Sandbox>;
  /** A sandbox over the project directory, to read the commit from. */
  readonly project: Sandbox;
  readonly projectDir: string;
  /** Outside of any project, for checkouts of this build alone: emptied at each verification. */
  readonly scratch: string;
  /** Builds or finds the environment of a requirements.txt; throws EnvironmentBuildError. */
  readonly environmentFor: (requirements: string) => Promise<PythonEnvironment>;
  readonly postgres: NonNullable<SandboxRequest['postgres']>;
  readonly databases: Pick<ProjectDatabases, 'url' | 'reset'>;
}

export interface VerifyProgress {
  readonly casesDone: number;
  readonly casesPassing: number;
  readonly casesTotal: number;
}

export interface VerifySettings {
  readonly commit: string;
  readonly features: readonly Feature[];
  /** Recorded with the evidence; the same seed makes the same values in the same order. */
  readonly seed: string;
  readonly onProgress?: (progress: VerifyProgress) => void;
  readonly signal?: AbortSignal;
}

export interface VerifyReport {
  readonly commit: string;
  readonly tree: string;
  readonly seed: string;
  /** One entry per feature, in their order; all cases fail with the reason when the app did not start. */
  readonly features: readonly FeatureResult[];
  readonly suite: SuiteResult;
  /** Why the app did not start; null when it did. */
  readonly startFailure: Extract<AppStart, { kind: 'failed' }> | null;
  /** End of the app's own log, for the person and the next session. */
  readonly appLog: string;
}

const HTTP_DATABASE: DatabaseName = 'check_1';
const SUITE_DATABASE: DatabaseName = 'check_2';
/** What the suite finds as the app's own database; it has no reason to touch it. */
const IDLE_DATABASE: DatabaseName = 'test';

/**
 * Checks a commit. Rejects with the signal's reason when aborted, with GitFailed or EnvironmentBuildError when the
 * commit can't be read or its requirements can't be installed; everything that the project does wrong is in the report.
 */
export async function verifyCommit(parts: VerifierParts, settings: VerifySettings): Promise<VerifyReport> {
  const { commit, seed, signal } = settings;
  await sweepCheckouts(parts.scratch);
  const [pack, request] = await Promise.all([
    packCommit(parts.project, parts.projectDir, commit),
    checkoutRequest(parts, commit),
  ]);
  signal?.throwIfAborted();
  const lanes = [
    inCheckout(request, pack, async ({ sandbox, tree }) => ({
      tree,
      ...(await checkOverHttp(parts, sandbox, settings)),
    })),
    inCheckout(request, pack, ({ sandbox }) => runOwnSuite(parts, sandbox, signal)),
  ] as const;
  await Promise.allSettled(lanes); // a lane that failed must not leave the other one running
  const [checks, suite] = await Promise.all(lanes);
  return { commit, seed, suite, ...checks };
}

/** A checkout's surroundings: the environment of the commit's own requirements.txt, read-only, and PostgreSQL. */
export async function checkoutRequest(parts: VerifierParts, commit: string): Promise<CheckoutRequest> {
  const requirements = await createGit(parts.project, parts.projectDir).show(commit, 'requirements.txt');
  const python = await parts.environmentFor(requirements ?? '');
  return {
    openSandbox: parts.openSandbox,
    scratch: parts.scratch,
    surroundings: {
      readOnly: [...new Set([python.prefix, python.pythonPrefix])],
      path: [python.bin],
      environment: {},
      postgres: parts.postgres,
    },
  };
}

/** Works in a checkout that is gone afterwards, whatever happens. */
export async function inCheckout<T>(
  request: CheckoutRequest,
  pack: CommitPack,
  work: (checkout: Checkout) => Promise<T>,
): Promise<T> {
  const checkout = await openCheckout(request, pack);
  try {
    return await work(checkout);
  } finally {
    await checkout.close();
  }
}

/** Empties the database and gives its URL as `sandbox` sees it. */
export async function freshDatabase(
  databases: VerifierParts['databases'],
  name: DatabaseName,
  sandbox: Sandbox,
): Promise<string> {
  if (sandbox.postgresAddress === null) throw new Error('the sandbox was opened without PostgreSQL');
  await databases.reset(name);
  return databases.url(name, sandbox.postgresAddress);
}

/** Both databases of a suite, emptied. */
export async function suiteDatabases(
  databases: VerifierParts['databases'],
  sandbox: Sandbox,
): Promise<{ readonly databaseUrl: string; readonly testDatabaseUrl: string }> {
  const [databaseUrl, testDatabaseUrl] = await Promise.all([
    freshDatabase(databases, IDLE_DATABASE, sandbox),
    freshDatabase(databases, SUITE_DATABASE, sandbox),
  ]);
  return { databaseUrl, testDatabaseUrl };
}

export interface HttpChecks {
  readonly features: readonly FeatureResult[];
  readonly startFailure: VerifyReport['startFailure'];
  readonly appLog: string;
}

/** Starts the project in the sandbox's directory on an emptied database and runs the features' cases against it. */
export async function checkOverHttp(
  parts: Pick<VerifierParts, 'databases'>,
  sandbox: Sandbox,
  settings: Omit<VerifySettings, 'commit'>,
  database: DatabaseName = HTTP_DATABASE,
): Promise<HttpChecks> {
  const databaseUrl = await freshDatabase(parts.databases, database, sandbox);
  const signal = settings.signal ? { signal: settings.signal } : {};
  const start = await startApp(sandbox, { databaseUrl, ...signal });
  if (start.kind === 'failed') return neverStarted(settings.features, start);
  try {
    const features = await runAll(start.app, settings);
    return { features, startFailure: null, appLog: await start.app.logTail() };
  } finally {
    await start.app.stop();
  }
}

async function runAll(app: AppUnderTest, settings: Omit<VerifySettings, 'commit'>): Promise<readonly FeatureResult[]> {
  const { features, seed, signal, onProgress } = settings;
  const casesTotal = features.reduce((sum, feature) => sum + feature.test_cases.length, 0);
  let casesDone = 0;
  let casesPassing = 0;
  const onResult = (result: CaseResult): void => {
    casesDone += 1;
    if (result.passed) casesPassing += 1;
    onProgress?.({ casesDone, casesPassing, casesTotal });
  };
  return runFeatures(features, app, { seed, onResult, ...(signal ? { signal } : {}) });
}

function neverStarted(features: readonly Feature[], start: Extract<AppStart, { kind: 'failed' }>): HttpChecks {
  const actual = `${start.problem}; ${start.log.trim().slice(-400)}`;
  const failure = { step: 'start', request: start.step, expected: 'an app that starts', actual };
  return {
    features: features.map(({ id, test_cases }) => ({
      id,
      cases: test_cases.map(({ name }) => ({ name, passed: false, failure, durationMs: 0 })),
    })),
    startFailure: start,
    appLog: start.log,
  };
}

async function runOwnSuite(parts: VerifierParts, sandbox: Sandbox, signal?: AbortSignal): Promise<SuiteResult> {
  return runSuite(sandbox, { ...(await suiteDatabases(parts.databases, sandbox)), ...(signal ? { signal } : {}) });
}
