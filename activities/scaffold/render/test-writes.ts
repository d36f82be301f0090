/**
 * Tests of creating, changing and deleting rows of one resource.
 */

import type { EndpointOf, SpecEndpoint } from '../spec-endpoints.js';
import { fieldNamed, resourceNamed, type SpecField, type SpecResource } from '../spec-model.js';
import { type Build, isBuilt } from './build.js';
import { namesOf } from './names.js';
import { pyScalar, pyString } from './python-text.js';
import { createFields } from './schema-file.js';
import { expectError, type PythonTest } from './test-case.js';
import { bodyFields, plainUpdates, requestParts, requiredParents, safeValue } from './test-request.js';
import { badValues, jsonValue } from './test-values.js';

type Create = EndpointOf<'create' | 'nested_create'>;

export function createTests(build: Build, resource: SpecResource, endpoint: Create): PythonTest[] {
  const { module } = namesOf(resource);
  const { setup, call, actor } = requestParts(build, resource, endpoint);
  const { keys, codes } = build.model.errors;
  const echoes = bodyFields(build, resource).map(
    ({ name, value }) => `assert response.json()[${pyString(name)}] == ${value}`,
  );
  const before = [...setup, ...actor.setup];
  const linked = resource.endpoints.some(({ kind }) => kind === 'get');
  const tests: PythonTest[] = [
    {
      name: `a_new_${module}_is_stored`,
      lines: [
        ...before,
        '',
        `response = ${call(actor.argument)}`,
        '',
        'assert response.status_code == 201',
        ...echoes.filter((line) => fieldOfEcho(resource, line)?.readable !== false),
        ...(linked
          ? ['stored = await client.get(response.headers["Location"])', 'assert stored.json() == response.json()']
          : []),
      ],
    },
    {
      name: `a_${module}_body_that_is_not_json_is_refused`,
      lines: [
        ...setup,
        '',
        `response = ${call().replace(/, json=.*$/s, '')}, content="{", headers={"Content-Type": "application/json"})`,
        '',
        ...expectError(400, keys.code, codes.malformed),
      ],
    },
  ];
  return [...tests, ...invalidTests(build, resource, endpoint), ...referenceTests(build, resource, endpoint)];
}

function fieldOfEcho(resource: SpecResource, line: string): SpecField | undefined {
  const name = /\["([a-z0-9_]+)"\]/.exec(line)?.[1];
  return name === undefined ? undefined : fieldNamed(resource, name);
}

function invalidTests(build: Build, resource: SpecResource, endpoint: Create): PythonTest[] {
  const { module } = namesOf(resource);
  const { setup, actor } = requestParts(build, resource, endpoint);
  const { keys, codes } = build.model.errors;
  const path = requestParts(build, resource, endpoint)
    .call()
    .replace(/, json=.*$/s, '');
  const parents = requiredParents(build, resource, endpoint).map(({ field, row }) => `${field}=${row}.id`);
  const required = bodyFields(build, resource).map(({ name }) => name);
  const bad = createFields(resource)
    .filter((field) => field.type.kind !== 'reference' || !isInPath(endpoint, field))
    .flatMap((field) => badValues(build.model, field).map((item) => ({ ...item, field: field.name })));
  if (build.model.validation.reject_unknown_fields) bad.push({ field: 'no_such_field', reason: 'unknown', value: '1' });
  const refused = [
    `assert response.status_code == 422`,
    `assert response.json()["${keys.code}"] == "${codes.invalid}"`,
  ];
  const tests: PythonTest[] = [];
  if (required.length > 0) {
    tests.push({
      name: `a_${module}_without_a_required_field_is_refused`,
      parameters: { names: ['field'], rows: required.map((name) => [pyString(name)]) },
      lines: [
        ...setup,
        ...actor.setup,
        `body = ${module}_body(${parents.join(', ')})`,
        'del body[field]',
        '',
        `response = ${path}, json=body${actor.argument})`,
        '',
        ...refused,
        `assert list(response.json()["${keys.fields}"]) == [field]`,
      ],
    });
  }
  if (bad.length > 0) {
    tests.push({
      name: `a_${module}_with_a_bad_value_is_refused`,
      parameters: {
        names: ['field', 'value'],
        rows: bad.map(({ field, value }) => [pyString(field), value]),
        ids: bad.map(({ field, reason }) => `${field} ${reason}`),
      },
      lines: [
        ...setup,
        ...actor.setup,
        `body = ${module}_body(${parents.join(', ')}) | {field: value}`,
        '',
        `response = ${path}, json=body${actor.argument})`,
        '',
        ...refused,
        `assert list(response.json()["${keys.fields}"]) == [field]`,
      ],
    });
  }
  return tests;
}

