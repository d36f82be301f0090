/**
 * Tests of changing and deleting rows of one resource.
 */
import type { SpecEndpoint } from '../spec-endpoints.js';
import { fieldNamed, type SpecResource } from '../spec-model.js';
import type { Build } from './build.js';
import { namesOf } from './names.js';
import { pyScalar, pyString } from './python-text.js';
import type { PythonTest } from './test-case.js';
import { plainUpdates, requestParts, safeValue } from './test-request.js';
import { jsonValue } from './test-values.js';

export function updateTests(build: Build, resource: SpecResource, endpoint: SpecEndpoint): PythonTest[] {
  const { module } = namesOf(resource);
  const { setup, call, actor } = requestParts(build, resource, endpoint);
  const before = [...setup, ...actor.setup];
  const fields = plainUpdates(resource).filter(({ readable }) => readable);
  const changed = fields.find((field) => field.type.kind !== 'boolean' && field.type.kind !== 'enum') ?? fields[0];
  const send = (json: string) => call(actor.argument).replace('json={}', `json=${json}`);
  const tests: PythonTest[] = [];
  if (changed) {
    const value = changed.type.kind === 'enum' ? pyScalar(safeValue(resource, changed.name)) : jsonValue(changed, 1);
    tests.push({
      name: `an_update_of_a_${module}_changes_what_it_names`,
      lines: [
        ...before,
        '',
        `response = ${send(`{${pyString(changed.name)}: ${value}}`)}`,
        '',
        'assert response.status_code == 200',
        `assert response.json()[${pyString(changed.name)}] == ${value}`,
      ],
    });
  }
  const strict = plainUpdates(resource).filter(({ nullable, type }) => !nullable && type.kind !== 'json');
  if (strict.length > 0) {
    tests.push({
      name: `an_update_of_a_${module}_can_not_clear_a_required_field`,
      parameters: { names: ['field'], rows: strict.map(({ name }) => [pyString(name)]) },
      lines: [...before, '', `response = ${send('{field: None}')}`, '', 'assert response.status_code == 422'],
    });
  }
  const optional = fields.find(({ nullable }) => nullable);
  if (optional) {
    const given = `${optional.name}=${optional.type.kind === 'datetime' || optional.type.kind === 'date' || optional.type.kind === 'decimal' ? 'None' : jsonValue(optional)}`;
    tests.push({
      name: `an_update_of_a_${module}_can_clear_an_optional_field`,
      lines: [
        ...requestParts(build, resource, endpoint, given).setup,
        ...actor.setup,
        '',
        `response = ${send(`{${pyString(optional.name)}: None}`)}`,
        '',
        'assert response.status_code == 200',
        `assert response.json()[${pyString(optional.name)}] is None`,
      ],
    });
  }
  return tests;
}

export function deleteTests(build: Build, resource: SpecResource, endpoint: SpecEndpoint): PythonTest[] {
  const { module, row } = namesOf(resource);
  const { setup, call, actor } = requestParts(build, resource, endpoint);
  const soft = resource.soft_delete;
  const get = resource.endpoints.find(({ kind }) => kind === 'get');
  const after = get ? [`gone = await client.get(f"${get.path.replace(/\{[a-z0-9_]+\}/, `{${row}.id}`)}")`] : [];
  const flagged = soft?.kind === 'flag' ? fieldNamed(resource, soft.field) : undefined;
  const proof = !get
    ? []
    : flagged
      ? [...after, `assert gone.json()[${pyString(flagged.name)}] is False`]
      : [...after, 'assert gone.status_code == 404'];
  return [
    {
      name: flagged ? `a_deleted_${module}_stays_readable` : `a_deleted_${module}_is_gone`,
      lines: [
        ...setup,
        ...actor.setup,
        '',
        `response = ${call(actor.argument)}`,
        '',
        'assert response.status_code == 204',
        ...proof,
      ],
    },
  ];
}
