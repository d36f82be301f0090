/**
 * The feature list of a spec model: one feature per endpoint, per business rule, per resource's fields and per kind of
 * hostile input, each with test cases. Pure, and the same for the same model. A feature belongs to the last resource,
 * in build order, that its cases request, so that the session of that resource can turn it green.
 */
import { createHash } from 'node:crypto';
import type { Feature, HttpMethod, TestCase } from '../features/feature.js';
import { authenticationCases, badInputCases } from './cases/edge-cases.js';
import { endpointCases } from './cases/endpoint-cases.js';
import { fieldCases } from './cases/field-cases.js';
import { filterCases } from './cases/filter-cases.js';
import { listCases } from './cases/list-cases.js';
import type { PlannedCase } from './cases/planned-case.js';
import { ruleCases } from './cases/rule-cases.js';
import { sortCases } from './cases/sort-cases.js';
import { orderOf } from './render/build.js';
import type { SpecEndpoint } from './spec-endpoints.js';
import type { SpecModel, SpecResource } from './spec-model.js';
import type { SpecRule } from './spec-rules.js';

interface Draft {
  readonly id: string;
  readonly category: Feature['category'];
  readonly method: HttpMethod | null;
  readonly path: string | null;
  readonly description: string;
  readonly line: number;
  readonly cases: readonly PlannedCase[];
}

/**
 * Features in build order. The number of cases lies within the bounds where the spec gives enough of them: above
 * `max` the least telling are left out, below `min` finer ones are added.
 */
export function planFeatures(model: SpecModel, testCount: { readonly min: number; readonly max: number }): Feature[] {
  const drafts = uniqueIds(model.resources.flatMap((resource) => resourceDrafts(model, resource)));
  const chosen = chosenCases(drafts, testCount);
  const order = orderOf(model);
  const place = (feature: Feature) => order.indexOf(feature.resource);
  return [
    ...drafts.flatMap((draft) => featureOf(model, order, draft, chosen)),
    ...unresolvedFeatures(model, order),
  ].sort((left, right) => place(left) - place(right));
}

function resourceDrafts(model: SpecModel, resource: SpecResource): Draft[] {
  return [
    ...resource.endpoints.flatMap((endpoint) => endpointDrafts(model, resource, endpoint)),
    ...resource.rules.map((rule) => ruleDraft(model, resource, rule)),
    resourceDraft(resource, 'fields', 'model', 'bounds and kinds of its fields', fieldCases(model, resource)),
    resourceDraft(
      resource,
      'authentication',
      'edge_case',
      'only known users are served',
      authenticationCases(model, resource),
    ),
    resourceDraft(resource, 'bad-input', 'edge_case', 'hostile input is refused', badInputCases(model, resource)),
  ];
}

function endpointDrafts(model: SpecModel, resource: SpecResource, endpoint: SpecEndpoint): Draft[] {
  const draft = (suffix: string, what: string, cases: readonly PlannedCase[]): Draft => ({
    id: `${endpoint.id}${suffix}`,
    category: 'endpoint',
    method: endpoint.method,
    path: endpoint.path,
    description: `${endpoint.summary}${what}. Spec: ${endpoint.sentence}`,
    line: endpoint.line,
    cases,
  });
  if (endpoint.kind !== 'list' && endpoint.kind !== 'nested_list' && endpoint.kind !== 'link_list') {
    return [draft('', '', endpointCases(model, resource, endpoint))];
  }
  return [
    draft('', '', listCases(model, resource, endpoint)),
    draft('-filters', ': filters and search', filterCases(model, resource, endpoint)),
    draft('-sorting', ': sorting', sortCases(model, resource, endpoint)),
  ];
}

function ruleDraft(model: SpecModel, resource: SpecResource, rule: SpecRule): Draft {
  const id = 'endpoints' in rule ? rule.endpoints[0] : undefined;
  const endpoint = model.resources.flatMap((known) => known.endpoints).find((known) => known.id === id);
  return {
    id: rule.id,
    category: rule.family === 'count' || rule.family === 'on_delete' ? 'integration' : 'business_logic',
    method: endpoint?.method ?? null,
    path: endpoint?.path ?? null,
    description: `${resource.title}: ${rule.sentence}`,
    line: rule.line,
    cases: ruleCases(model, resource, rule),
  };
}

