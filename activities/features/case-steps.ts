/**
 * Walks one test case step by step against anything that answers: set-up, the request, what follows. Whatever the case
 * or the answer does wrong is a failed result; nothing here throws for it.
 */
import { createHash, type Hash } from 'node:crypto';
import type { CaseResponse } from './case-client.js';
import {
  type CaseFailure,
  type CaseResult,
  describeRequest,
  type Expectation,
  failureOf,
  type Problem,
  problemsOf,
} from './case-verdict.js';
import type { CaseRequest, JsonValue, TestCase } from './feature.js';
import { matches, shown, valueAt } from './matcher.js';
import { interpolate, interpolateText, newScope, UnknownPlaceholder, type ValueScope } from './values.js';

/** One request as it is sent, every value filled in, with what its case expects of the answer. */
export interface SentStep {
  readonly kind: 'given' | 'request' | 'afterwards';
  readonly request: CaseRequest;
  readonly authorization: string | null;
  readonly expectation: Expectation;
  /** One of several that are sent at the same time. */
  readonly atOnce: boolean;
  /** Name -> dotted path, as in the case. */
  readonly capture: Readonly<Record<string, string>>;
}

/** The app, or something that stands for one. */
export interface Responder {
  answer(step: SentStep): Promise<CaseResponse>;
}

export interface WalkOptions {
  readonly seed: string;
  /** Called between set-up and request: who answers from then on. */
  readonly afterGiven?: () => Promise<Responder>;
}

type CaseStep = Expectation &
  Pick<TestCase, 'request' | 'as' | 'capture' | 'concurrent' | 'repeated'> & {
    readonly kind: SentStep['kind'];
    readonly label: string;
  };

/** Runs the case to its end or its first failure. */
export async function walkCase(testCase: TestCase, first: Responder, options: WalkOptions): Promise<CaseResult> {
  const started = performance.now();
  const walk: Walk = {
    scope: newScope(options.seed, testCase.name),
    requests: createHash('sha256'),
    responses: createHash('sha256'),
  };
  const failure = await firstFailure(walk, testCase, first, options);
  return {
    name: testCase.name,
    passed: failure === undefined,
    ...(failure ? { failure } : {}),
    durationMs: Math.round(performance.now() - started),
    digests: { requests: short(walk.requests), responses: short(walk.responses) },
    ...(options.afterGiven ? { restarted: true as const } : {}),
  };
}

interface Walk {
  readonly scope: ValueScope;
  readonly requests: Hash;
  readonly responses: Hash;
}

function short(hash: Hash): string {
  return hash.digest('hex').slice(0, 16);
}

function stepsOf(testCase: TestCase): CaseStep[] {
  return [
    ...testCase.given.map((step, index) => ({ ...step, kind: 'given' as const, label: `given ${index + 1}` })),
    { ...testCase, kind: 'request', label: 'request' },
    ...(testCase.afterwards ?? []).map((step, index) => ({
      ...step,
      kind: 'afterwards' as const,
      label: `afterwards ${index + 1}`,
    })),
  ];
}

async function firstFailure(
  walk: Walk,
  testCase: TestCase,
  first: Responder,
  options: WalkOptions,
): Promise<CaseFailure | undefined> {
  let responder = first;
  for (const step of stepsOf(testCase)) {
    try {
      if (step.kind === 'request' && options.afterGiven) responder = await options.afterGiven();
      const failure = await runStep(walk, step, responder);
      if (failure) return failure;
    } catch (error) {
      if (!(error instanceof UnknownPlaceholder)) throw error;
      const request = `${step.request.method} ${step.request.path}`;
      return { step: step.label, request, expected: 'a request that can be sent', actual: error.message };
    }
  }
  return undefined;
}

async function runStep(walk: Walk, step: CaseStep, responder: Responder): Promise<CaseFailure | undefined> {
  const { scope } = walk;
  const user = actingUser(step.as ?? 'admin', scope);
  const sent = sentStep(step, user, scope);
  const say = describeRequest(sent.request, user);
  const answer = async (): Promise<CaseResponse> => {
    walk.requests.update(JSON.stringify([sent.request, user]));
    return responder.answer(sent);
  };
  const answers = await allAnswers(step, answer);
  for (const response of answers) walk.responses.update(response.kind === 'response' ? seen(response) : 'none');
  const judged = judge(step, sent.expectation, answers);
  if (judged.problems.length === 0) {
    judged.problems.push(...captureInto(scope, step.capture ?? {}, judged.response));
  }
  return judged.problems.length === 0 ? undefined : failureOf(step.label, say, judged.problems, judged.response);
}

