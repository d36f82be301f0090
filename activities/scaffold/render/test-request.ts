/**
 * One request of a generated test: the rows that must exist, the call, and who makes it so that it succeeds.
 */

import type { EndpointOf, SpecEndpoint } from '../spec-endpoints.js';
import { fieldNamed, resourceNamed, rulesOf, type SpecField, type SpecResource } from '../spec-model.js';
import type { RuleOf, Scalar } from '../spec-rules.js';
import { type Build, isBuilt } from './build.js';
import { namesOf } from './names.js';
import { pyScalar, pyString } from './python-text.js';
import { createFields, updateFields } from './schema-file.js';
import { isActorField } from './test-factories.js';
import { isLater, jsonValue } from './test-values.js';

export interface RequestParts {
  /** Lines that store rows; each row is in a variable named for its resource. */
  readonly setup: readonly string[];
  /** `client.patch(f"/api/v1/tasks/{task.id}", json={…})`, with further arguments. */
  call(more?: string): string;
  /** Arguments that make the request succeed: `, headers=acting_as(user)`, mostly nothing. */
  readonly actor: { readonly setup: readonly string[]; readonly argument: string };
}

/** `overrides` are arguments for the factory of the endpoint's own row or, on nested endpoints, of its parent. */
export function requestParts(
  build: Build,
  resource: SpecResource,
  endpoint: SpecEndpoint,
  overrides = '',
): RequestParts {
  const path = pathOf(build, endpoint);
  const body = bodyOf(build, resource, endpoint);
  const actor = actorOf(build, resource, endpoint);
  return {
    setup: [...rowsOf(build, resource, endpoint, overrides), ...body.setup],
    call: (more = '') => `await client.${endpoint.method.toLowerCase()}(${path}${body.argument}${more})`,
    actor,
  };
}

/** Path as an f-string over the variables of its rows. */
export function pathOf(build: Build, endpoint: SpecEndpoint): string {
  if (endpoint.params.length === 0) return pyString(endpoint.path);
  const filled = endpoint.params.reduce((path, { name, resource }) => {
    const { row } = namesOf(resourceNamed(build.model, resource));
    return path.replace(`{${name}}`, `{${row}.id}`);
  }, endpoint.path);
  return `f"${filled}"`;
}

function rowsOf(build: Build, resource: SpecResource, endpoint: SpecEndpoint, overrides: string): string[] {
  const given = [...openState(build, resource, endpoint, overrides), ...(overrides === '' ? [] : [overrides])].join(
    ', ',
  );
  const argument = given === '' ? '' : `, ${given}`;
  const rows = endpoint.params.map(({ resource: name }, at) => {
    const { row, module } = namesOf(resourceNamed(build.model, name));
    return `${row} = await create_${module}(session${at === 0 ? argument : ''})`;
  });
  for (const { related, field } of wantedRows(resource, endpoint))
    rows.push(
      `await create_${resourceNamed(build.model, related).singular}(session, ${field}=${namesOf(resource).row}.id)`,
    );
  if (endpoint.kind === 'bulk_set')
    rows.push(`${namesOf(resource).row} = await create_${resource.singular}(session${argument})`);
  if (endpoint.kind === 'link_remove' && resource.link) {
    const [left, right] = endpoint.params.map((param) => namesOf(resourceNamed(build.model, param.resource)).row);
    const { left_field, right_field } = resource.link;
    rows.push(`await create_${resource.singular}(session, ${left_field}=${left}.id, ${right_field}=${right}.id)`);
  }
  return rows;
}

/** The state that an action wants its row to be in, unless the test says another. */
function openState(build: Build, resource: SpecResource, endpoint: SpecEndpoint, overrides: string): string[] {
  if (endpoint.kind === 'nested_create') return openParent(build, resource, endpoint, overrides);
  return rulesOf(resource, 'guard_status').flatMap(({ endpoints, blocked }) => {
    const field = fieldNamed(resource, blocked.field);
    if (endpoint.kind !== 'action' || !endpoints.includes(endpoint.id) || overrides.includes(`${blocked.field}=`))
      return [];
    if (field?.type.kind !== 'enum' || !blocked.values.includes(field.default ?? null)) return [];
    const open = field.type.values.find((value) => !blocked.values.includes(value));
    return open === undefined ? [] : [`${field.name}=${pyString(open)}`];
  });
}

/** The state of the parent in the path, where its default stands in the way. */
function openParent(
  build: Build,
  resource: SpecResource,
  endpoint: EndpointOf<'nested_create'>,
  overrides: string,
): string[] {
  return rulesOf(resource, 'guard_parent').flatMap(({ endpoints, through, parent, blocked }) => {
    if (!endpoints.includes(endpoint.id) || through !== endpoint.field || overrides.includes(`${blocked.field}=`))
      return [];
    const field = fieldNamed(resourceNamed(build.model, parent), blocked.field);
    if (field?.type.kind !== 'enum' || !blocked.values.includes(field.default ?? null)) return [];
    const open = field.type.values.find((value) => !blocked.values.includes(value));
    return open === undefined ? [] : [`${field.name}=${pyString(open)}`];
  });
}

function wantedRows(resource: SpecResource, endpoint: SpecEndpoint): RuleOf<'guard_related'>[] {
  return rulesOf(resource, 'guard_related').filter((rule) => rule.absent && rule.endpoints.includes(endpoint.id));
}

