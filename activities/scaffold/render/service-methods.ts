/**
 * One service method per endpoint: finds its rows, checks, changes, commits.
 */

import type { EndpointOf, SpecEndpoint } from '../spec-endpoints.js';
import { fieldNamed, resourceNamed, rulesOf, type SpecField, type SpecResource } from '../spec-model.js';
import { activeFields, type Build } from './build.js';
import { afterChange, type CheckScope, stateChecks, valueChecks } from './checks.js';
import { pythonType } from './columns.js';
import { onDeleteEffects } from './deletion.js';
import { listUse } from './lists.js';
import { enumName, functionName, literalOf, namesOf, referenceName } from './names.js';
import { pyString, sentence, variable } from './python-text.js';
import { refusalOf, targetOf } from './rule-methods.js';
import { createFields, updateFields } from './schema-file.js';
import { renderTemplate } from './template.js';

type Row = Record<string, unknown>;

export function serviceMethod(build: Build, resource: SpecResource, endpoint: SpecEndpoint): string {
  const view: Row = {
    ...namesOf(resource),
    method: functionName(build, resource, endpoint),
    summary: sentence(endpoint.summary),
    commit:
      rulesOf(resource, 'unique').length + rulesOf(resource, 'no_overlap').length > 0
        ? 'self._commit()'
        : 'self.session.commit()',
    pageKeys: build.model.page,
    ...viewOf(build, resource, endpoint),
  };
  return renderTemplate(`endpoint/${templateOf(endpoint)}.py`, view);
}

function templateOf({ kind }: SpecEndpoint): string {
  if (kind === 'nested_create') return 'create';
  if (kind === 'assign') return 'set_field';
  return kind === 'list' ? 'nested_list' : kind;
}

function viewOf(build: Build, resource: SpecResource, endpoint: SpecEndpoint): Row {
  switch (endpoint.kind) {
    case 'create':
    case 'nested_create':
      return createView(build, resource, endpoint);
    case 'update':
      return updateView(build, resource, endpoint);
    case 'delete':
      return deleteView(build, resource, endpoint);
    case 'set_field':
    case 'assign':
    case 'bulk_set':
      return fieldView(build, resource, endpoint);
    case 'action':
      return actionView(build, resource, endpoint);
    case 'list':
    case 'nested_list':
      return listView(build, resource, endpoint);
    case 'link_add':
    case 'link_remove':
    case 'link_list':
      return linkView(build, resource, endpoint);
    default:
      return {};
  }
}

function scopeOf(build: Build, resource: SpecResource, endpoint: SpecEndpoint, more: Partial<CheckScope>): CheckScope {
  return {
    build,
    resource,
    endpoint,
    row: namesOf(resource).row,
    parents: new Map(),
    sent: [],
    changes: null,
    ...more,
  };
}

function createView(build: Build, resource: SpecResource, endpoint: EndpointOf<'create' | 'nested_create'>): Row {
  const parent = endpoint.kind === 'nested_create' ? parentView(build, endpoint) : null;
  const parents = new Map(endpoint.kind === 'nested_create' && parent ? [[endpoint.field, parent.row]] : []);
  const fields = createFields(resource).filter(({ name }) => endpoint.kind === 'create' || name !== endpoint.field);
  const sent = fields.map((field) => ({ field, value: `data.${field.name}` }));
  const scope = scopeOf(build, resource, endpoint, { row: null, parents, sent });
  const written = [...fields.map(({ name }) => name), ...watchedDefaults(resource).map(({ name }) => name)];
  const fixed = new Map(watchedDefaults(resource).map((field) => [field.name, field.default ?? null]));
  const after = afterChange(build, resource, written, () => 'None', fixed);
  const given = [
    ...(endpoint.kind === 'nested_create' && parent ? [`${endpoint.field}=${parent.row}.id`] : []),
    ...resource.fields.filter(({ source }) => source === 'user').map(({ name }) => `${name}=self.actor.id`),
    ...watchedDefaults(resource).map(
      (field) => `${field.name}=${literalOf(resource, field.name, field.default ?? null)}`,
    ),
  ];
  const counts = activeFields(build, resource).filter(({ source }) => source === 'count');
  return {
    parent,
    before: [...stateChecks(scope), ...valueChecks(scope)],
    given: given.map((argument) => `, ${argument}`).join(''),
    after: [...after.checks, ...after.effects],
    counts: counts.map(({ name }) => pyString(name)).join(', '),
  };
}

/** Fields that a client can't send on create, but whose default a rule looks at before the row is stored. */
function watchedDefaults(resource: SpecResource): SpecField[] {
  const watched = new Set([
    ...rulesOf(resource, 'forbidden_combination').flatMap(({ terms }) => terms.map(({ field }) => field)),
    ...rulesOf(resource, 'stamp').map(({ when }) => when.field),
  ]);
  return resource.fields.filter(
    (field) => watched.has(field.name) && field.create === 'never' && field.default !== undefined,
  );
}

