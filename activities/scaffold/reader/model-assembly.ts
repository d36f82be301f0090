/**
 * From the completed draft to the strict model: sources of fields, list options, relations, order. Pure. What can't be
 * built is a problem with its line, never a half-built model.
 */
import type { ListOptions, SpecEndpoint } from '../spec-endpoints.js';
import type { SpecField, SpecModel, SpecRelation, SpecResource, SpecStatement } from '../spec-model.js';
import { strictField } from './field-types.js';
import type { ProjectDraft } from './project-reader.js';
import {
  type DraftField,
  type DraftModel,
  type DraftResource,
  draftNamed,
  referencesOf,
  userResource,
} from './spec-draft.js';
import { labelOf, slugPart } from './spec-names.js';

export const DEFAULT_PAGE_SIZE = 20;
export const DEFAULT_PAGE_MAX = 100;

const CODES: SpecModel['errors']['codes'] = {
  malformed: 'MALFORMED_BODY',
  unauthorized: 'UNAUTHORIZED',
  forbidden: 'FORBIDDEN',
  not_found: 'NOT_FOUND',
  method_not_allowed: 'METHOD_NOT_ALLOWED',
  conflict: 'CONFLICT',
  invalid: 'VALIDATION_ERROR',
  internal: 'INTERNAL_ERROR',
};

/** The model as a plain object, still to be validated by its schema. */
export function assembleModel(
  draft: DraftModel,
  project: ProjectDraft,
  name: string,
  overview: string,
  statements: readonly SpecStatement[],
): SpecModel {
  const resources = buildOrder(draft.resources).map((resource) => assembleResource(resource, draft));
  return {
    version: 1,
    project: { name, slug: projectSlug(name), overview },
    auth: assembleAuth(draft, project),
    errors: { keys: project.errorKeys, codes: CODES },
    page: project.pageKeys,
    validation: project.validation,
    resources,
    statements: [...statements],
  };
}

function projectSlug(name: string): string {
  const slug = slugPart(name.normalize('NFKD').replace(/[\u0300-\u036f]/g, ''))
    .replace(/^[^a-z]+/, '')
    .slice(0, 63);
  return slug.replace(/-+$/, '') || 'api';
}

function assembleAuth(draft: DraftModel, project: ProjectDraft): SpecModel['auth'] {
  const users = userResource(draft);
  const role = users?.fields.find((field) => field.name === 'role' && field.type?.kind === 'enum');
  const roles = role?.type?.kind === 'enum' ? role.type.values : [];
  const active = users?.fields.find(
    (field) => field.type?.kind === 'boolean' && /^(?:is_)?(?:active|enabled)$/.test(field.name),
  );
  return {
    default_mode: project.defaultMode,
    user_resource: users?.name ?? null,
    role_field: role?.name ?? null,
    roles,
    admin_role: roles.find((one) => /^(?:admin|administrator|superuser|owner)$/i.test(one)) ?? null,
    active_field: active?.name ?? null,
    seed_user_id: 1,
  };
}

/** A resource after those it refers to; among equals the order of the spec. A cycle keeps the order of the spec. */
function buildOrder(resources: readonly DraftResource[]): DraftResource[] {
  const ordered: DraftResource[] = [];
  let open = [...resources];
  while (open.length > 0) {
    const waiting = open;
    const ready = waiting.find((resource) =>
      referencesOf(resource).every((field) => isBuilt(field, resource, waiting)),
    );
    const next = ready ?? waiting[0];
    if (!next) break;
    ordered.push(next);
    open = waiting.filter((resource) => resource !== next);
  }
  return ordered;
}

function isBuilt(field: DraftField, resource: DraftResource, open: readonly DraftResource[]): boolean {
  const target = field.type?.kind === 'reference' ? field.type.target : '';
  return target === resource.name || !open.some((other) => other.name === target);
}

function assembleResource(resource: DraftResource, draft: DraftModel): SpecResource {
  const fields = resource.fields.map((field) => strictField(field, fromPath(resource, field)));
  for (const field of fields) checkDefault(field, resource, draft);
  return {
    name: resource.name,
    singular: resource.singular,
    class_name: resource.className,
    title: resource.title,
    path: collectionPath(resource),
    description: resource.description,
    link: resource.link,
    soft_delete: resource.softDelete,
    fields,
    relations: relationsOf(resource, draft),
    endpoints: resource.endpoints.map((endpoint) => withList(endpoint, resource, draft)),
    rules: resource.rules,
    line: resource.line,
  };
}

/** `/api/v1/tasks`: the path of its list or create, else the usual one. */
function collectionPath(resource: DraftResource): string {
  const own = resource.endpoints.find((endpoint) => endpoint.kind === 'list' || endpoint.kind === 'create');
  return own?.path ?? `/api/v1/${resource.name.replaceAll('_', '-')}`;
}

