/**
 * Refuses test cases that prove nothing, and says how to mend them. Pure. A case is judged by its text alone, so the
 * answer comes when the list is proposed, before there is an app.
 */
import { type Feature, type JsonValue, matcherKeys, type TestCase } from './feature.js';
import { matcherTypes } from './matcher.js';
import { isGenerator, placeholdersIn } from './values.js';

/** What is wrong with the features' cases, one sentence each with the cure; empty = nothing. */
export function lintFeatures(features: readonly Feature[]): string[] {
  return features.flatMap((feature) => {
    const problems = feature.test_cases.flatMap((testCase) =>
      lintCase(testCase).map((problem) => `case "${testCase.name}": ${problem}`),
    );
    return [...repeatedNames(feature), ...problems].map((problem) => `feature "${feature.id}": ${problem}`);
  });
}

/** Problems of one case. */
export function lintCase(testCase: TestCase): string[] {
  return [
    ...statusProblems(testCase),
    ...vacuous(testCase),
    ...placeholderProblems(testCase),
    ...matcherProblems(testCase),
    ...raceProblems(testCase),
  ];
}

function repeatedNames(feature: Feature): string[] {
  const names = feature.test_cases.map((testCase) => testCase.name);
  return names
    .filter((name, index) => names.indexOf(name) !== index)
    .map((name) => `two cases are called "${name}"; name each for what it shows`);
}

function statusProblems(testCase: TestCase): string[] {
  const statuses = [testCase.expected_status, ...(testCase.afterwards ?? []).map((step) => step.expected_status)];
  return statuses
    .filter((status) => status >= 500 || status < 200)
    .map((status) => `expects ${status}; a right app never answers that, expect a 2xx or 4xx status`);
}

function vacuous(testCase: TestCase): string[] {
  const { expected_status: status } = testCase;
  const later = testCase.afterwards ?? [];
  const checksLater = later.some((step) => step.expected_status >= 400 || checks(step));
  const checksNow = checks(testCase) || testCase.concurrent !== undefined || (testCase.repeated?.same ?? []).length > 0;
  if (status === 204 && later.length === 0) {
    return ['a 204 shows nothing by itself; read the effect back with a request in "afterwards"'];
  }
  if (status >= 200 && status < 300 && !checksNow && !checksLater) {
    return [
      'checks nothing but the status of a success; say in "expected_json" what the body or a later GET must hold',
    ];
  }
  return [];
}

function checks(step: Pick<TestCase, 'expected_json' | 'expected_headers' | 'expected_response_contains'>): boolean {
  const contains = (step.expected_response_contains ?? []).some(Boolean);
  return contains || proves(step.expected_json) || proves(step.expected_headers);
}

/** At least one expectation that some wrong body would fail. */
function proves(expected: Readonly<Record<string, JsonValue>> | undefined): boolean {
  return Object.values(expected ?? {}).some((value) => !JSON.stringify(value).match(/^\{("\$absent":false)?\}$/));
}

function placeholderProblems(testCase: TestCase): string[] {
  const known = new Set<string>();
  const problems: string[] = [];
  const use = (value: unknown, where: string) => {
    for (const name of placeholdersIn(value)) {
      if (!known.has(name) && !isGenerator(name)) {
        problems.push(`${where} uses {{${name}}}, which no earlier step captures; capture it in "given"`);
      }
    }
  };
  const walk = (step: PlacedStep, where: string) => {
    use([step.request, step.as, step.expected_json, step.expected_headers, step.expected_response_contains], where);
    for (const name of Object.keys(step.capture ?? {})) {
      if (isGenerator(name)) problems.push(`captures "${name}", the name of a fresh value; choose another name`);
      known.add(name);
    }
  };
  for (const { where, ...step } of placedSteps(testCase)) walk(step, where);
  return problems;
}

type PlacedStep = Pick<
  TestCase,
  'request' | 'as' | 'capture' | 'expected_json' | 'expected_headers' | 'expected_response_contains' | 'concurrent'
>;

function placedSteps(testCase: TestCase): (PlacedStep & { readonly where: string })[] {
  return [
    ...testCase.given.map((step, index) => ({ ...step, where: `given ${index + 1}` })),
    { ...testCase, where: 'the request' },
    ...(testCase.afterwards ?? []).map((step, index) => ({ ...step, where: `afterwards ${index + 1}` })),
  ];
}

/** A race that everybody wins, or whose losers succeed as the winners do, shows nothing. */
function raceProblems(testCase: TestCase): string[] {
  return placedSteps(testCase).flatMap(({ where, concurrent }) => {
    if (concurrent === undefined) return [];
    const { times, winners, losers } = concurrent;
    return [
      ...(winners >= times ? [`${where} sends ${times} requests at once and all win; say fewer "winners"`] : []),
      ...(losers.some((status) => status < 400) ? [`${where}: "losers" are refused; give 4xx statuses`] : []),
    ];
  });
}

function matcherProblems(testCase: TestCase): string[] {
  const expectations = placedSteps(testCase).flatMap((step) => [step.expected_json, step.expected_headers]);
  return expectations.flatMap((expected) =>
    Object.entries(expected ?? {}).flatMap(([path, value]) => unknownMatchers(value).map((text) => `${path}: ${text}`)),
  );
}

function unknownMatchers(value: JsonValue): string[] {
  if (Array.isArray(value)) return value.flatMap(unknownMatchers);
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key.startsWith('$') && !matcherKeys.some((known) => known === key)) {
      return [`"${key}" is no matcher; use one of ${matcherKeys.join(' ')}`];
    }
    if (key === '$type' && !matcherTypes.some((type) => type === inner)) {
      return [`"$type" is one of ${matcherTypes.join(', ')}`];
    }
    if (key === '$within' && !(isRecord(inner) && typeof inner.seconds === 'number')) {
      return ['"$within" wants {"seconds": 60}, and "of" for another moment than now'];
    }
    return unknownMatchers(inner);
  });
}

function isRecord(value: JsonValue): value is { [key: string]: JsonValue } {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
