/**
 * Tests of the business rules of one resource: each shown refusing.
 */

import type { SpecEndpoint } from '../spec-endpoints.js';
import { resourceNamed, type SpecResource } from '../spec-model.js';
import type { RuleOf, SpecRule } from '../spec-rules.js';
import { activeRules, type Build } from './build.js';
import { functionName, namesOf } from './names.js';
import { pyScalar } from './python-text.js';
import { type PythonTest, refusedBy } from './test-case.js';
import { fieldPermitTests, permitTests } from './test-permits.js';
import { requestParts } from './test-request.js';
import { orderTests, overlapTests } from './test-time-rules.js';
import {
  combinationTests,
  countTests,
  notPastTests,
  referenceActiveTests,
  stampTests,
  uniqueTests,
} from './test-value-rules.js';

export function ruleTests(build: Build, resource: SpecResource): PythonTest[] {
  return activeRules(build, resource).flatMap((rule) => testsOf(build, resource, rule));
}

function testsOf(build: Build, resource: SpecResource, rule: SpecRule): PythonTest[] {
  switch (rule.family) {
    case 'permit':
      return endpointsOf(resource, rule.endpoints).flatMap((endpoint) => permitTests(build, resource, rule, endpoint));
    case 'field_permit':
      return fieldPermitTests(build, resource, rule);
    case 'guard_status':
      return endpointsOf(resource, rule.endpoints).map((endpoint) => guardStatusTest(build, resource, rule, endpoint));
    case 'guard_related':
      return endpointsOf(resource, rule.endpoints).map((endpoint) => guardRelatedTest(build, resource, rule, endpoint));
    case 'guard_parent':
      return endpointsOf(resource, rule.endpoints).flatMap((endpoint) =>
        guardParentTest(build, resource, rule, endpoint),
      );
    case 'order':
      return orderTests(build, resource, rule);
    case 'no_overlap':
      return overlapTests(build, resource, rule);
    case 'unique':
      return uniqueTests(build, resource, rule);
    case 'reference_active':
      return referenceActiveTests(build, resource, rule);
    case 'not_past':
      return notPastTests(build, resource, rule);
    case 'forbidden_combination':
      return combinationTests(build, resource, rule);
    case 'stamp':
      return stampTests(build, resource, rule);
    case 'count':
      return countTests(build, resource, rule);
    default:
      return [];
  }
}

function endpointsOf(resource: SpecResource, ids: readonly string[]): SpecEndpoint[] {
  return resource.endpoints.filter(({ id }) => ids.includes(id));
}

function guardStatusTest(
  build: Build,
  resource: SpecResource,
  rule: RuleOf<'guard_status'>,
  endpoint: SpecEndpoint,
): PythonTest {
  const { field, values } = rule.blocked;
  const { setup, call, actor } = requestParts(build, resource, endpoint, `${field}=value`);
  return {
    name: `${functionName(build, resource, endpoint)}_depends_on_its_${field}`,
    parameters: { names: ['value'], rows: values.map((value) => [pyScalar(value)]) },
    lines: [...setup, ...actor.setup, '', `response = ${call(actor.argument)}`, '', ...refusedBy(build, rule.refusal)],
  };
}

function guardRelatedTest(
  build: Build,
  resource: SpecResource,
  rule: RuleOf<'guard_related'>,
  endpoint: SpecEndpoint,
): PythonTest {
  const { row } = namesOf(resource);
  const related = resourceNamed(build.model, rule.related);
  const { setup, call, actor } = requestParts(build, resource, endpoint);
  const name = `${functionName(build, resource, endpoint)}_is_refused_while_there_are_${rule.related}`;
  const asserts = refusedBy(build, rule.refusal);
  if (rule.absent) {
    const alone = setup.filter((line) => !line.startsWith(`await create_${related.singular}(`));
    const without = `${functionName(build, resource, endpoint)}_is_refused_without_${rule.related}`;
    return {
      name: without,
      lines: [...alone, ...actor.setup, '', `response = ${call(actor.argument)}`, '', ...asserts],
    };
  }
  if (!rule.where) {
    const store = `await create_${related.singular}(session, ${rule.field}=${row}.id)`;
    return { name, lines: [...setup, ...actor.setup, store, '', `response = ${call(actor.argument)}`, '', ...asserts] };
  }
  const store = `await create_${related.singular}(session, ${rule.field}=${row}.id, ${rule.where.field}=value)`;
  return {
    name,
    parameters: { names: ['value'], rows: rule.where.values.map((value) => [pyScalar(value)]) },
    lines: [...setup, ...actor.setup, store, '', `response = ${call(actor.argument)}`, '', ...asserts],
  };
}

function guardParentTest(
  build: Build,
  resource: SpecResource,
  rule: RuleOf<'guard_parent'>,
  endpoint: SpecEndpoint,
): PythonTest[] {
  if (endpoint.kind !== 'nested_create' || endpoint.field !== rule.through) return [];
  const { field, values } = rule.blocked;
  const { setup, call, actor } = requestParts(build, resource, endpoint, `${field}=value`);
  return [
    {
      name: `${functionName(build, resource, endpoint)}_depends_on_the_${field}_of_its_${namesOf(resourceNamed(build.model, rule.parent)).module}`,
      parameters: { names: ['value'], rows: values.map((value) => [pyScalar(value)]) },
      lines: [
        ...setup,
        ...actor.setup,
        '',
        `response = ${call(actor.argument)}`,
        '',
        ...refusedBy(build, rule.refusal),
      ],
    },
  ];
}