function isInPath(endpoint: SpecEndpoint, field: SpecField): boolean {
  return endpoint.kind === 'nested_create' && endpoint.field === field.name;
}

function referenceTests(build: Build, resource: SpecResource, endpoint: Create): PythonTest[] {
  const { setup, call, actor } = requestParts(build, resource, endpoint);
  const { keys } = build.model.errors;
  return createFields(resource)
    .filter(
      (field) => field.type.kind === 'reference' && isBuilt(build, field.type.target) && !isInPath(endpoint, field),
    )
    .map((field) => ({
      name: `a_${namesOf(resource).module}_can_not_refer_to_a_${field.name.replace(/_id$/, '')}_that_does_not_exist`,
      lines: [
        ...setup,
        ...actor.setup,
        '',
        `response = ${withArgument(call(actor.argument), resource, `${field.name}=999_999`)}`,
        '',
        'assert response.status_code == 422',
        `assert list(response.json()["${keys.fields}"]) == [${pyString(field.name)}]`,
      ],
    }));
}

/** Replaces or adds an argument of the body function. */
export function withArgument(call: string, resource: SpecResource, argument: string): string {
  const name = argument.split('=')[0];
  return call.replace(new RegExp(`${resource.singular}_body\\(([^)]*)\\)`), (_all, given: string) => {
    const kept = given.split(', ').filter((other) => other !== '' && !other.startsWith(`${name}=`));
    return `${resource.singular}_body(${[...kept, argument].join(', ')})`;
  });
}

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

export function fieldTests(
  build: Build,
  resource: SpecResource,
  endpoint: EndpointOf<'set_field' | 'assign' | 'bulk_set'>,
): PythonTest[] {
  const { module, plural } = namesOf(resource);
  const { setup, call, actor } = requestParts(build, resource, endpoint);
  const field = fieldNamed(resource, endpoint.field);
  const before = [...setup, ...actor.setup];
  const label = endpoint.field.replace(/_id$/, '');
  if (endpoint.kind === 'bulk_set') {
    const { codes, keys } = build.model.errors;
    const missing = call(actor.argument).replace(/\[\w+\.id\]/, (ids) => ids.replace(']', ', 999_999]'));
    return [
      {
        name: `the_${label}_of_${plural}_is_set_for_all_of_them`,
        lines: [
          ...before,
          '',
          `response = ${call(actor.argument)}`,
          '',
          'assert response.status_code == 200',
          ...(endpoint.returns === 'count' ? ['assert response.json() == {"updated": 1}'] : []),
        ],
      },
      {
        name: `the_${label}_of_${plural}_is_set_for_all_or_none`,
        lines: [...before, '', `response = ${missing}`, '', ...expectError(404, keys.code, codes.not_found)],
      },
    ];
  }
  if (endpoint.kind === 'set_field') {
    const value = pyScalar(safeValue(resource, endpoint.field));
    return [
      {
        name: `the_${label}_of_a_${module}_is_set`,
        lines: [
          ...before,
          '',
          `response = ${call(actor.argument)}`,
          '',
          'assert response.status_code == 200',
          `assert response.json()[${pyString(endpoint.field)}] == ${value}`,
        ],
      },
    ];
  }
  return assignTests(build, resource, endpoint, before, call(actor.argument), field);
}

function assignTests(
  build: Build,
  resource: SpecResource,
  endpoint: EndpointOf<'assign'>,
  before: readonly string[],
  call: string,
  field: SpecField | undefined,
): PythonTest[] {
  if (field?.type.kind !== 'reference') return [];
  const target = namesOf(resourceNamed(build.model, field.type.target));
  const label = endpoint.field.replace(/_id$/, '');
  const send = (value: string) => call.replace(/json=\{[^}]*\}/, `json={${pyString(endpoint.field)}: ${value}}`);
  const name = namesOf(resource).module;
  const tests: PythonTest[] = [
    {
      name: `the_${label}_of_a_${name}_is_set`,
      lines: [
        ...before,
        `new_${target.row} = await create_${target.module}(session)`,
        '',
        `response = ${send(`new_${target.row}.id`)}`,
        '',
        'assert response.status_code == 200',
        `assert response.json()[${pyString(endpoint.field)}] == new_${target.row}.id`,
      ],
    },
    {
      name: `the_${label}_of_a_${name}_must_exist`,
      lines: [...before, '', `response = ${send('999_999')}`, '', 'assert response.status_code == 422'],
    },
  ];
  if (!field.nullable) return tests;
  return [
    ...tests,
    {
      name: `the_${label}_of_a_${name}_can_be_cleared`,
      lines: [
        ...before,
        '',
        `response = ${send('None')}`,
        '',
        'assert response.status_code == 200',
        `assert response.json()[${pyString(endpoint.field)}] is None`,
      ],
    },
  ];
}
