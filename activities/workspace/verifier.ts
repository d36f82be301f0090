/**
 * Measures one commit: every test case over HTTP and the project's own suite, each in a clean checkout, a fresh
 * sandbox and a fresh database that the agent's session never touched. Reports what it saw; the ledger decides.
 */
import { routesOfAll } from '../features/route.js';
import type { SuiteEvidence } from '../features/suite-evidence.js';
import { type Sandbox, SandboxLost, type SandboxRequest } from '../security/sandbox.js';
import {
  type Checkout,
  type CheckoutRequest,
  type CommitPack,
  CommitTooLarge,
  openCheckout,
  packCommit,
  sweepCheckouts,
} from './checkout.js';
import { type CheckDatabases, suiteDatabases } from './emptied-database.js';
import { createGit } from './git.js';
import {
  checkOverHttp,
  type HttpCheckSettings,
  type HttpChecks,
  nothingChecked,
  type StartFailure,
} from './http-checks.js';
import { noSuite, runSuite, type SuiteResult } from './pytest.js';
import { EnvironmentBuildError, type PythonEnvironment } from './python-environment.js';

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
  readonly databases: CheckDatabases;
}

export interface VerifySettings extends HttpCheckSettings {
  readonly commit: string;
  /** Of the last green suite: what must still be there, and what need not be proved again. */
  readonly before?: SuiteEvidence;
}

export interface VerifyReport extends HttpChecks {
  readonly commit: string;
  readonly tree: string;
  readonly seed: string;
  readonly suite: SuiteResult;
}

/** A commit as far as it can be prepared for running: that it can't is the project's fault, and a result. */
export type PreparedCommit =
  | { readonly kind: 'ready'; readonly request: CheckoutRequest; readonly pack: CommitPack }
  | { readonly kind: 'unusable'; readonly failure: StartFailure };

/**
 * Checks a commit. Rejects with the signal's reason when aborted and with GitFailed when the repository can't be read;
 * everything that the project does wrong is in the report.
 */
export async function verifyCommit(parts: VerifierParts, settings: VerifySettings): Promise<VerifyReport> {
  const { commit, seed, signal } = settings;
  const prepared = await prepareCommit(parts, commit);
  signal?.throwIfAborted();
  if (prepared.kind === 'unusable') {
    const tree = await createGit(parts.project, parts.projectDir).tree(commit);
    const checks = nothingChecked(settings.features, prepared.failure);
    return { commit, tree, seed, suite: noSuite(prepared.failure.problem), ...checks };
  }
  const { request, pack } = prepared;
  const lanes = [
    inCheckout(request, pack, async ({ sandbox, tree }) => ({
      tree,
      ...(await checkOverHttp(parts.databases, sandbox, settings)),
    })),
    inCheckout(request, pack, ({ sandbox }) => runOwnSuite(parts.databases, sandbox, settings)),
  ] as const;
  await Promise.allSettled(lanes); // a lane that failed must not leave the other one running
  const [checks, suite] = await Promise.all(lanes);
  return { commit, seed, suite, ...checks };
}

/** Packs the commit and finds the environment of its own requirements.txt, to be mounted read-only. */
export async function prepareCommit(parts: VerifierParts, commit: string): Promise<PreparedCommit> {
  await sweepCheckouts(parts.scratch);
  try {
    const requirements = await createGit(parts.project, parts.projectDir).show(commit, 'requirements.txt');
    const [pack, python] = await Promise.all([
      packCommit(parts.project, parts.projectDir, commit),
      parts.environmentFor(requirements ?? ''),
    ]);
    const surroundings = {
      readOnly: [...new Set([python.prefix, python.pythonPrefix])],
      path: [python.bin],
      environment: {},
      postgres: parts.postgres,
    };
    return { kind: 'ready', pack, request: { openSandbox: parts.openSandbox, scratch: parts.scratch, surroundings } };
  } catch (error) {
    if (error instanceof EnvironmentBuildError) {
      const problem = 'the packages of requirements.txt cannot be installed';
      return { kind: 'unusable', failure: { step: 'requirements', problem, log: error.message } };
    }
    if (!(error instanceof CommitTooLarge)) throw error;
    return { kind: 'unusable', failure: { step: 'checkout', problem: error.message, log: '' } };
  }
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

async function runOwnSuite(
  databases: CheckDatabases,
  sandbox: Sandbox,
  { features, before, signal }: VerifySettings,
): Promise<SuiteResult> {
  try {
    const urls = await suiteDatabases(databases, sandbox);
    return await runSuite(sandbox, {
      ...urls,
      routes: routesOfAll(features),
      ...(before ? { before } : {}),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (!(error instanceof SandboxLost)) throw error;
    signal?.throwIfAborted();
    return noSuite(`the sandbox ended under pytest (out of memory, or killed from inside): ${error.message}`);
  }
}
