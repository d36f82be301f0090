/**
 * Runs many test cases as HTTP checks against one or several running copies of an app. Each lane works on one case at a
 * time, from a clean start where it can make one; the order follows from the seed. Failures are results.
 */
import { createHash } from 'node:crypto';
import { type AppUnderTest, type CaseClient, DEFAULT_CLIENT_LIMITS, openClient } from './case-client.js';
import { type Responder, walkCase } from './case-steps.js';
import type { CaseResult, FeatureResult } from './case-verdict.js';
import type { Feature, TestCase } from './feature.js';
import { headersOfSomebody } from './persona.js';

/** A running app that nobody else uses meanwhile. */
export interface Lane {
  readonly app: AppUnderTest;
  /** Puts its database back to what it was after the first start; absent = cases see each other's rows. */
  readonly clean?: (key: string) => Promise<void>;
  /** Another process of the same app on the same database, which has not seen the set-up; absent = no restarts. */
  readonly restarted?: () => Promise<AppUnderTest>;
}

export interface RunOptions {
  /** Makes the fresh values, the order of the cases and the restarts; recorded so that a run can be repeated. */
  readonly seed: string;
  /** Per request; default 10 s. */
  readonly timeoutMs?: number;
  readonly onResult?: (result: CaseResult) => void;
  /** Cases not yet begun are left out once aborted: the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** One in so many cases (5 %) is asked of a process that was started after its set-up. */
const RESTART_EVERY = 20;

/** One case, over connections of its own. */
export async function runCase(
  testCase: TestCase,
  app: AppUnderTest,
  seed: string,
  timeoutMs?: number,
): Promise<CaseResult> {
  const client = openClient(app, { ...DEFAULT_CLIENT_LIMITS, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  try {
    return await walkCase(testCase, responderOver(client, seed, testCase), { seed });
  } finally {
    await client.close();
  }
}

/** Every case of every feature. A feature without cases has no results, and so never passes. */
export async function runFeatures(
  features: readonly Feature[],
  lanes: readonly Lane[],
  options: RunOptions,
): Promise<FeatureResult[]> {
  const jobs = features.flatMap((feature) =>
    feature.test_cases.map((testCase) => newJob(testCase, caseSeed(options.seed, feature.id))),
  );
  const results = await runJobs(jobs, lanes, options);
  const inOrder = jobs.values();
  return features.map((feature) => ({
    id: feature.id,
    cases: feature.test_cases.flatMap(() => {
      const job = inOrder.next().value;
      return (job && results.get(job)) ?? [];
    }),
  }));
}

/** The seed of a feature's cases: cases of the same name in two features get different values. */
function caseSeed(seed: string, featureId: string): string {
  return `${seed}/${featureId}`;
}

interface Job {
  readonly testCase: TestCase;
  readonly seed: string;
  /** Its place in the run, and whether it is of the restart sample. */
  readonly key: string;
}

function newJob(testCase: TestCase, seed: string): Job {
  const key = createHash('sha256')
    .update(JSON.stringify([seed, testCase.name]))
    .digest('hex');
  return { testCase, seed, key };
}

async function runJobs(
  jobs: readonly Job[],
  lanes: readonly Lane[],
  options: RunOptions,
): Promise<ReadonlyMap<Job, CaseResult>> {
  // An order that follows from the seed: no case may lean on one that stands before it.
  const ordered = [...jobs].sort((left, right) => (left.key < right.key ? -1 : 1));
  const restarting = lanes.find((lane) => lane.restarted);
  const sample = restarting ? restartSample(jobs) : new Set<Job>();
  const queue = ordered.filter((job) => !sample.has(job)).values();
  const results = new Map<Job, CaseResult>();
  const work = async (lane: Lane): Promise<void> => {
    const kept = new LaneClients(lane, options.timeoutMs ?? DEFAULT_CLIENT_LIMITS.timeoutMs);
    try {
      for (const jobs of lane === restarting ? [sample, queue] : [queue]) {
        for (const job of jobs) {
          options.signal?.throwIfAborted();
          const result = await runJob(job, lane, kept, sample.has(job));
          results.set(job, result);
          options.onResult?.(result);
        }
      }
    } finally {
      await kept.close();
    }
  };
  const settled = await Promise.allSettled(lanes.map(work));
  const failed = settled.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
  await markFlaky(results, lanes, options);
  return results;
}

/** More failures than this are no chance but something broken: none is run again. */
const RERUN_AT_MOST = 10;

/** Runs each failed case once more, from a clean start: one that passes then is flaky, and stays failed. */
async function markFlaky(results: Map<Job, CaseResult>, lanes: readonly Lane[], options: RunOptions): Promise<void> {
  const [lane] = lanes;
  const failing = [...results].filter(([, result]) => !result.passed);
  if (lane?.clean === undefined || failing.length > RERUN_AT_MOST) return;
  const kept = new LaneClients(lane, options.timeoutMs ?? DEFAULT_CLIENT_LIMITS.timeoutMs);
  try {
    for (const [job, result] of failing) {
      options.signal?.throwIfAborted();
      const again = await runJob(job, lane, kept, result.restarted === true);
      if (again.passed) results.set(job, { ...result, flaky: true });
    }
  } finally {
    await kept.close();
  }
}

/** A seeded 5 % of the cases that set something up, at least one. */
function restartSample(jobs: readonly Job[]): ReadonlySet<Job> {
  const able = jobs.filter((job) => job.testCase.given.length > 0);
  const drawn = [...able].sort((left, right) => (left.key.slice(8) < right.key.slice(8) ? -1 : 1));
  return new Set(drawn.slice(0, Math.ceil(able.length / RESTART_EVERY)));
}

async function runJob(job: Job, lane: Lane, kept: LaneClients, restart: boolean): Promise<CaseResult> {
  const { testCase, seed } = job;
  try {
    await lane.clean?.(job.key);
  } catch (error) {
    const actual = `the database could not be emptied before the case: ${(error as Error).message}`;
    const failure = { step: 'clean start', request: 'none', expected: 'an app that lets go of its tables', actual };
    return { name: testCase.name, passed: false, failure, durationMs: 0 };
  }
  const { restarted } = lane;
  const afterGiven = async (): Promise<Responder> => responderOver(await kept.restarted(), seed, testCase);
  const result = await walkCase(testCase, responderOver(kept.first(), seed, testCase), {
    seed,
    ...(restart && restarted ? { afterGiven } : {}),
  });
  // Servers drop the connection after an error of their own: it must not take the next case with it.
  if (!result.passed) await kept.drop();
  return result;
}

function responderOver(client: CaseClient, seed: string, testCase: TestCase): Responder {
  const headers = headersOfSomebody(`${seed}/${testCase.name}`);
  return {
    answer: ({ request, authorization, atOnce }) =>
      client.send({ ...request, headers: { ...headers, ...request.headers } }, authorization, atOnce),
  };
}

/** The kept connections of a lane. */
class LaneClients {
  #first: CaseClient | null = null;
  #second: CaseClient | null = null;
  constructor(
    private readonly lane: Lane,
    private readonly timeoutMs: number,
  ) {}

  first(): CaseClient {
    this.#first ??= openClient(this.lane.app, { ...DEFAULT_CLIENT_LIMITS, timeoutMs: this.timeoutMs });
    return this.#first;
  }

  async restarted(): Promise<CaseClient> {
    if (this.#second === null) {
      const app = (await this.lane.restarted?.()) ?? this.lane.app;
      this.#second = openClient(app, { ...DEFAULT_CLIENT_LIMITS, timeoutMs: this.timeoutMs });
    }
    return this.#second;
  }

  async drop(): Promise<void> {
    await this.close();
    this.#first = null;
    this.#second = null;
  }

  async close(): Promise<void> {
    await Promise.all([this.#first?.close(), this.#second?.close()]);
  }
}
