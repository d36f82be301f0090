/**
 * The draft of the feature list while the initializer proposes it, one resource at a time. Pure: each step returns a
 * new draft. Proposing a resource again replaces it, so a step that was cut can be repeated; `finish` locks the list.
 */
import { FEATURE_LIST_VERSION, type Feature, type FeatureList } from './feature.js';
import { lintFeatures } from './lint.js';
import { parseFeatures } from './list.js';
import { missingFromSpec } from './spec-coverage.js';

export interface Draft {
  readonly version: 1;
  readonly project: string;
  /** Features by resource, in the order in which the resources were first proposed. */
  readonly resources: readonly { readonly resource: string; readonly features: readonly Feature[] }[];
}

export type ProposalResult =
  | { readonly kind: 'ok'; readonly draft: Draft; readonly features: number; readonly cases: number }
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

export type FinishResult =
  | { readonly kind: 'ok'; readonly list: FeatureList }
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

export function newDraft(project: string): Draft {
  return { version: 1, project, resources: [] };
}

/** Takes a resource's features in whole or refuses them in whole; entries are what the model sent, not yet validated. */
export function propose(draft: Draft, resource: string, entries: readonly unknown[]): ProposalResult {
  const { features, problems } = parseFeatures(entries.map(withDefaults));
  const others = draft.resources.filter((part) => part.resource !== resource);
  const all = [
    ...problems,
    ...(entries.length === 0 ? [`no features for "${resource}"; propose at least one`] : []),
    ...features
      .filter((feature) => feature.resource !== resource)
      .map((feature) => `feature "${feature.id}": resource is "${feature.resource}", but "${resource}" is proposed`),
    ...takenElsewhere(features, others),
    ...features.flatMap(caselessProblems),
    ...lintFeatures(features),
  ];
  if (all.length > 0) return { kind: 'refused', problems: all };
  const part = { resource, features: features.map((feature) => ({ ...feature, passes: false })) };
  const place = draft.resources.findIndex((known) => known.resource === resource);
  const resources = place < 0 ? [...draft.resources, part] : draft.resources.with(place, part);
  return { kind: 'ok', draft: { ...draft, resources }, features: features.length, cases: caseCount(features) };
}

/**
 * Closes the list when its number of test cases lies within the bounds (both inclusive) and it asks for no less than
 * `derived`, what the compiler reads in the spec.
 */
export function finish(
  draft: Draft,
  testCount: { readonly min: number; readonly max: number },
  derived: readonly Feature[] = [],
): FinishResult {
  const features = draft.resources.flatMap((part) => part.features);
  const problems = [
    ...(features.length === 0 ? ['nothing is proposed yet; propose the features of each resource first'] : []),
    ...parseFeatures(features).problems,
    ...features.flatMap(caselessProblems),
    ...countProblems(features, testCount),
    ...missingFromSpec(features, derived),
  ];
  if (problems.length > 0) return { kind: 'refused', problems };
  return { kind: 'ok', list: { version: FEATURE_LIST_VERSION, project: draft.project, features } };
}

export function caseCount(features: readonly Feature[]): number {
  return features.reduce((sum, feature) => sum + feature.test_cases.length, 0);
}

/** `passes` is not the model's to say, so it may be left out. */
function withDefaults(entry: unknown): unknown {
  return entry !== null && typeof entry === 'object' && !Array.isArray(entry) ? { passes: false, ...entry } : entry;
}

function takenElsewhere(features: readonly Feature[], others: Draft['resources']): string[] {
  return features.flatMap((feature) => {
    const owner = others.find((part) => part.features.some((known) => known.id === feature.id));
    return owner ? [`feature "${feature.id}": "${owner.resource}" already has this id; choose another`] : [];
  });
}

function caselessProblems(feature: Feature): string[] {
  if (feature.state === 'needs_model') {
    return feature.test_cases.length === 0 ? [] : [`feature "${feature.id}": needs_model features have no test cases`];
  }
  return feature.test_cases.length > 0
    ? []
    : [`feature "${feature.id}": has no test cases and could never pass; give it at least one`];
}

function countProblems(features: readonly Feature[], testCount: { min: number; max: number }): string[] {
  const total = caseCount(features);
  if (total > testCount.max) {
    const fattest = byCases(features).slice(-5).reverse().map(named).join(', ');
    return [`${total} test cases, at most ${testCount.max} are wanted; the largest endpoints are ${fattest}`];
  }
  if (total >= testCount.min) return [];
  const thinnest = byCases(features).slice(0, 5).map(named).join(', ');
  return [
    `${total} test cases, at least ${testCount.min} are wanted; the thinnest endpoints are ${thinnest}: propose their resources again with more cases`,
  ];
}

function byCases(features: readonly Feature[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const feature of features) {
    if (feature.method === null || feature.path === null) continue;
    const endpoint = `${feature.method} ${feature.path}`;
    counts.set(endpoint, (counts.get(endpoint) ?? 0) + feature.test_cases.length);
  }
  return [...counts].sort(([a, left], [b, right]) => left - right || (a < b ? -1 : 1));
}

function named([endpoint, count]: [string, number]): string {
  return `${endpoint} (${count})`;
}
