/**
 * Tests of changing and deleting rows of one resource.
 */
import type { SpecEndpoint } from '../spec-endpoints.js';
import { fieldNamed, type SpecField, type SpecResource } from '../spec-model.js';
import type { Build } from './build.js';
import { namesOf } from './names.js';
import { pyScalar, pyString } from './python-text.js';
import { exchange, type PythonTest } from './test-case.js';
import { plainUpdates, requestParts, safeValue } from './test-request.js';
import { isLater, jsonValue, modelValue } from './test-values.js';

export function updateTests(build: Build, resource: SpecResource, endpoint: SpecEndpoint): PythonTest[] {
  const { module } = namesOf(resource);
  const { setup, call, actor } = requestParts(build, resource, endpoint);
  const before = [...setup, ...actor.setup];
  const send = (json: string) => call(actor.argument).replace('json={}', `json=${json}`);
  const fields = plainUpdates(resource).filter(({ readable }) => readable);
  const changed = fields.find((field) => field.type.kind !== 'boolean' && field.type.kind !== 'enum') ?? fields[0];
  const value = changed && newValue(resource, changed);
  const strict = plainUpdates(resource).filter(({ nullable, type }) => !nullable && type.kind !== 'json');
  const changes: PythonTest = {
    name: `an_update_of_a_${module}_changes_what_it_names`,
    lines: exchange(before, send(`{"${changed?.name}": ${value}}`), [
      'assert response.status_code == 200',
      `assert response.json()["${changed?.name}"] == ${value}`,
    ]),
  };
  const refuses: PythonTest = {
    name: `an_update_of_a_${module}_can_not_clear_a_required_field`,
    parameters: { names: ['field'], rows: strict.map(({ name }) => [pyString(name)]) },
    lines: exchange(before, send('{field: None}'), ['assert response.status_code == 422']),
  };
  const optional = fields.find(({ nullable }) => nullable);
  return [
    ...(changed ? [changes] : []),
    ...(strict.length > 0 ? [refuses] : []),
    ...(optional ? [clearingTest(build, resource, endpoint, optional)] : []),
  ];
}

function newValue(resource: SpecResource, field: SpecField): string {
  return field.type.kind === 'enum'
    ? pyScalar(safeValue(resource, field.name))
    : jsonValue(field, isLater(resource, field) ? 'later' : 1);
}

function clearingTest(build: Build, resource: SpecResource, endpoint: SpecEndpoint, field: SpecField): PythonTest {
  const given = `${field.name}=${modelValue(resource, field, isLater(resource, field) ? 'later' : 0)}`;
  const { setup, call, actor } = requestParts(build, resource, endpoint, given);
  const clear = call(actor.argument).replace('json={}', `json={"${field.name}": None}`);
  return {
    name: `an_update_of_a_${namesOf(resource).module}_can_clear_an_optional_field`,
    lines: exchange([...setup, ...actor.setup], clear, [
      'assert response.status_code == 200',
      `assert response.json()["${field.name}"] is None`,
    ]),
  };
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
