import { describe, expect, test } from '@jest/globals';
import type { Feature, FeatureList } from '../../../activities/features/feature.js';
import { entryHash, parseFeatureList, parseFeatures, serializeFeatureList } from '../../../activities/features/list.js';

const entry: Feature = {
  id: 'tasks-get',
  category: 'endpoint',
  resource: 'tasks',
  method: 'GET',
  path: '/tasks/{task_id}',
  description: 'Get one task',
  test_cases: [
    {
      name: 'missing',
      description: '404',
      given: [],
      request: { method: 'GET', path: '/tasks/999' },
      expected_status: 404,
    },
  ],
  passes: false,
};
const list: FeatureList = { version: 1, project: 'Tasks', features: [entry] };

const problems = (value: unknown) => {
  const parsed = parseFeatureList(typeof value === 'string' ? value : JSON.stringify(value));
  return parsed.kind === 'bad' ? parsed.problems : [];
};

describe('reading a feature list', () => {
  test('what was written is read back', () => {
    expect(parseFeatureList(serializeFeatureList(list))).toEqual({ kind: 'ok', list });
  });

  test('a bad field is named with the id of its entry', () => {
    expect(problems({ ...list, features: [{ ...entry, category: 'magic' }] })).toEqual([
      expect.stringMatching(/^feature "tasks-get": category: /),
    ]);
    const testCase = { ...entry.test_cases[0], expected_status: 'ok' };
    expect(problems({ ...list, features: [{ ...entry, test_cases: [testCase] }] })).toEqual([
      expect.stringMatching(/^feature "tasks-get": test_cases\[0\]\.expected_status: /),
    ]);
  });

  test('an entry without an id is named by its place', () => {
    expect(problems({ ...list, features: [entry, 7] })[0]).toMatch(/^feature at index 1: the entry itself: /);
  });

  test('an id used twice is refused', () => {
    expect(problems({ ...list, features: [entry, entry] })).toEqual([expect.stringContaining('used twice')]);
  });

  test('text that is no list says what it is not', () => {
    expect(problems('{')[0]).toMatch(/^feature_list.json is not JSON/);
    expect(problems({ version: 2, project: 'x', features: [] })[0]).toMatch(/^version: /);
    expect(problems([])[0]).toMatch(/^the entry itself: /);
  });
});

describe('writing a feature list', () => {
  test('the same features are the same bytes, whatever the order of their keys', () => {
    const turned = Object.fromEntries(Object.entries(entry).reverse());
    const { features } = parseFeatures([turned]);
    expect(serializeFeatureList({ ...list, features })).toBe(serializeFeatureList(list));
    expect(serializeFeatureList(list).endsWith('}\n')).toBe(true);
  });

  test('the hash of an entry holds everything but passes', () => {
    expect(entryHash({ ...entry, passes: true })).toBe(entryHash(entry));
    expect(entryHash({ ...entry, description: 'Get any task' })).not.toBe(entryHash(entry));
    expect(entryHash({ ...entry, test_cases: [] })).not.toBe(entryHash(entry));
  });
});