function updateView(build: Build, resource: SpecResource, endpoint: SpecEndpoint): Row {
  const { row } = namesOf(resource);
  const fields = updateFields(resource);
  const sent = fields.map((field) => ({ field, value: `changes.get(${pyString(field.name)})` }));
  const scope = scopeOf(build, resource, endpoint, { sent, changes: 'changes' });
  const written = fields.map(({ name }) => name);
  const after = afterChange(build, resource, written, (field) => `previous_${field}`);
  const stamped = rulesOf(resource, 'stamp').filter(({ when }) => written.includes(when.field));
  return {
    before: [...stateChecks(scope), ...valueChecks(scope)],
    previous: [...new Set(stamped.map(({ when }) => `previous_${when.field} = ${row}.${when.field}`))],
    after: [...after.checks, ...after.effects],
  };
}

function deleteView(build: Build, resource: SpecResource, endpoint: SpecEndpoint): Row {
  return {
    before: stateChecks(scopeOf(build, resource, endpoint, {})),
    effects: onDeleteEffects(build, resource),
  };
}

function fieldView(
  build: Build,
  resource: SpecResource,
  endpoint: EndpointOf<'set_field' | 'assign' | 'bulk_set'>,
): Row {
  const { row } = namesOf(resource);
  const field = fieldNamed(resource, endpoint.field);
  if (!field) throw new Error(`'${resource.name}' has no field '${endpoint.field}'. This is a defect of the reader.`);
  const value = variable(field.name);
  const scope = scopeOf(build, resource, endpoint, { sent: [{ field, value }] });
  const after = afterChange(build, resource, [field.name], () => `previous_${field.name}`);
  const several = endpoint.kind === 'bulk_set';
  const missing = rulesOf(resource, 'bulk_atomic')[0]?.refusal;
  return {
    field: field.name,
    value,
    type:
      (field.type.kind === 'enum' ? enumName(resource, field.name) : pythonType(resource, field)) +
      (field.nullable ? ' | None' : ''),
    states: stateChecks(scope),
    values: valueChecks(scope),
    previous: after.effects.length > 0 ? `previous_${field.name} = ${row}.${field.name}` : null,
    after: [...after.checks, ...after.effects],
    ids: several ? endpoint.ids_param : '',
    missing: missing ? refusalOf(build, missing) : '',
    returns: endpoint.returns,
  };
}

function actionView(build: Build, resource: SpecResource, endpoint: EndpointOf<'action'>): Row {
  const { row } = namesOf(resource);
  const { field } = endpoint;
  const set = new Map([[field, endpoint.value]]);
  const after = afterChange(build, resource, [field], () => `previous_${field}`, set);
  return {
    field,
    literal: literalOf(resource, field, endpoint.value),
    states: stateChecks(scopeOf(build, resource, endpoint, {})),
    previous: after.effects.length > 0 ? `previous_${field} = ${row}.${field}` : null,
    after: [...after.checks, ...after.effects],
  };
}

function parentView(build: Build, endpoint: { params: SpecEndpoint['params'] }) {
  const param = endpoint.params[0];
  if (!param) throw new Error('A nested endpoint names no parent in its path. This is a defect of the reader.');
  const names = namesOf(resourceNamed(build.model, param.resource));
  return { ...names, id: param.name };
}

function listView(build: Build, resource: SpecResource, endpoint: EndpointOf<'list' | 'nested_list'>): Row {
  const { query, fixed } = listUse(build, resource, endpoint);
  const rows = namesOf(query.rows);
  if (endpoint.kind === 'list') return { rows, query, fixed: null, parent: null, join: null, where: null };
  const parent = parentView(build, endpoint);
  const link = endpoint.link ? resourceNamed(build.model, endpoint.link) : null;
  const end = link?.link;
  const far = end?.left_field === endpoint.field ? end?.right_field : end?.left_field;
  const join = link ? `${link.class_name}, ${link.class_name}.${far} == ${rows.className}.id` : null;
  const where = fixed ? null : `${(link ?? query.rows).class_name}.${endpoint.field} == ${parent.row}.id`;
  return { rows, query, fixed, parent, join, where };
}

function deletedAt({ soft_delete }: SpecResource): string | null {
  return soft_delete?.kind === 'timestamp' ? soft_delete.field : null;
}

function linkView(
  build: Build,
  resource: SpecResource,
  endpoint: EndpointOf<'link_add' | 'link_remove' | 'link_list'>,
): Row {
  const { link } = resource;
  if (!link) throw new Error(`'${resource.name}' is not a link. This is a defect of the reader.`);
  const left = { ...namesOf(targetOf(build, resource, link.left_field)), row: referenceName(link.left_field) };
  const right = { ...namesOf(targetOf(build, resource, link.right_field)), row: referenceName(link.right_field) };
  const scope = scopeOf(build, resource, endpoint, { row: null, parents: new Map([[link.left_field, left.row]]) });
  const missing = rulesOf(resource, 'link_missing').find(({ endpoints }) => endpoints.includes(endpoint.id));
  return {
    left,
    right,
    link,
    ids: endpoint.kind === 'link_add' ? endpoint.ids_param : '',
    rightDeletedAt: deletedAt(targetOf(build, resource, link.right_field)),
    query: endpoint.kind === 'link_list' ? listUse(build, resource, endpoint).query : null,
    checks: stateChecks(scope),
    given: resource.fields.filter(({ source }) => source === 'user').map(({ name }) => name),
    idempotent: rulesOf(resource, 'link_idempotent').some(({ endpoints }) => endpoints.includes(endpoint.id)),
    missing: missing ? refusalOf(build, missing.refusal) : null,
  };
}
