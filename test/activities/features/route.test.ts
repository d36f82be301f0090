import { describe, expect, test } from '@jest/globals';
import { type Feature, feature } from '../../../activities/features/feature.js';
import { routesOf, routesOfAll } from '../../../activities/features/route.js';
import { NO_SUITE_EVIDENCE, nodesOf, unprovenRoute } from '../../../activities/features/suite-evidence.js';

const tasks = (id: string, method: string | null, path: string | null, asked: readonly string[]): Feature =>
  feature.parse({
    ...{ id, method, path, category: 'endpoint', resource: 'tasks', description: id, passes: false },
    test_cases: asked.map((one, index) => ({
      name: `${index}`,
      description: '',
      request: { method: 'GET', path: one },
      expected_status: 200,
    })),
  });

const get = tasks('tasks-get', 'GET', '/tasks/{task_id}', ['/tasks/{{id}}']);
const overdue = tasks('tasks-overdue', 'GET', '/tasks/overdue', ['/tasks/overdue']);
const fields = tasks('tasks-fields', null, null, ['/tasks/{{id}}', '/tasks/7?x=1', '/tasks']);

describe('the routes of a feature', () => {
  test('are its endpoint, else what its cases request; ids have no name', () => {
    expect(routesOf(get)).toEqual([{ name: 'GET /tasks/{}', method: 'GET', pattern: '/tasks/[^/]+' }]);
    expect(routesOf(fields).map(({ name }) => name)).toEqual(['GET /tasks/{}', 'GET /tasks']);
  });

  test('come with the plain ones first, so that no parameter swallows them', () => {
    const names = routesOfAll([get, overdue, fields]).map(({ name }) => name);
    expect(names).toEqual(['GET /tasks', 'GET /tasks/overdue', 'GET /tasks/{}']);
  });
});

describe('the proof by the own suite', () => {
  const reached = { ...NO_SUITE_EVIDENCE, reached: { 'GET /tasks/{}': ['tests/a.py::test_a'] } };

  test('wants a test that notices, and says what is missing', () => {
    expect(unprovenRoute(get, NO_SUITE_EVIDENCE)).toMatch(/sends a request to GET \/tasks\/\{\}/);
    expect(unprovenRoute(get, reached)).toMatch(/fails when GET \/tasks\/\{\} answers 501/);
    const proofs = { 'GET /tasks/{}': { node: 'tests/a.py::test_a', key: 'k' } };
    expect(unprovenRoute(get, { ...reached, proofs })).toBeNull();
  });

  test('one of the routes that a rule is about is enough, and its tests are named', () => {
    const proofs = { 'GET /tasks': { node: 'tests/a.py::test_a', key: 'k' } };
    expect(unprovenRoute(fields, { ...reached, proofs })).toBeNull();
    expect(nodesOf(fields, reached)).toEqual(['tests/a.py::test_a']);
  });
});
