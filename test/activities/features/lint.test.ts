import { describe, expect, test } from '@jest/globals';
import { type TestCase, testCase } from '../../../activities/features/feature.js';
import { lintCase } from '../../../activities/features/lint.js';

const check = (more: object): TestCase =>
  testCase.parse({
    name: 'n',
    description: 'd',
    request: { method: 'GET', path: '/tasks/1' },
    expected_status: 200,
    expected_json: { id: 1 },
    ...more,
  });

describe('linting a test case', () => {
  test('a case that some wrong answer fails is fine', () => {
    expect(lintCase(check({}))).toEqual([]);
    expect(lintCase(check({ expected_status: 404, expected_json: undefined }))).toEqual([]);
    expect(lintCase(check({ expected_json: undefined, expected_response_contains: ['x'] }))).toEqual([]);
  });

  test('a success that checks nothing but its status is refused', () => {
    expect(lintCase(check({ expected_json: undefined }))[0]).toContain('say in "expected_json"');
    expect(lintCase(check({ expected_json: {} }))[0]).toContain('nothing but the status');
    expect(lintCase(check({ expected_json: { id: { $absent: false } } }))[0]).toContain('nothing but the status');
  });

  test('a 204 needs a request that reads its effect back', () => {
    const removed = { expected_status: 204, expected_json: undefined };
    expect(lintCase(check(removed))[0]).toContain('"afterwards"');
    const gone = { request: { method: 'GET', path: '/tasks/1' }, expected_status: 404 };
    expect(lintCase(check({ ...removed, afterwards: [gone] }))).toEqual([]);
  });

  test('a server error is never what is right', () => {
    expect(lintCase(check({ expected_status: 500 }))[0]).toContain('expects 500');
  });

  test('a name that nothing captures is refused, one that a step captures is not', () => {
    expect(lintCase(check({ as: '{{user_id}}' }))[0]).toContain('{{user_id}}, which no earlier step captures');
    const given = [{ request: { method: 'POST', path: '/users' }, capture: { user_id: 'id' } }];
    expect(lintCase(check({ as: '{{user_id}}', given }))).toEqual([]);
    expect(lintCase(check({ given: [{ ...given[0], capture: { email: 'email' } }] }))[0]).toContain('another name');
    const later = {
      request: { method: 'GET', path: '/tasks/{{new_id}}' },
      expected_status: 200,
      expected_json: { id: 1 },
    };
    expect(lintCase(check({ capture: { new_id: 'id' }, afterwards: [later] }))).toEqual([]);
  });

  test('matchers and types that do not exist are refused', () => {
    expect(lintCase(check({ expected_json: { id: { $gt: 1 } } }))[0]).toContain('"$gt" is no matcher');
    expect(lintCase(check({ expected_json: { id: { $type: 'int' } } }))[0]).toContain('"$type" is one of string');
  });
});
