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
  const checksLater = later.some((step) => step.expected_status >= 400 || proves(step.expected_json));
  const checksNow = proves(testCase.expected_json) || (testCase.expected_response_contains ?? []).some(Boolean);
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
  testCase.given.forEach((step, index) => {
    use([step.request, step.as], `given ${index + 1}`);
    for (const name of Object.keys(step.capture ?? {})) {
      if (isGenerator(name)) problems.push(`captures "${name}", the name of a fresh value; choose another name`);
      known.add(name);
    }
  });
  use([testCase.request, testCase.as, testCase.expected_json, testCase.expected_response_contains], 'the request');
  for (const name of Object.keys(testCase.capture ?? {})) known.add(name);
  for (const [index, step] of (testCase.afterwards ?? []).entries()) {
    use([step.request, step.as, step.expected_json], `afterwards ${index + 1}`);
  }
  return problems;
}

function matcherProblems(testCase: TestCase): string[] {
  const expectations = [testCase.expected_json, ...(testCase.afterwards ?? []).map((step) => step.expected_json)];
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
    return unknownMatchers(inner);
  });
}
