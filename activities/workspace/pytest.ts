/**
 * Runs a project's own test suite in a sandbox and reads what became of each test from a report outside the project.
 * A suite is green only when tests ran, all passed, and none was skipped or expected to fail.
 */
import { randomUUID } from 'node:crypto';
import type { Route } from '../features/route.js';
import { NO_SUITE_EVIDENCE, type SuiteEvidence } from '../features/suite-evidence.js';
import type { CommandResult, Sandbox } from '../security/sandbox.js';
import { parseJunitReport, type TestOutcome, type TestVerdict } from './junit-report.js';
import { auditSuite, plainNodes } from './suite-audit.js';
import { openSuiteProbe, type SuiteProbe } from './suite-probe.js';

export interface SuiteSettings {
  /** Database that the tests may fill and empty (TEST_DATABASE_URL), as seen inside the sandbox. */
  readonly testDatabaseUrl: string;
  /** The app's own (DATABASE_URL): another one, because a careful suite refuses to empty it. */
  readonly databaseUrl: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Routes of which a test must notice when they are broken; default none. */
  readonly routes?: readonly Route[];
  /** Of the last green suite; default none. */
  readonly before?: SuiteEvidence;
  /** Further pytest arguments of Nightshift's own (coverage). */
  readonly args?: readonly string[];
  /** Default 10 minutes. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface SuiteFailure {
  readonly node: string;
  readonly verdict: Exclude<TestVerdict, 'passed'>;
  /** At most 1,000 characters. */
  readonly message: string;
}

export interface SuiteResult {
  /** At least one test, all passed, none skipped or expected to fail, and pytest itself ended well. */
  readonly green: boolean;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly xfailed: number;
  readonly errors: number;
  readonly durationMs: number;
  /** At most 50, in the report's order. */
  readonly failures: readonly SuiteFailure[];
  /** What kept pytest from a result (time limit, no tests, crash), with the output's tail; null when it gave one. */
  readonly problem: string | null;
  /** Why the result can't be believed, one line each; empty = it can. */
  readonly distrust: readonly string[];
  readonly evidence: SuiteEvidence;
}

const SUITE_TIMEOUT_MS = 10 * 60_000;
const MAX_FAILURES = 50;
const MAX_MESSAGE = 1_000;
const REPORT_BYTES = 8 * 1024 * 1024;

/**
 * `addopts` and the names of tests in the project's configuration are not used: they could leave tests out, and coverage
 * belongs to the finish. A test that is expected to fail and passes fails.
 */
const ARGUMENTS = [
  '-q',
  '-p',
  'no:cacheprovider',
  '-o',
  'addopts=',
  '-o',
  'xfail_strict=true',
  '-o',
  'testpaths=',
  '-o',
  'python_files=test_*.py *_test.py',
  '-o',
  'python_functions=test',
  '-o',
  'python_classes=Test',
  '-o',
  'junit_family=xunit1',
  '--tb=short',
  '-ra',
];

export async function runSuite(sandbox: Sandbox, settings: SuiteSettings): Promise<SuiteResult> {
  const timeoutMs = settings.timeoutMs ?? SUITE_TIMEOUT_MS;
  const before = settings.before ?? NO_SUITE_EVIDENCE;
  const probe = await openSuiteProbe(sandbox, settings.routes ?? [], before);
  // HOME is the sandbox's own; the name is new so that no earlier report can be read for this one.
  const file = `$HOME/pytest-${randomUUID()}.xml`;
  const script = `exec pytest "$@" --junitxml="${file}"`;
  const run = await sandbox.run({
    command: ['sh', '-c', script, 'sh', ...probe.args, ...ARGUMENTS, ...(settings.args ?? [])],
    environment: {
      ...settings.environment,
      ...probe.environment,
      DATABASE_URL: settings.databaseUrl,
      TEST_DATABASE_URL: settings.testDatabaseUrl,
    },
    timeoutMs,
    outputBytes: 20_000,
    ...(settings.signal ? { signal: settings.signal } : {}),
  });
  settings.signal?.throwIfAborted();
  const report = await sandbox.run({
    command: ['sh', '-c', `cat "${file}" && rm -f "${file}"`],
    timeoutMs: 20_000,
    outputBytes: REPORT_BYTES,
  });
  return trusted(suiteResult(run, parseJunitReport(report.stdout) ?? [], timeoutMs), report.stdout, probe, before);
}