function seen({ status, text }: Extract<CaseResponse, { kind: 'response' }>): string {
  return `${status}\n${text}\n`;
}

function sentStep(step: CaseStep, user: string | null, scope: ValueScope): SentStep {
  const filled = <T extends object>(value: T): T => ({
    ...value,
    ...(interpolate({ ...value } as JsonValue, scope) as T),
  });
  const contains = (step.expected_response_contains ?? []).map((text) => interpolateText(text, scope));
  return {
    kind: step.kind,
    request: filled(step.request),
    authorization: user === null ? null : `Bearer ${user}`,
    expectation: {
      ...(step.expected_status === undefined ? {} : { expected_status: step.expected_status }),
      ...(step.expected_error === undefined ? {} : { expected_error: step.expected_error }),
      expected_json: filled({ ...step.expected_json }),
      expected_headers: filled({ ...step.expected_headers }),
      expected_response_contains: contains,
    },
    atOnce: step.concurrent !== undefined,
    capture: step.capture ?? {},
  };
}

async function allAnswers(step: CaseStep, answer: () => Promise<CaseResponse>): Promise<readonly CaseResponse[]> {
  if (step.concurrent) return Promise.all(Array.from({ length: step.concurrent.times }, answer));
  const answers: CaseResponse[] = [];
  for (let left = step.repeated?.times ?? 1; left > 0; left -= 1) answers.push(await answer());
  return answers;
}

interface Judged {
  readonly problems: Problem[];
  /** The answer to show and to capture from. */
  readonly response: CaseResponse;
}

function judge(step: CaseStep, expectation: Expectation, answers: readonly CaseResponse[]): Judged {
  const [first = { kind: 'no_response', reason: 'nothing was sent' } as const] = answers;
  if (step.concurrent) return judgeRace(step.concurrent, expectation, answers, first);
  for (const [index, response] of answers.entries()) {
    const problems = problemsOf(response, expectation);
    if (problems.length === 0) problems.push(...changes(step.repeated?.same ?? [], first, response));
    const which = index === 0 ? '' : `, sent again (${index + 1})`;
    if (problems.length > 0) {
      return { problems: problems.map((one) => ({ ...one, expected: `${one.expected}${which}` })), response };
    }
  }
  return { problems: [], response: first };
}

/** Exactly as many winners as said; every loser with one of the stated statuses. */
function judgeRace(
  { times, winners, losers }: NonNullable<TestCase['concurrent']>,
  expectation: Expectation,
  answers: readonly CaseResponse[],
  first: CaseResponse,
): Judged {
  const won = answers.filter((response) => problemsOf(response, expectation).length === 0);
  const lost = answers.filter((response) => !won.includes(response));
  const stray = lost.find((response) => response.kind !== 'response' || !losers.includes(response.status));
  if (won.length === winners && stray === undefined) return { problems: [], response: won[0] ?? first };
  const statuses = answers.map((one) => (one.kind === 'response' ? one.status : 'no response')).sort();
  const expected = `${winners} of ${times} requests at once to succeed, the others with ${losers.join(' or ')}`;
  const actual = `${won.length} as expected; statuses ${statuses.join(', ')}`;
  return { problems: [{ expected, actual }], response: stray ?? won[0] ?? first };
}

function changes(paths: readonly string[], first: CaseResponse, response: CaseResponse): Problem[] {
  const [before, now] = [first, response].map((one) => (one.kind === 'response' ? one.json : undefined));
  return paths.flatMap((path) => {
    const [was, is] = [valueAt(before, path), valueAt(now, path)];
    if (was === undefined || is === undefined) return [{ expected: `${path} in the body`, actual: `no ${path}` }];
    return matches(was, is) ? [] : [{ expected: `${path} as the first time: ${shown(was)}`, actual: shown(is) }];
  });
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
