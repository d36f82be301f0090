/**
 * Judges one answer of the app and words what is wrong with it. Pure; everything it says is bounded, because a model
 * and a person read it.
 */
import { type CaseResponse, pathWithQuery } from './case-client.js';
import type { CaseRequest, JsonValue } from './feature.js';
import { type Mismatch, matchBody, matches, shown } from './matcher.js';

export interface CaseFailure {
  /** `given 1`, `request`, `afterwards 2`. */
  readonly step: string;
  /** `POST /api/v1/tasks as mock:7 {"title": …}`. */
  readonly request: string;
  readonly expected: string;
  readonly actual: string;
}

export interface CaseResult {
  readonly name: string;
  readonly passed: boolean;
  readonly failure?: CaseFailure;
  readonly durationMs: number;
  /** Of all requests, and of all answers, in their order: sha256, 16 hex digits each. */
  readonly digests?: { readonly requests: string; readonly responses: string };
  /** The app was started anew between the set-up and the request. */
  readonly restarted?: true;
  /** It failed, and passed when it was run once more with the same values: reported, and still a failure. */
  readonly flaky?: true;
}

export interface FeatureResult {
  readonly id: string;
  readonly cases: readonly CaseResult[];
}

/** What is expected of one answer. A given step without a status wants any success. */
export interface Expectation {
  readonly expected_status?: number | undefined;
  readonly expected_json?: Readonly<Record<string, JsonValue>> | undefined;
  readonly expected_response_contains?: readonly string[] | undefined;
  readonly expected_error?: string | undefined;
  readonly expected_headers?: Readonly<Record<string, JsonValue>> | undefined;
}

export interface Problem {
  readonly expected: string;
  readonly actual: string;
}

/** Everything an answer departs in; empty = as expected. A wrong status hides the rest. */
export function problemsOf(response: CaseResponse, expectation: Expectation): Problem[] {
  if (response.kind === 'no_response') return [{ expected: 'a response', actual: response.reason }];
  const { expected_status: status, expected_error: error } = expectation;
  const right = status === undefined ? response.status >= 200 && response.status < 300 : response.status === status;
  if (!right) return [{ expected: `status ${status ?? '2xx'}`, actual: `status ${response.status}` }];
  const json = error === undefined ? expectation.expected_json : { error_code: error, ...expectation.expected_json };
  const contains = expectation.expected_response_contains ?? [];
  return [
    ...matchBody(json ?? {}, response.json).map(inWords),
    ...contains
      .filter((text) => !response.text.includes(text))
      .map((text) => ({ expected: `a body that contains ${JSON.stringify(text)}`, actual: 'a body without it' })),
    ...headerProblems(expectation.expected_headers ?? {}, response.headers),
  ];
}

function headerProblems(
  expected: Readonly<Record<string, JsonValue>>,
  headers: Readonly<Record<string, string>>,
): Problem[] {
  return Object.entries(expected).flatMap(([name, value]) => {
    const actual = headers[name.toLowerCase()];
    if (matches(value, actual)) return [];
    return [{ expected: `header ${name} = ${shown(value)}`, actual: `header ${name} = ${shown(actual)}` }];
  });
}

/** The failure of a step, from what was sent and what came back. */
export function failureOf(
  step: string,
  request: string,
  problems: readonly Problem[],
  response: CaseResponse,
): CaseFailure {
  const actual = [...new Set(problems.map((problem) => problem.actual))].join('; ');
  return {
    step,
    request,
    expected: bounded(problems.map((problem) => problem.expected).join('; '), 450),
    actual: bounded(`${actual}; ${answer(response)}`, 600),
  };
}

function inWords(mismatch: Mismatch): Problem {
  return {
    expected: `${mismatch.path} = ${mismatch.expected}`,
    actual: `${mismatch.path} = ${mismatch.actual}`,
  };
}

export function describeRequest(request: CaseRequest, user: string | null): string {
  const body = request.raw_body ?? (request.json === undefined ? '' : JSON.stringify(request.json));
  return bounded(`${request.method} ${pathWithQuery(request)} as ${user ?? 'nobody'} ${body}`.trim(), 400);
}

function answer(response: CaseResponse): string {
  if (response.kind === 'no_response') return 'no response';
  return `answered ${response.status} ${response.text || '(empty body)'}`;
}

function bounded(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 20)} … ${text.length - limit + 20} more`;
}

/** A failed case for a model and a person: at most about 1,600 characters. */
export function renderFailure(result: CaseResult): string {
  const { failure } = result;
  if (!failure) return `${result.name}: passed`;
  return [
    `${result.name}: failed at ${failure.step}`,
    `  request:  ${failure.request}`,
    `  expected: ${failure.expected}`,
    `  actual:   ${failure.actual}`,
  ].join('\n');
}