/** The result with what speaks against it, and with what it proves. */
async function trusted(
  result: SuiteResult,
  junit: string,
  probe: SuiteProbe,
  before: SuiteEvidence,
): Promise<SuiteResult> {
  const { collector } = probe;
  const seen = await probe.report();
  const outcomes = parseJunitReport(junit) ?? [];
  // Of a suite that broke only what stands in the files is told; what it left undone is no sign of a trick.
  const audited = auditSuite({ collector, probe: seen, outcomes, before });
  const distrust = result.problem === null ? audited : audited.filter((line) => /^\S+:\d+ /.test(line));
  const routes = seen?.routes ?? [];
  const evidence: SuiteEvidence = {
    nodes: [...plainNodes(collector.tests.map(({ node }) => node))],
    proofs: Object.fromEntries(
      routes.flatMap(({ route, proof }) => (proof ? [[route, { node: proof.node, key: proof.key }]] : [])),
    ),
    reached: Object.fromEntries(routes.map(({ route, nodes }) => [route, nodes])),
    removed: collector.removed,
  };
  return { ...result, green: result.green && distrust.length === 0, distrust, evidence };
}

/** One line for ledgers and people: `143 passed` or `2 failed, 141 passed (first: tests/…::test_x)`. */
export function suiteSummary(suite: SuiteResult): string {
  const [doubt, ...more] = suite.distrust;
  const also = more.length > 0 ? ` (and ${more.length} more)` : '';
  const doubts = doubt === undefined ? '' : `; not believed: ${doubt}${also}`;
  if (suite.problem !== null) return `${suite.problem.split('\n')[0] ?? ''}${doubts}`;
  const kinds = ['failed', 'errors', 'skipped', 'xfailed', 'passed'] as const;
  const counts = kinds.filter((kind) => suite[kind] > 0).map((kind) => `${suite[kind]} ${kind}`);
  const first = suite.failures[0];
  return counts.join(', ') + (first ? ` (first: ${first.node})` : '') + doubts;
}

/** The result of a suite that could not even be started. */
export function noSuite(problem: string): SuiteResult {
  const nothing = { passed: 0, failed: 0, skipped: 0, xfailed: 0, errors: 0, durationMs: 0, failures: [] };
  return { green: false, ...nothing, problem, distrust: [], evidence: NO_SUITE_EVIDENCE };
}

function suiteResult(run: CommandResult, outcomes: readonly TestOutcome[], timeoutMs: number): SuiteResult {
  const count = (verdict: TestVerdict): number => outcomes.filter((outcome) => outcome.verdict === verdict).length;
  const problem = problemOf(run, outcomes, timeoutMs);
  return {
    green: problem === null && run.exitCode === 0 && outcomes.every((outcome) => outcome.verdict === 'passed'),
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    xfailed: count('xfailed'),
    errors: count('error'),
    durationMs: run.durationMs,
    failures: outcomes.flatMap((outcome) => failureOf(outcome)).slice(0, MAX_FAILURES),
    problem,
    distrust: [],
    evidence: NO_SUITE_EVIDENCE,
  };
}

function failureOf({ node, verdict, message }: TestOutcome): readonly SuiteFailure[] {
  return verdict === 'passed' ? [] : [{ node, verdict, message: message.slice(0, MAX_MESSAGE) }];
}

/** Exit status 1 means failed tests, which the report tells; anything else but 0 is trouble of pytest itself. */
function problemOf(run: CommandResult, outcomes: readonly TestOutcome[], timeoutMs: number): string | null {
  const tail = run.output.trim().slice(-2_000);
  if (run.timedOut) return `pytest did not end within ${timeoutMs / 1000} s\n${tail}`;
  if (outcomes.length === 0) return `pytest ran no test (exit status ${run.exitCode})\n${tail}`;
  if (run.exitCode === 0 || outcomes.some(({ verdict }) => verdict === 'failed' || verdict === 'error')) return null;
  return `pytest ended with exit status ${run.exitCode} though no test failed\n${tail}`;
}