/** A link's references, and the parent of rows that are only created below it. */
function fromPath(resource: DraftResource, field: DraftField): boolean {
  if (resource.link) return field.name === resource.link.left_field || field.name === resource.link.right_field;
  const nested = resource.endpoints.some(
    (endpoint) => endpoint.kind === 'nested_create' && endpoint.field === field.name,
  );
  return nested && !resource.endpoints.some((endpoint) => endpoint.kind === 'create');
}

function checkDefault(field: SpecField, resource: DraftResource, draft: DraftModel): void {
  if (field.default === undefined || field.default === null) return;
  const { type, default: value } = field;
  const fits =
    type.kind === 'enum'
      ? type.values.includes(String(value))
      : type.kind === 'boolean'
        ? typeof value === 'boolean'
        : type.kind === 'integer'
          ? Number.isInteger(value)
          : type.kind === 'hex_colour'
            ? /^#[0-9a-f]{6}$/i.test(String(value))
            : true;
  if (fits) return;
  draft.problems.push({
    line: field.line,
    message: `The default '${String(value)}' of ${resource.name}.${field.name} is no ${type.kind === 'enum' ? `value of its enum (${type.values.join(', ')})` : type.kind}.`,
    cure: 'Correct the default or the type.',
  });
}

function relationsOf(resource: DraftResource, draft: DraftModel): SpecRelation[] {
  const taken = new Set(resource.fields.map((field) => field.name));
  const name = (wanted: string, target: string): string => {
    const free =
      [wanted, `${wanted}_${target}`, `${wanted}_rows`].find((one) => !taken.has(one)) ?? `${wanted}_related`;
    taken.add(free);
    return free;
  };
  const relations: SpecRelation[] = [];
  for (const field of referencesOf(resource)) {
    const target = field.type?.kind === 'reference' ? field.type.target : '';
    relations.push({
      kind: 'belongs_to',
      name: name(labelOf(field.name), draftNamed(draft, target)?.singular ?? target),
      target,
      field: field.name,
    });
  }
  for (const other of draft.resources.filter((one) => one.link === null)) {
    const references = referencesOf(other, resource.name);
    for (const field of references) {
      const wanted =
        references.length === 1 && other !== resource ? other.name : `${labelOf(field.name)}_${other.name}`;
      relations.push({ kind: 'has_many', name: name(wanted, other.name), target: other.name, field: field.name });
    }
  }
  for (const { link, name: linkName } of draft.resources) {
    const far = link?.left === resource.name ? link.right : link?.right === resource.name ? link.left : null;
    if (far !== null) relations.push({ kind: 'many_to_many', name: name(far, far), target: far, link: linkName });
  }
  return relations;
}

function withList(endpoint: SpecEndpoint, owner: DraftResource, draft: DraftModel): SpecEndpoint {
  const rows = draftNamed(draft, endpoint.rows) ?? owner;
  switch (endpoint.kind) {
    case 'list':
      return { ...endpoint, list: listOf(rows) };
    case 'nested_list': {
      const list = listOf(rows);
      const filters =
        endpoint.link === null
          ? list.filters.filter((filter) => filter.kind !== 'equals' || filter.field !== endpoint.field)
          : list.filters;
      return { ...endpoint, list: { ...list, filters } };
    }
    case 'link_list':
      return {
        ...endpoint,
        list: {
          ...listOf(owner),
          filters: [],
          search: null,
          sort: { param: null, fields: [], default: sortOf(rows).default },
        },
      };
    default:
      return endpoint;
  }
}

function sortOf(resource: DraftResource): ListOptions['sort'] {
  const { sort, default: chosen } = resource.list;
  const order = (name: string): 'value' | 'declared' =>
    resource.fields.find((field) => field.name === name)?.type?.kind === 'enum' ? 'declared' : 'value';
  const key = resource.fields.find((field) => field.key)?.name ?? 'id';
  return {
    param: sort.length > 0 ? 'sort' : null,
    fields: sort.map((name) => ({ name, order: order(name) })),
    default: chosen ? { field: chosen.field, descending: chosen.descending } : { field: key, descending: false },
  };
}

function listOf(resource: DraftResource): ListOptions {
  const { list } = resource;
  const max = list.pageMax ?? Math.max(DEFAULT_PAGE_MAX, list.pageSize ?? 0);
  return {
    filters: list.filters,
    search: list.search ? { param: list.searchParam, fields: list.search } : null,
    sort: sortOf(resource),
    page_size: { default: list.pageSize ?? Math.min(DEFAULT_PAGE_SIZE, max), max },
  };
}
