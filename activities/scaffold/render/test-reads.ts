/**
 * Tests of reading one row, and of paths that name none.
 */
import type { SpecEndpoint } from '../spec-endpoints.js';
import { resourceNamed, type SpecResource } from '../spec-model.js';
import type { Build } from './build.js';
import { namesOf } from './names.js';
import { expectError, type PythonTest } from './test-case.js';
import { pathOf, requestParts } from './test-request.js';

/** 404 for a row that is not there, 422 for what is no id: the first parameter of a path. */
export function pathTests(build: Build, resource: SpecResource, endpoint: SpecEndpoint, name: string): PythonTest[] {
  const first = endpoint.params[0];
  if (!first) return [];
  const { setup, call, actor } = requestParts(build, resource, endpoint);
  const { row } = namesOf(resourceNamed(build.model, first.resource));
  const { keys, codes } = build.model.errors;
  const missing = call(actor.argument).replace(`{${row}.id}`, '999999');
  const setupWithoutRow = setup.filter((line) => !new RegExp(`\\b${row} = |\\b${row}\\.id`).test(line));
  const needed = actor.argument.includes(`(${row})`) ? setup : setupWithoutRow;
  const plain = missing.includes('{') && /f"[^"]*\{/.test(missing) ? missing : missing.replace(/\(f"/, '("');
  return [
    {
      name: `${name}_needs_a_${first.resource === resource.name ? namesOf(resource).module : resourceNamed(build.model, first.resource).singular}_that_exists`,
      lines: [
        ...needed,
        ...actor.setup,
        '',
        `response = ${plain}`,
        '',
        ...expectError(404, keys.code, codes.not_found),
      ],
    },
  ];
}

export function getTests(build: Build, resource: SpecResource, endpoint: SpecEndpoint): PythonTest[] {
  const { module, row } = namesOf(resource);
  const { setup, call, actor } = requestParts(build, resource, endpoint);
  const path = endpoint.path.replace(/\{[a-z0-9_]+\}$/, '{row_id}');
  return [
    {
      name: `a_${module}_can_be_read`,
      lines: [
        ...setup,
        ...actor.setup,
        '',
        `response = ${call(actor.argument)}`,
        '',
        'assert response.status_code == 200',
        `assert response.json()["id"] == ${row}.id`,
      ],
    },
    {
      name: `what_is_no_id_of_a_${module}_is_refused`,
      parameters: { names: ['row_id'], rows: [['0'], ['-1'], ['2_147_483_648'], ['"x"']] },
      lines: [`response = await client.get(f"${path}")`, '', 'assert response.status_code == 422'],
    },
  ];
}

export function meTests(build: Build, resource: SpecResource, endpoint: SpecEndpoint): PythonTest[] {
  const { row, module } = namesOf(resource);
  return [
    {
      name: `a_${module}_reads_their_own_account`,
      lines: [
        `${row} = await create_${module}(session)`,
        '',
        `response = await client.get(${pathOf(build, endpoint)}, headers=acting_as(${row}))`,
        '',
        'assert response.status_code == 200',
        `assert response.json()["id"] == ${row}.id`,
      ],
    },
  ];
}
