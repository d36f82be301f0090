/**
 * Tests of creating rows of one resource.
 */
import type { EndpointOf, SpecEndpoint } from '../spec-endpoints.js';
import { fieldNamed, type SpecField, type SpecResource } from '../spec-model.js';
import { type Build, isBuilt } from './build.js';
import { namesOf } from './names.js';
import { pyString } from './python-text.js';
import { createFields } from './schema-file.js';
import { exchange, expectError, type PythonTest } from './test-case.js';
import { bodyFields, requestParts, requiredParents } from './test-request.js';
import { badValues } from './test-values.js';

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
  const { setup, call, actor } = requestParts(build, resource, endpoint);
  const { keys, codes } = build.model.errors;
  const parents = requiredParents(build, resource, endpoint).map(({ field, row }) => `${field}=${row}.id`);
  const body = `body = ${module}_body(${parents.join(', ')})`;
  const before = [...setup, ...actor.setup];
  const send = `${call().replace(/, json=.*$/s, '')}, json=body${actor.argument})`;
  const refused = [
    'assert response.status_code == 422',
    `assert response.json()["${keys.code}"] == "${codes.invalid}"`,
    `assert list(response.json()["${keys.fields}"]) == [field]`,
  ];
  const required = bodyFields(build, resource).map(({ name }) => [pyString(name)]);
  const bad = badBodyValues(build, resource, endpoint);
  const withoutRequired: PythonTest = {
    name: `a_${module}_without_a_required_field_is_refused`,
    parameters: { names: ['field'], rows: required },
    lines: exchange([...before, body, 'del body[field]'], send, refused),
  };
  const withBadValue: PythonTest = {
    name: `a_${module}_with_a_bad_value_is_refused`,
    parameters: {
      names: ['field', 'value'],
      rows: bad.map(({ field, value }) => [pyString(field), value]),
      ids: bad.map(({ field, reason }) => `${field} ${reason}`),
    },
    lines: exchange([...before, `${body} | {field: value}`], send, refused),
  };
  return [...(required.length > 0 ? [withoutRequired] : []), ...(bad.length > 0 ? [withBadValue] : [])];
}

function badBodyValues(build: Build, resource: SpecResource, endpoint: Create) {
  const bad = createFields(resource)
    .filter((field) => field.type.kind !== 'reference' || !isInPath(endpoint, field))
    .flatMap((field) => badValues(build.model, field).map((item) => ({ ...item, field: field.name })));
  const unknown = { field: 'no_such_field', reason: 'unknown', value: '1' };
  return build.model.validation.reject_unknown_fields ? [...bad, unknown] : bad;
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
