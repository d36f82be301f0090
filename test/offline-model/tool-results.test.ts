import { describe, expect, test } from '@jest/globals';
import { checkedCases, furtherProposals, nextFeature, plannedResources } from '../../offline-model/tool-results.js';

describe('the lines that the rules act on', () => {
  test('reads the resources in build order, wherever the line stands', () => {
    expect(plannedResources('a plan\nresources: users, task_tags\nmore')).toEqual(['users', 'task_tags']);
    expect(plannedResources('resources: none')).toEqual([]);
    expect(plannedResources('no such line')).toBeNull();
    expect(furtherProposals('resources: users')).toEqual([]);
    expect(furtherProposals('also propose: general')).toEqual(['general']);
  });

  test.each(["users'; rm -rf .", 'Users', '../x', 'a b', '$(id)'])(
    'refuses %s as a name, for it goes into a command',
    (name) => {
      expect(plannedResources(`resources: users, ${name}`)).toBeNull();
      expect(nextFeature(`next: tags-create (resource ${name})`)).toBeNull();
    },
  );

  test('reads the next feature, none, and neither', () => {
    expect(nextFeature('next: tags-create-unique (resource tags)\n{}')).toEqual({
      kind: 'feature',
      id: 'tags-create-unique',
      resource: 'tags',
    });
    expect(nextFeature('next: none\nneeds a model: x')).toEqual({ kind: 'none' });
    expect(nextFeature('Every feature passes.')).toBeNull();
  });

  test('reads how many cases pass', () => {
    expect(checkedCases('cases: 29 of 31 passing\nx: failed')).toEqual({ passing: 29, total: 31 });
    expect(checkedCases('the app does not start')).toBeNull();
  });
});
