/** The rendered project: its tree, its determinism, and that it grows resource by resource into the same bytes. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { buildOrder, renderProject, renderResource } from '../../../activities/scaffold/project.js';
import { type SpecModel, specModel } from '../../../activities/scaffold/spec-model.js';
import { packageRoot } from '../../../config/locations.js';

const model = (file: string): SpecModel =>
  specModel.parse(JSON.parse(readFileSync(path.join(packageRoot, 'test/activities/scaffold', file), 'utf8')));
const sample = model('fixtures/task-spec.json');
const awkward = model('render/awkward-spec.json');

describe('the rendered project', () => {
  it('holds the tree that issue 3 asks for', () => {
    const files = [...renderProject(sample, buildOrder(sample)).keys()];
    for (const resource of ['user', 'task', 'tag', 'task_tag', 'comment']) {
      expect(files).toContain(`app/models/${resource}.py`);
      expect(files).toContain(`app/schemas/${resource}.py`);
      expect(files).toContain(`app/services/${resource}_service.py`);
      expect(files).toContain(`app/routers/v1/${resource}s.py`);
      expect(files).toContain(`tests/api/v1/test_${resource}s.py`);
    }
    for (const folder of ['app', 'app/models', 'app/schemas', 'app/routers', 'app/routers/v1', 'app/services']) {
      expect(files).toContain(`${folder}/__init__.py`);
    }
    expect(files).toEqual(
      expect.arrayContaining([
        '.claude_settings.json',
        '.env.example',
        '.gitignore',
        'README.md',
        'alembic.ini',
        'alembic/env.py',
        'app/config.py',
        'app/database.py',
        'app/dependencies/__init__.py',
        'app/dependencies/auth.py',
        'app/dependencies/database.py',
        'app/main.py',
        'app/models/base.py',
        'docker-compose.yml',
        'init.sh',
        'pyproject.toml',
        'requirements.txt',
        'tests/conftest.py',
      ]),
    );
  });

  it('is built users first, links after both of their ends', () => {
    expect(buildOrder(sample)).toEqual(['users', 'tasks', 'tags', 'task_tags', 'comments']);
  });

  it('has a migration per resource, chained in the order in which they are built', () => {
    const files = renderProject(sample, buildOrder(sample));
    const migrations = [...files].filter(([file]) => file.startsWith('alembic/versions/'));
    const revisions = migrations.map(([, text]) => /^revision: str = "(\w{12})"$/m.exec(text)?.[1]);
    const parents = migrations.map(([, text]) => /^down_revision: .* = "?(\w+)"?$/m.exec(text)?.[1]);
    expect(migrations.map(([file]) => file.slice('alembic/versions/'.length))).toEqual([
      '0001_create_users.py',
      '0002_create_tasks.py',
      '0003_create_tags.py',
      '0004_create_task_tags.py',
      '0005_create_comments.py',
    ]);
    expect(parents).toEqual(['None', ...revisions.slice(0, -1)]);
  });

  it.each([
    ['in build order', ['users', 'tasks', 'tags', 'task_tags', 'comments']],
    ['in another order of independent resources', ['users', 'tags', 'tasks', 'comments', 'task_tags']],
  ])('ends as the same bytes when it grows %s', (_how, order) => {
    const tree = new Map(renderProject(sample, []));
    order.forEach((resource, at) => {
      for (const [file, text] of renderResource(sample, order.slice(0, at), resource)) tree.set(file, text);
    });
    const whole = renderProject(sample, buildOrder(sample));
    expect(new Map([...tree].sort(([a], [b]) => (a < b ? -1 : 1)))).toEqual(whole);
  });

  it('mentions a resource only once it is built', () => {
    const before = renderProject(sample, ['users']);
    expect(before.get('app/services/user_service.py')).not.toContain('_refuse_while_assignee_of_tasks');
    const after = renderProject(sample, ['users', 'tasks']);
    expect(after.get('app/services/user_service.py')).toContain('_refuse_while_assignee_of_tasks');
    expect(renderProject(sample, ['users', 'tags']).get('app/schemas/tag.py')).not.toContain('task_count');
  });

  it('refuses a resource before those that it depends on, naming both', () => {
    expect(() => renderProject(sample, ['users', 'comments'])).toThrow(
      "'comments' can't be built before 'tasks'. Build 'tasks' first.",
    );
  });

  it('renders cycles, self references and a spec without users', () => {
    const files = renderProject(awkward, buildOrder(awkward));
    expect(files.get('alembic/versions/0001_create_users.py')).toContain('op.bulk_insert');
    expect(files.get('alembic/versions/0003_create_products.py')).toContain('op.create_foreign_key');
  });

  it('lets no text of a spec out of its quotes', () => {
    const evil = structuredClone(awkward);
    for (const resource of evil.resources) {
      for (const rule of resource.rules) {
        rule.sentence = 'x """\nimport os; os.system("rm") \\';
        if (rule.refusal) rule.refusal.message = '"); import os; os.system("rm"); ("\\';
      }
    }
    evil.project.overview = '"""); import os #';
    const service = renderProject(evil, buildOrder(evil)).get('app/services/product_service.py');
    expect(service).not.toMatch(/^\s*import os/m);
  });

  it('never says that it was generated', () => {
    for (const [file, text] of renderProject(sample, buildOrder(sample))) {
      expect({ file, noise: /generated by|auto-?generated|nightshift/i.test(text) }).toEqual({ file, noise: false });
    }
  });
});