function resourceDraft(
  resource: SpecResource,
  suffix: string,
  category: Feature['category'],
  what: string,
  cases: readonly PlannedCase[],
): Draft {
  const id = `${resource.name.replaceAll('_', '-')}-${suffix}`;
  return {
    id,
    category,
    method: null,
    path: null,
    description: `${resource.title}: ${what}.`,
    line: resource.line,
    cases,
  };
}

/** A rule and an endpoint of the same id stay apart. */
function uniqueIds(drafts: readonly Draft[]): Draft[] {
  const seen = new Set<string>();
  return drafts.map((draft) => {
    let id = draft.id;
    for (let number = 2; seen.has(id); number += 1) id = `${draft.id}-${number}`;
    seen.add(id);
    return { ...draft, id };
  });
}

/**
 * The cases that are kept: tier 1 up to the maximum, tiers 2 and 3 until seven tenths of the way between the bounds (room
 * for a person's or a model's own), tier 4 only to reach the minimum.
 */
function chosenCases(drafts: readonly Draft[], testCount: { min: number; max: number }): Set<PlannedCase> {
  const ranked = drafts
    .flatMap((draft) =>
      draft.cases.map((planned, index) => ({ planned, rank: planned.tier * 10 + rankOf(draft, index) })),
    )
    .sort((left, right) => left.rank - right.rank);
  const upTo = (tier: number) => ranked.filter(({ planned }) => planned.tier <= tier).length;
  const target = testCount.min + Math.floor((testCount.max - testCount.min) * 0.7);
  const count = Math.min(Math.max(Math.min(upTo(3), target), upTo(1), testCount.min), testCount.max);
  return new Set(ranked.slice(0, count).map(({ planned }) => planned));
}

/** Within a tier hostile input goes first, then what stands late in its feature. */
function rankOf(draft: Draft, index: number): number {
  return (draft.category === 'edge_case' ? 5 : 0) + Math.min(index, 40) / 10;
}

function featureOf(
  model: SpecModel,
  order: readonly string[],
  draft: Draft,
  chosen: ReadonlySet<PlannedCase>,
): Feature[] {
  const cases = draft.cases.filter((planned) => chosen.has(planned)).map((planned) => planned.testCase);
  if (cases.length === 0) return [];
  return [
    {
      id: draft.id,
      category: draft.category,
      resource: lastResource(model, order, cases),
      method: draft.method,
      path: draft.path,
      description: draft.description.slice(0, 2000),
      test_cases: distinctNames(cases),
      spec_line: draft.line,
      passes: false,
    },
  ];
}

function distinctNames(cases: readonly TestCase[]): TestCase[] {
  const seen = new Map<string, number>();
  return cases.map((testCase) => {
    const number = (seen.get(testCase.name) ?? 0) + 1;
    seen.set(testCase.name, number);
    return number === 1 ? testCase : { ...testCase, name: `${testCase.name.slice(0, 190)} (${number})` };
  });
}

/** The last resource, in build order, whose endpoints the cases request. */
function lastResource(model: SpecModel, order: readonly string[], cases: readonly TestCase[]): string {
  const requests = cases.flatMap((testCase) => [
    ...testCase.given.map((step) => step.request),
    testCase.request,
    ...(testCase.afterwards ?? []).map((step) => step.request),
  ]);
  const asks = (endpoint: SpecEndpoint) => {
    const pattern = new RegExp(`^${endpoint.path.replace(/\{[a-z0-9_]+\}/g, '[^/]+')}$`);
    return requests.some((request) => request.method === endpoint.method && pattern.test(request.path));
  };
  const needed = new Set(model.resources.filter((known) => known.endpoints.some(asks)).map((known) => known.name));
  return order.findLast((name) => needed.has(name)) ?? order[0] ?? 'project';
}

/** Statements that no rule compiles: a model's work, without cases, method or path. */
function unresolvedFeatures(model: SpecModel, order: readonly string[]): Feature[] {
  const last = order.at(-1) ?? 'project';
  const features = model.statements
    .filter((statement) => statement.class === 'UNRESOLVED')
    .map((statement): Feature => {
      const digest = createHash('sha256').update(`${statement.section}\n${statement.text}`).digest('hex').slice(0, 8);
      return {
        id: `${(statement.resource ?? 'spec').replaceAll('_', '-').slice(0, 50)}-unresolved-${digest}`,
        category: 'business_logic',
        resource: statement.resource ?? last,
        method: null,
        path: null,
        description: statement.text.slice(0, 2000),
        test_cases: [],
        spec_line: statement.line,
        state: 'needs_model',
        passes: false,
      };
    });
  return [...new Map(features.map((feature) => [feature.id, feature])).values()];
}
