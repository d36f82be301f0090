import { describe, expect, test } from '@jest/globals';
import type { Feature } from '../../../activities/features/feature.js';
import { caseCount, finish, newDraft, propose } from '../../../activities/features/proposal.js';

const feature = (id: string, cases: number, more: Partial<Feature> = {}): Feature => ({
  id,
  category: 'endpoint',
  resource: id.split('-')[0] ?? '',
  method: 'GET',
  path: `/${id}`,
  description: id,
  test_cases: Array.from({ length: cases }, (_, index) => ({
    name: `case ${index}`,
    description: 'd',
    given: [],
    request: { method: 'GET', path: `/${id}/${index}` },
    expected_status: 404,
  })),
  passes: false,
  ...more,
});

const draftOf = (...features: Feature[]) =>
  features.reduce((draft, one) => {
    const result = propose(draft, one.resource, [one]);
    return result.kind === 'ok' ? result.draft : draft;
  }, newDraft('Tasks'));

const problemsOf = (result: { kind: string; problems?: readonly string[] }) => result.problems ?? [];

describe('proposing features', () => {
  test('proposing a resource again replaces it and keeps its place', () => {
    const before = draftOf(feature('users-get', 1), feature('tasks-get', 1));
    const again = propose(before, 'users', [feature('users-list', 2)]);
    expect(again).toMatchObject({ kind: 'ok', features: 1, cases: 2 });
    if (again.kind !== 'ok') return;
    expect(again.draft.resources.map((part) => part.features.map((one) => one.id))).toEqual([
      ['users-list'],
      ['tasks-get'],
    ]);
    expect(propose(again.draft, 'users', [feature('users-list', 2)])).toEqual(again);
  });

  test('a proposal is taken in whole or not at all', () => {
    const result = propose(newDraft('x'), 'users', [feature('users-get', 1), { id: 'users-list' }]);
    expect(result.kind).toBe('refused');
    expect(problemsOf(result)[0]).toMatch(/^feature "users-list": category: /);
  });

  test('passes is never the proposer’s to say', () => {
    const { passes: _passes, ...entry } = feature('users-get', 1);
    const result = propose(newDraft('x'), 'users', [entry, feature('users-list', 1, { passes: true })]);
    expect(result.kind === 'ok' && result.draft.resources[0]?.features.map((one) => one.passes)).toEqual([
      false,
      false,
    ]);
  });

  test('ids of other resources, other resources and empty proposals are refused with a reason', () => {
    const draft = draftOf(feature('users-get', 1));
    expect(problemsOf(propose(draft, 'tasks', [feature('users-get', 1, { resource: 'tasks' })]))).toEqual([
      'feature "users-get": "users" already has this id; choose another',
    ]);
    expect(problemsOf(propose(draft, 'tasks', [feature('users-list', 1)]))[0]).toContain('resource is "users"');
    expect(problemsOf(propose(draft, 'tasks', []))[0]).toContain('propose at least one');
  });

  test('a feature without cases is refused unless only a model can do it', () => {
    expect(problemsOf(propose(newDraft('x'), 'users', [feature('users-get', 0)]))[0]).toContain('could never pass');
    const open = feature('users-mail', 0, { state: 'needs_model', method: null, path: null });
    expect(propose(newDraft('x'), 'users', [open]).kind).toBe('ok');
  });

  test('vacuous cases are refused', () => {
    const vague = feature('users-get', 1);
    const [testCase] = vague.test_cases;
    if (!testCase) throw new Error('no case');
    const result = propose(newDraft('x'), 'users', [{ ...vague, test_cases: [{ ...testCase, expected_status: 200 }] }]);
    expect(problemsOf(result)[0]).toContain('nothing but the status');
  });
});

describe('finishing the list', () => {
  const draft = draftOf(feature('users-get', 3), feature('tasks-get', 1), feature('tags-get', 2));

  test('the list is returned in the order of the resources', () => {
    const result = finish(draft, { min: 6, max: 6 });
    expect(result.kind === 'ok' && result.list.features.map((one) => one.id)).toEqual([
      'users-get',
      'tasks-get',
      'tags-get',
    ]);
    expect(result.kind === 'ok' && caseCount(result.list.features)).toBe(6);
  });

  test('too few cases name the thinnest endpoints first', () => {
    expect(problemsOf(finish(draft, { min: 7, max: 9 }))[0]).toMatch(
      /^6 test cases, at least 7 are wanted; the thinnest endpoints are GET \/tasks-get \(1\), GET \/tags-get \(2\)/,
    );
  });

  test('too many cases name the largest endpoints first', () => {
    expect(problemsOf(finish(draft, { min: 1, max: 5 }))[0]).toMatch(/at most 5 .* GET \/users-get \(3\), GET \/tags/);
  });

  test('an empty draft is not finished', () => {
    expect(problemsOf(finish(newDraft('x'), { min: 0, max: 9 }))[0]).toContain('nothing is proposed yet');
  });
});
