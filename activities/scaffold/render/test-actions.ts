/**
 * Tests of the actions that set one field of one row, or of several.
 */
import type { EndpointOf } from '../spec-endpoints.js';
import { fieldNamed, resourceNamed, type SpecField, type SpecResource } from '../spec-model.js';
import type { Build } from './build.js';
import { functionName, namesOf } from './names.js';
import { pyScalar, pyString } from './python-text.js';
import { exchange, expectError, type PythonTest } from './test-case.js';
import { requestParts, safeValue } from './test-request.js';

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

export function actionTests(build: Build, resource: SpecResource, endpoint: EndpointOf<'action'>): PythonTest[] {
  const { setup, call, actor } = requestParts(build, resource, endpoint);
  return [
    {
      name: `${functionName(build, resource, endpoint)}_makes_it_${endpoint.value.toLowerCase().replace(/[^a-z0-9]+/g, '_')}`,
      lines: exchange([...setup, ...actor.setup], call(actor.argument), [
        'assert response.status_code == 200',
        `assert response.json()[${pyString(endpoint.field)}] == ${pyString(endpoint.value)}`,
      ]),
    },
  ];
}
