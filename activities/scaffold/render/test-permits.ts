/**
 * Tests of who may do what: everyone that a rule names passes, a stranger does not.
 */

import type { SpecEndpoint } from '../spec-endpoints.js';
import { fieldNamed, resourceNamed, type SpecResource } from '../spec-model.js';
import type { Grant, RuleOf } from '../spec-rules.js';
import type { Build } from './build.js';
import { functionName, namesOf } from './names.js';
import { pyScalar, pyString } from './python-text.js';
import { type PythonTest, refusedBy } from './test-case.js';
import { requestParts } from './test-request.js';
import { jsonValue } from './test-values.js';

export function permitTests(
  build: Build,
  resource: SpecResource,
  rule: RuleOf<'permit'>,
  endpoint: SpecEndpoint,
): PythonTest[] {
  const { setup, call } = requestParts(build, resource, endpoint);
  const user = namesOf(resourceNamed(build.model, build.userName));
  const name = functionName(build, resource, endpoint);
  const stranger = `stranger = await create_${user.module}(session${strangerRole(build, rule.allow)})`;
  return [
    {
      name: `a_stranger_may_not_${name}`,
      lines: [
        ...setup,
        stranger,
        '',
        `response = ${call(', headers=acting_as(stranger)')}`,
        '',
        ...refusedBy(build, rule.refusal),
      ],
    },
    ...rule.allow.flatMap((grant) => grantTests(build, resource, endpoint, grant, name)),
  ];
}

/** A role that no grant names; the default role of a user mostly is. */
function strangerRole(build: Build, allow: readonly Grant[]): string {
  const { role_field, roles } = build.model.auth;
  const named = allow.flatMap((grant) => (grant.kind === 'role' ? grant.roles : []));
  const other = roles.filter((role) => !named.includes(role)).at(-1);
  return role_field !== null && other !== undefined ? `, ${role_field}=${pyString(other)}` : '';
}

function grantTests(
  build: Build,
  resource: SpecResource,
  endpoint: SpecEndpoint,
  grant: Grant,
  name: string,
): PythonTest[] {
  const user = namesOf(resourceNamed(build.model, build.userName));
  if (grant.kind === 'self') {
    const { setup, call } = requestParts(build, resource, endpoint);
    return [
      passing(endpoint, `a_${user.module}_may_${name}_of_their_own`, setup, call(`, headers=acting_as(${user.row})`)),
    ];
  }
  if (grant.kind === 'role') {
    const { role_field } = build.model.auth;
    return grant.roles.map((role) => {
      const { setup, call } = requestParts(build, resource, endpoint);
      const actor = `actor = await create_${user.module}(session, ${role_field}=${pyString(role)})`;
      const word = role.toLowerCase().replace(/[^a-z0-9]+/g, '_');
      return passing(endpoint, `the_role_${word}_may_${name}`, [...setup, actor], call(', headers=acting_as(actor)'));
    });
  }
  const holder = grant.through === null ? 'row' : 'parent';
  const who = grant.field.replace(/_id$/, '');
  const direct = holder === 'row' && (endpoint.kind === 'create' || endpoint.kind === 'nested_create');
  const reachable =
    holder === 'row' ? !direct : endpoint.params.length > 0 && endpoint.params[0]?.resource !== resource.name;
  if (!reachable) return [];
  const { setup, call } = requestParts(build, resource, endpoint, `${grant.field}=${who}.id`);
  const actor = `${who} = await create_${user.module}(session)`;
  return [passing(endpoint, `the_${who}_may_${name}`, [actor, ...setup], call(`, headers=acting_as(${who})`))];
}

function passing(endpoint: SpecEndpoint, name: string, setup: readonly string[], call: string): PythonTest {
  return { name, lines: [...setup, '', `response = ${call}`, '', `assert response.status_code == ${endpoint.status}`] };
}

export function fieldPermitTests(build: Build, resource: SpecResource, rule: RuleOf<'field_permit'>): PythonTest[] {
  const endpoint = resource.endpoints.find(({ kind }) => kind === 'update');
  if (!endpoint) return [];
  const user = namesOf(resourceNamed(build.model, build.userName));
  const own = resource.name === build.userName;
  const ownerField = resource.fields.find(({ source }) => source === 'user')?.name;
  if (!own && !ownerField) return [];
  const actor = own ? namesOf(resource).row : 'owner';
  const { setup, call } = requestParts(build, resource, endpoint, own ? '' : `${ownerField}=owner.id`);
  const before = own ? setup : [`owner = await create_${user.module}(session)`, ...setup];
  const fields = rule.fields.flatMap((name) => {
    const field = fieldNamed(resource, name);
    if (!field?.update || field.type.kind === 'reference') return [];
    const value =
      field.type.kind === 'enum' || field.type.kind === 'boolean'
        ? pyScalar(otherValue(resource, name))
        : jsonValue(field, 1);
    return [{ name, value }];
  });
  const send = (json: string) => call(`, headers=acting_as(${actor})`).replace('json={}', `json=${json}`);
  return fields.map(({ name, value }) => ({
    name: `not_everyone_may_change_${name}`,
    lines: [
      ...before,
      '',
      `response = ${send(`{${pyString(name)}: ${value}}`)}`,
      '',
      ...refusedBy(build, rule.refusal),
    ],
  }));
}

function otherValue(resource: SpecResource, name: string) {
  const field = fieldNamed(resource, name);
  if (field?.type.kind === 'boolean') return field.default !== true;
  return field?.type.kind === 'enum' ? (field.type.values.find((value) => value !== field.default) ?? null) : null;
}
