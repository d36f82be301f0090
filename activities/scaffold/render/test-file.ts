/**
 * `tests/api/v1/test_<resources>.py`: every endpoint and every rule of a resource, each test named for a behaviour.
 */

import type { SpecEndpoint } from '../spec-endpoints.js';
import type { SpecResource } from '../spec-model.js';
import { type Build, builtResources } from './build.js';
import { coreView } from './core-files.js';
import { enumName, functionName, namesOf } from './names.js';
import { renderTemplate } from './template.js';
import { actionTests, fieldTests } from './test-actions.js';
import { type PythonTest, testFunction } from './test-case.js';
import { createTests } from './test-creates.js';
import { linkTests } from './test-links.js';
import { listTests } from './test-lists.js';
import { getTests, meTests, pathTests } from './test-reads.js';
import { bodyFields } from './test-request.js';
import { ruleTests } from './test-rules.js';
import { deleteTests, updateTests } from './test-writes.js';

export function testFile(build: Build, resource: SpecResource): string {
  const tests = distinct([
    ...resource.endpoints.flatMap((endpoint) => endpointTests(build, resource, endpoint)),
    ...ruleTests(build, resource),
  ]);
  return renderTemplate('resource/test.py', {
    ...namesOf(resource),
    factories: builtResources(build).map((other) => `create_${other.singular}`),
    models: builtResources(build).map((other) => ({
      module: namesOf(other).module,
      enums: other.fields.filter(({ type }) => type.kind === 'enum').map(({ name }) => enumName(other, name)),
    })),
    body: resource.endpoints.some(({ kind }) => kind === 'create' || kind === 'nested_create')
      ? bodyFields(build, resource)
      : null,
    tests: tests.map(testFunction),
  });
}

/** `tests/api/v1/test_auth.py`: signing in, shown on a path that every signed-in user may read. */
export function authTestFile(build: Build, probe: string): string {
  return renderTemplate('resource/test_auth.py', { ...coreView(build), probe });
}

function endpointTests(build: Build, resource: SpecResource, endpoint: SpecEndpoint): PythonTest[] {
  const found = () => pathTests(build, resource, endpoint, functionName(build, resource, endpoint));
  switch (endpoint.kind) {
    case 'list':
      return listTests(build, resource, endpoint);
    case 'nested_list':
      return [...listTests(build, resource, endpoint), ...found()];
    case 'create':
      return createTests(build, resource, endpoint);
    case 'nested_create':
      return [...createTests(build, resource, endpoint), ...found()];
    case 'get':
      return [...getTests(build, resource, endpoint), ...found()];
    case 'me':
      return meTests(build, resource, endpoint);
    case 'update':
      return [...updateTests(build, resource, endpoint), ...found()];
    case 'delete':
      return [...deleteTests(build, resource, endpoint), ...found()];
    case 'set_field':
    case 'assign':
      return [...fieldTests(build, resource, endpoint), ...found()];
    case 'action':
      return [...actionTests(build, resource, endpoint), ...found()];
    case 'bulk_set':
      return fieldTests(build, resource, endpoint);
    default:
      return [...linkTests(build, resource, endpoint), ...found()];
  }
}

/** Names are unique in a module: a second test of one name gets a number. */
function distinct(tests: readonly PythonTest[]): PythonTest[] {
  const seen = new Map<string, number>();
  return tests.map((test) => {
    const times = (seen.get(test.name) ?? 0) + 1;
    seen.set(test.name, times);
    return times === 1 ? test : { ...test, name: `${test.name}_${times}` };
  });
}
