/**
 * Sample rows for a served project, made by its own proved test cases: each case that creates something is sent again
 * with values that a person likes to read. Knows no resource by name, so it fits projects that a model wrote too.
 */
import type { AppUnderTest } from '../../activities/features/case-client.js';
import { runCase } from '../../activities/features/case-runner.js';
import type { Feature, JsonValue, TestCase } from '../../activities/features/feature.js';
import { SampleWords } from './sample-words.js';

/** Rows of each kind: enough to see a list, few enough to read it. */
const ROUNDS = 2;
const CASES_A_FEATURE = 2;

export interface SampleResult {
  /** Creating requests that the app took. */
  readonly taken: number;
  readonly refused: number;
}

/** Sends the creating cases of a project to its running app. A case that is refused is counted, never an error. */
export async function addSamples(app: AppUnderTest, features: readonly Feature[]): Promise<SampleResult> {
  const words = new SampleWords();
  let [taken, refused] = [0, 0];
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const testCase of creatingCases(features)) {
      if (await create(app, testCase, words, `sample-${round}`)) taken += 1;
      else refused += 1;
    }
  }
  return { taken, refused };
}

/** The cases that prove a plain creation, without what they expect afterwards; in the order of the list. */
export function creatingCases(features: readonly Feature[]): readonly TestCase[] {
  return features
    .filter(({ category, method }) => category === 'endpoint' && method === 'POST')
    .flatMap(({ test_cases }) =>
      test_cases
        .filter(({ request, expected_status }) => request.method === 'POST' && expected_status === 201)
        .slice(0, CASES_A_FEATURE),
    )
    .map(({ expected_json: _json, expected_response_contains: _text, afterwards: _later, ...plain }) => plain);
}

/** Readable values first; a field that refuses them (a pattern, a length) gets the values of the test. */
async function create(app: AppUnderTest, testCase: TestCase, words: SampleWords, seed: string): Promise<boolean> {
  const readable = withReadableValues(testCase, words);
  if ((await runCase(readable, app, seed)).passed) return true;
  return (await runCase(testCase, app, `${seed}-plain`)).passed;
}

const FRESH_TEXT = /^\{\{(?:word|email):[A-Za-z0-9_+-]+\}\}$/;

/** The case with each fresh text replaced by a readable one, everywhere the same. */
export function withReadableValues(testCase: TestCase, words: SampleWords): TestCase {
  const chosen = new Map<string, string>();
  for (const { request } of [...testCase.given, testCase]) {
    for (const [field, text] of textsOf(request.json)) {
      if (FRESH_TEXT.test(text) && !chosen.has(text)) chosen.set(text, words.next(request.path, field) ?? text);
    }
  }
  return JSON.parse(
    JSON.stringify(testCase, (_key, value: unknown) =>
      typeof value === 'string' ? (chosen.get(value) ?? value) : value,
    ),
  ) as TestCase;
}

/** Each text of a body with the name of its field, however deep. */
function textsOf(body: JsonValue | undefined, field = ''): readonly (readonly [string, string])[] {
  if (typeof body === 'string') return [[field, body]];
  if (Array.isArray(body)) return body.flatMap((item) => textsOf(item, field));
  if (body === null || typeof body !== 'object') return [];
  return Object.entries(body).flatMap(([name, value]) => textsOf(value, name));
}