function bodyOf(build: Build, resource: SpecResource, endpoint: SpecEndpoint): { setup: string[]; argument: string } {
  const { row, module } = namesOf(resource);
  switch (endpoint.kind) {
    case 'create':
    case 'nested_create': {
      const parents = requiredParents(build, resource, endpoint);
      const named = parents.map(({ field, row: parent }) => `${field}=${parent}.id`).join(', ');
      return { setup: parents.map((parent) => parent.line), argument: `, json=${module}_body(${named})` };
    }
    case 'update':
      return { setup: [], argument: ', json={}' };
    case 'set_field': {
      const value = pyScalar(safeValue(resource, endpoint.field));
      return { setup: [], argument: `, json={${pyString(endpoint.field)}: ${value}}` };
    }
    case 'assign':
      return assignment(build, resource, endpoint.field);
    case 'bulk_set': {
      const value = pyScalar(safeValue(resource, endpoint.field));
      return {
        setup: [],
        argument: `, json={${pyString(endpoint.ids_param)}: [${row}.id], ${pyString(endpoint.field)}: ${value}}`,
      };
    }
    case 'link_add': {
      const right = namesOf(resourceNamed(build.model, endpoint.rows));
      return {
        setup: [`${right.row} = await create_${right.module}(session)`],
        argument: `, json={${pyString(endpoint.ids_param)}: [${right.row}.id]}`,
      };
    }
    default:
      return { setup: [], argument: '' };
  }
}

function assignment(build: Build, resource: SpecResource, name: string): { setup: string[]; argument: string } {
  const field = fieldNamed(resource, name);
  if (field?.nullable) return { setup: [], argument: `, json={${pyString(name)}: None}` };
  const target = field?.type.kind === 'reference' ? namesOf(resourceNamed(build.model, field.type.target)) : null;
  if (!target) return { setup: [], argument: '' };
  return {
    setup: [`new_${target.row} = await create_${target.module}(session)`],
    argument: `, json={${pyString(name)}: new_${target.row}.id}`,
  };
}

/** References that a body must hold, besides the one in the path, each with a row to refer to. */
export function requiredParents(build: Build, resource: SpecResource, endpoint: SpecEndpoint) {
  const inPath = endpoint.kind === 'nested_create' ? endpoint.field : null;
  return createFields(resource).flatMap((field) => {
    if (field.create !== 'required' || field.name === inPath || field.type.kind !== 'reference') return [];
    if (isActorField(build, field) || !isBuilt(build, field.type.target)) return [];
    const { module } = namesOf(resourceNamed(build.model, field.type.target));
    const row = field.name.replace(/_id$/, '');
    return [{ field: field.name, row, line: `${row} = await create_${module}(session)` }];
  });
}

/** Fields of the `<resource>_body` function: what a create needs, with plain values. */
export function bodyFields(build: Build, resource: SpecResource): { name: string; value: string }[] {
  return createFields(resource)
    .filter(({ create }) => create === 'required')
    .filter((field) => field.type.kind !== 'reference' || isActorField(build, field))
    .map((field) => ({ name: field.name, value: jsonValue(field, isLater(resource, field) ? 'later' : 0) }));
}

/** A value that no forbidden combination and no default stands in the way of. */
export function safeValue(resource: SpecResource, name: string): Scalar {
  const field = fieldNamed(resource, name);
  const refused = rulesOf(resource, 'forbidden_combination').flatMap(({ terms }) => terms.map((term) => term.value));
  if (field?.type.kind === 'enum') {
    const free = field.type.values.filter((value) => value !== field.default && !refused.includes(value));
    return free[0] ?? field.type.values[0] ?? null;
  }
  if (field?.type.kind === 'boolean') return field.default !== true;
  return field?.type.kind === 'integer' ? (field.type.min ?? 1) : 'new';
}

export function permitOf(resource: SpecResource, endpoint: SpecEndpoint): RuleOf<'permit'> | undefined {
  return rulesOf(resource, 'permit').find(({ endpoints }) => endpoints.includes(endpoint.id));
}

/** Who may make the request: nobody special where the seeded admin may. */
function actorOf(build: Build, resource: SpecResource, endpoint: SpecEndpoint): RequestParts['actor'] {
  const permit = permitOf(resource, endpoint);
  const nobody = { setup: [], argument: '' };
  if (!permit) return nobody;
  const { admin_role, role_field } = build.model.auth;
  const roles = permit.allow.flatMap((grant) => (grant.kind === 'role' ? grant.roles : []));
  if ((admin_role !== null && roles.includes(admin_role)) || permit.allow.some(({ kind }) => kind === 'field'))
    return nobody;
  const user = namesOf(resourceNamed(build.model, build.userName));
  if (permit.allow.some(({ kind }) => kind === 'self'))
    return { setup: [], argument: `, headers=acting_as(${user.row})` };
  const role = `${role_field}=${pyString(roles[0] ?? '')}`;
  return { setup: [`actor = await create_${user.module}(session, ${role})`], argument: ', headers=acting_as(actor)' };
}

/** Fields of an update that a test can change without a row of another resource. */
export function plainUpdates(resource: SpecResource): SpecField[] {
  return updateFields(resource).filter(({ type }) => type.kind !== 'reference');
}
