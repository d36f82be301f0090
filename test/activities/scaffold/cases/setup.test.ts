import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CannotArrange } from '../../../../activities/scaffold/cases/arrangement.js';
import { Setup } from '../../../../activities/scaffold/cases/setup.js';
import { resourceNamed, type SpecModel, specModel } from '../../../../activities/scaffold/spec-model.js';
import { packageRoot } from '../../../../config/locations.js';

const fixture = path.join(packageRoot, 'test/activities/scaffold/fixtures/task-spec.json');
const model: SpecModel = specModel.parse(JSON.parse(readFileSync(fixture, 'utf8')));
const sent = (setup: Setup) =>
  setup.given.map((step) => `${step.request.method} ${step.request.path} as ${step.as ?? 'admin'}`);

describe('arranging rows', () => {
  test('a row brings the rows that it must refer to, each captured under its alias', () => {
    const setup = new Setup(model);
    const comment = setup.row('comments', 'comment');
    expect(comment.id).toBe('{{comment_id}}');
    expect(sent(setup)).toEqual([
      'POST /api/v1/tasks as admin',
      'POST /api/v1/tasks/{{comment_task_id_id}}/comments as admin',
    ]);
    expect(setup.given[1]?.capture).toEqual({ comment_id: 'id' });
  });

  test('a field of the acting user is brought about by who creates the row', () => {
    const setup = new Setup(model);
    const owner = setup.user('owner');
    const task = setup.row('tasks', 'task', { creator_id: owner });
    expect(sent(setup)).toEqual(['POST /api/v1/users as admin', 'POST /api/v1/tasks as {{owner_id}}']);
    expect(task.values).toMatchObject({ creator_id: '{{owner_id}}' });
  });

  test('what a create refuses is changed afterwards', () => {
    const setup = new Setup(model);
    setup.row('users', 'leaver', { is_active: false });
    setup.row('tasks', 'late', { due_date: '{{past_datetime:3}}' });
    expect(sent(setup)).toEqual([
      'POST /api/v1/users as admin',
      'PATCH /api/v1/users/{{leaver_id}} as admin',
      'POST /api/v1/tasks as admin',
      'PATCH /api/v1/tasks/{{late_id}} as admin',
    ]);
    expect(setup.given[3]?.request.json).toEqual({ due_date: '{{past_datetime:3}}' });
  });

  test('a forbidden combination is avoided by another value of what is not asked for', () => {
    const setup = new Setup(model);
    setup.row('tasks', 'urgent', { priority: 'urgent' });
    expect(setup.given[0]?.request.json).toMatchObject({ priority: 'urgent', status: 'in_progress' });
    expect(() => setup.row('tasks', 'never', { priority: 'urgent', status: 'pending' })).toThrow(CannotArrange);
  });

  test('a user who may not create a row is no way to get one', () => {
    const setup = new Setup(model);
    const tags = resourceNamed(model, 'tags');
    const create = tags.endpoints.find((endpoint) => endpoint.kind === 'create');
    if (!create) throw new Error('no create');
    expect(setup.permitted(tags, create, setup.user('plain', 'user'), {})).toBe(false);
    expect(setup.permitted(tags, create, setup.user('lead', 'manager'), {})).toBe(true);
    expect(setup.permitted(tags, create, 'admin', {})).toBe(true);
  });

  test('a grant through a reference is judged by the row it points at', () => {
    const setup = new Setup(model);
    const links = resourceNamed(model, 'task_tags');
    const add = links.endpoints.find((endpoint) => endpoint.kind === 'link_add');
    if (!add) throw new Error('no link_add');
    const owner = setup.user('owner');
    const task = setup.row('tasks', 'task', { creator_id: owner });
    expect(setup.permitted(links, add, owner, setup.contextOf(links, task))).toBe(true);
    expect(setup.permitted(links, add, setup.user('stranger'), setup.contextOf(links, task))).toBe(false);
  });

  test('only the author may edit, so the author is who acts', () => {
    const setup = new Setup(model);
    const comments = resourceNamed(model, 'comments');
    const update = comments.endpoints.find((endpoint) => endpoint.kind === 'update');
    if (!update) throw new Error('no update');
    const author = setup.user('author');
    expect(setup.actorFor(comments, update, setup.row('comments', 'one', { author_id: author }))).toBe(author);
    expect(setup.actorFor(comments, update, setup.row('comments', 'two'))).toBe('admin');
  });
});
