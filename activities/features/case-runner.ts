/**
 * Runs test cases as HTTP checks against a running app. Whatever the app or the case does wrong is a failed result
 * with the request, the expected and the actual answer; nothing here throws for it.
 */
import { createHash } from 'node:crypto';
import pLimit from 'p-limit';
import {
  type AppUnderTest,
  type CaseClient,
  type CaseResponse,
  DEFAULT_CLIENT_LIMITS,
  openClient,
} from './case-client.js';
import {
  type CaseFailure,
  type CaseResult,
  describeRequest,
  type Expectation,
  type FeatureResult,
  failureOf,
  type Problem,
  problemsOf,
} from './case-verdict.js';
import type { CaseRequest, Feature, JsonValue, TestCase } from './feature.js';
import { valueAt } from './matcher.js';
import { interpolate, interpolateText, newScope, UnknownPlaceholder, type ValueScope } from './values.js';

const DEFAULT_CONCURRENCY = 4;

export interface RunOptions {
  /** Makes the fresh values and the order of the cases; recorded so that a run can be repeated. */
  readonly seed: string;
  /** Cases at the same time; default 4. */
  readonly concurrency?: number;
  /** Per request; default 10 s. */
  readonly timeoutMs?: number;
  readonly onResult?: (result: CaseResult) => void;
  /** Cases not yet begun are left out once aborted: the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** One case, over connections of its own. */
export async function runCase(
  testCase: TestCase,
  app: AppUnderTest,
  seed: string,
  timeoutMs?: number,
): Promise<CaseResult> {
  const client = openClient(app, { ...DEFAULT_CLIENT_LIMITS, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  try {
    return await runOver(client, testCase, seed);
  } finally {
    await client.close();
  }
}

/** Many cases over kept connections; results stand in the order of the cases. */
export async function runCases(
  cases: readonly TestCase[],
  app: AppUnderTest,
  options: RunOptions,
): Promise<CaseResult[]> {
  return runJobs(
    cases.map((testCase) => ({ testCase, seed: options.seed })),
    app,
    options,
  );
}

/** Every case of every feature. A feature without cases has no results, and so never passes. */
export async function runFeatures(
  features: readonly Feature[],
  app: AppUnderTest,
  options: RunOptions,
): Promise<FeatureResult[]> {
  const jobs = features.flatMap((feature) =>
    feature.test_cases.map((testCase) => ({ testCase, seed: caseSeed(options.seed, feature.id) })),
  );
  const results = (await runJobs(jobs, app, options)).values();
  return features.map((feature) => ({
    id: feature.id,
    cases: feature.test_cases.flatMap(() => results.next().value ?? []),
  }));
}

/** The seed of a feature's cases: cases of the same name in two features get different values. */
export function caseSeed(seed: string, featureId: string): string {
  return `${seed}/${featureId}`;
}

interface Job {
  readonly testCase: TestCase;
  readonly seed: string;
}

async function runJobs(jobs: readonly Job[], app: AppUnderTest, options: RunOptions): Promise<CaseResult[]> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_CLIENT_LIMITS.timeoutMs;
  const limit = pLimit(options.concurrency ?? DEFAULT_CONCURRENCY);
  const results = new Map<Job, CaseResult>();
  const idle: CaseClient[] = [];
  const run = async (job: Job) => {
    options.signal?.throwIfAborted();
    const client = idle.pop() ?? openClient(app, { ...DEFAULT_CLIENT_LIMITS, timeoutMs });
    const result = await runOver(client, job.testCase, job.seed);
    // Servers drop the connection after an error of their own: it must not take the next case with it.
    if (result.passed) idle.push(client);
    else await client.close();
    results.set(job, result);
    options.onResult?.(result);
  };
  try {
    const settled = await Promise.allSettled(shuffled(jobs).map((job) => limit(run, job)));
    const failed = settled.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
    return jobs.flatMap((job) => results.get(job) ?? []);
  } finally {
    await Promise.all(idle.map((client) => client.close()));
  }
}

/** An order that follows from the seeds: no case may lean on one that stands before it. */
function shuffled(jobs: readonly Job[]): Job[] {
  const key = (job: Job, index: number) =>
    createHash('sha256')
      .update(JSON.stringify([job.seed, job.testCase.name, index]))
      .digest('hex');
  return jobs
    .map((job, index) => ({ job, key: key(job, index) }))
    .sort((left, right) => (left.key < right.key ? -1 : 1))
    .map(({ job }) => job);
}

interface Step extends Expectation {
  readonly step: string;
  readonly request: CaseRequest;
  readonly as?: string | undefined;
  readonly capture?: Readonly<Record<string, string>> | undefined;
}

async function runOver(client: CaseClient, testCase: TestCase, seed: string): Promise<CaseResult> {
  const started = performance.now();
  const scope = newScope(seed, testCase.name);
  const failure = await firstFailure(client, stepsOf(testCase), scope);
  const durationMs = Math.round(performance.now() - started);
  return { name: testCase.name, passed: failure === undefined, ...(failure ? { failure } : {}), durationMs };
}

function stepsOf(testCase: TestCase): Step[] {
  return [
    ...testCase.given.map((step, index) => ({ ...step, step: `given ${index + 1}` })),
    { ...testCase, step: 'request' },
    ...(testCase.afterwards ?? []).map((step, index) => ({ ...step, step: `afterwards ${index + 1}` })),
  ];
}

async function firstFailure(
  client: CaseClient,
  steps: readonly Step[],
  scope: ValueScope,
): Promise<CaseFailure | undefined> {
  for (const step of steps) {
    try {
      const failure = await runStep(client, step, scope);
      if (failure) return failure;
    } catch (error) {
      if (!(error instanceof UnknownPlaceholder)) throw error;
      const request = `${step.request.method} ${step.request.path}`;
      return { step: step.step, request, expected: 'a request that can be sent', actual: error.message };
    }
  }
  return undefined;
}

async function runStep(client: CaseClient, step: Step, scope: ValueScope): Promise<CaseFailure | undefined> {
  const request = filledIn(step.request, scope);
  const user = actingUser(step.as ?? 'admin', scope);
  const expected = interpolate({ ...step.expected_json }, scope) as Record<string, JsonValue>;
  const contains = (step.expected_response_contains ?? []).map((text) => interpolateText(text, scope));
  const response = await client.send(request, user === null ? null : `Bearer ${user}`);
  const problems = problemsOf(response, { ...step, expected_json: expected, expected_response_contains: contains });
  if (problems.length === 0) problems.push(...captureInto(scope, step.capture ?? {}, response));
  if (problems.length === 0) return undefined;
  return failureOf(step.step, describeRequest(request, user), problems, response);
}

function filledIn(request: CaseRequest, scope: ValueScope): CaseRequest {
  return { ...request, ...(interpolate({ ...request } as JsonValue, scope) as CaseRequest) };
}

/** Token of the mock authentication; null = no Authorization header. */
function actingUser(actor: string, scope: ValueScope): string | null {
  if (actor === 'anonymous') return null;
  if (actor === 'admin') return 'mock:1';
  if (actor === 'unknown') return 'mock:2147480000';
  return `mock:${interpolateText(actor, scope)}`;
}

function captureInto(scope: ValueScope, capture: Readonly<Record<string, string>>, response: CaseResponse): Problem[] {
  const json = response.kind === 'response' ? response.json : undefined;
  return Object.entries(capture).flatMap(([name, path]) => {
    const value = valueAt(json, path);
    if (value === undefined) return [{ expected: `${path} in the body, kept as ${name}`, actual: `no ${path}` }];
    scope.captured.set(name, value);
    return [];
  });
}
