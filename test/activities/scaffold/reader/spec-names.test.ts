import { describe, expect, it } from '@jest/globals';
import {
  errorCode,
  identifier,
  pluralOf,
  resourceNames,
  safeFieldName,
  singularOf,
} from '../../../../activities/scaffold/reader/spec-names.js';

describe('a name', () => {
  it.each([
    ['Due date', 'due_date'],
    ['dueDate', 'due_date'],
    ['due-date', 'due_date'],
    ['Prénom', 'prenom'],
    ['1st_name', 'st_name'],
    ['x; DROP TABLE', 'x_drop_table'],
    ['日本', null],
    ['', null],
  ])('made of "%s" is %s', (text, name) => {
    expect(identifier(text)).toBe(name);
  });

  it.each([
    ['categories', 'category'],
    ['people', 'person'],
    ['statuses', 'status'],
    ['task_tags', 'task_tag'],
    ['news', 'news'],
  ])('%s has the singular %s', (plural, singular) => {
    expect(singularOf(plural)).toBe(singular);
    expect(pluralOf(singular)).toBe(plural);
  });

  it.each(['metadata', 'class', 'model_name', 'json', 'registry'])(
    '%s is reserved for fields and gets its resource in front',
    (name) => {
      expect(safeFieldName(name, 'task')).toMatchObject({ name: `task_${name}` });
      expect(safeFieldName(name, 'task').renamed).toContain(name);
    },
  );

  it.each(['Base', 'Configs', 'Sessions', 'Enum'])('%s is reserved for resources', (heading) => {
    expect(resourceNames(heading)?.className).toMatch(/Record$|^Config$/);
  });

  it('of a resource is plural in tables and singular in classes', () => {
    expect(resourceNames('Order items resource')).toMatchObject({
      name: 'order_items',
      singular: 'order_item',
      className: 'OrderItem',
      renamed: null,
    });
  });

  it('of an error code is upper case words', () => {
    expect(errorCode('task', 'is', 'completed or cancelled')).toBe('TASK_IS_COMPLETED_OR_CANCELLED');
    expect(errorCode('!!!')).toBe('CONFLICT');
  });
});
