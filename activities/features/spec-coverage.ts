/**
 * What a proposed list leaves out of the spec: endpoints without a success or a failure, business rules without a case
 * that holds or one that is refused. Pure. Measured against what the compiler derives from the same spec.
 */
import type { Feature, TestCase } from './feature.js';

/** One sentence for each gap, with the cure; empty = the list covers what was derived. */
export function missingFromSpec(features: readonly Feature[], derived: readonly Feature[]): string[] {
  return [...missingEndpoints(features, derived), ...missingRules(features, derived)];
}

interface Polarity {
  readonly success: boolean;
  readonly failure: boolean;
}

function missingEndpoints(features: readonly Feature[], derived: readonly Feature[]): string[] {
  const endpoints = new Map(
    derived.flatMap(({ method, path, category }) =>
      method !== null && path !== null && category === 'endpoint' ? [[`${method} ${path}`, { method, path }]] : [],
    ),
  );
  return [...endpoints].flatMap(([name, { method, path }]) => {
    const pattern = new RegExp(
      `^${path
        .split(/\{[^}]*\}/)
        .map(escaped)
        .join('[^/]+')}/?$`,
    );
    const asked = (list: readonly Feature[]): readonly TestCase[] =>
      list
        .flatMap((feature) => feature.test_cases)
        .filter(({ request }) => request.method === method && pattern.test(request.path.split('?')[0] ?? ''));
    return gaps(`endpoint ${name}`, polarity(asked(derived)), polarity(asked(features)));
  });
}

function missingRules(features: readonly Feature[], derived: readonly Feature[]): string[] {
  const rules = derived.filter(({ category }) => category === 'business_logic' || category === 'integration');
  return rules.flatMap((rule) => {
    const answering = features.filter(
      ({ id, spec_line: line }) => id === rule.id || (line !== undefined && line === rule.spec_line),
    );
    const wanted = polarity(rule.test_cases);
    const found = polarity(answering.flatMap((feature) => feature.test_cases));
    const line = rule.spec_line === undefined ? '' : ` (spec line ${rule.spec_line}; set "spec_line" to it)`;
    return gaps(`rule "${rule.description.slice(0, 120)}"${line}`, wanted, found);
  });
}

function polarity(cases: readonly TestCase[]): Polarity {
  const statuses = cases.flatMap((one) => [
    one.expected_status,
    ...(one.concurrent?.losers ?? []),
    ...(one.afterwards ?? []).map((step) => step.expected_status),
  ]);
  return { success: cases.some((one) => one.expected_status < 300), failure: statuses.some((status) => status >= 400) };
}

function gaps(what: string, wanted: Polarity, found: Polarity): string[] {
  return [
    ...(wanted.success && !found.success ? [`${what} has no case that succeeds; propose one with a 2xx status`] : []),
    ...(wanted.failure && !found.failure ? [`${what} has no case that is refused; propose one with its 4xx`] : []),
  ];
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
