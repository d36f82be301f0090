/**
 * `app/schemas/<resource>.py`: what requests may hold, what responses show, how lists are asked for.
 */

import type { ListFilter, SpecEndpoint } from '../spec-endpoints.js';
import { fieldNamed, type SpecField, type SpecResource } from '../spec-model.js';
import { activeFields, type Build, builtResources } from './build.js';
import { type ListQuery, queriesOf, sortFields } from './lists.js';
import { enumFields, enumName, literalOf, namesOf, referenceName } from './names.js';
import { pascal, pyString, withArticle } from './python-text.js';
import { aliasOf, requestType, responseType } from './schema-type.js';
import { renderTemplate } from './template.js';

/** Page size and its ceiling that `PageQuery` itself has. */
export const USUAL_PAGE = { default: 20, max: 100 };

export function schemaFile(build: Build, resource: SpecResource): string {
  const kinds = new Set<string>(resource.endpoints.map(({ kind }) => kind));
  const fields = activeFields(build, resource);
  return renderTemplate('resource/schema.py', {
    ...namesOf(resource),
    enums: enumFields(resource).map(({ name }) => enumName(resource, name)),
    aliases: aliasesOf(resource),
    create: kinds.has('create') || kinds.has('nested_create') ? createLines(resource) : null,
    update: kinds.has('update') ? updateLines(resource) : null,
    actions: resource.endpoints.flatMap((endpoint) => actionView(build, resource, endpoint)),
    read: resource.link
      ? []
      : fields.filter(({ readable }) => readable).map((field) => `${field.name}: ${responseType(resource, field)}`),
    queries: queriesOf(build, resource).map((query) => queryView(build, query)),
    others: builtResources(build)
      .filter(({ name }) => name !== resource.name)
      .map((other) => ({ ...namesOf(other), enums: enumFields(other).map(({ name }) => enumName(other, name)) })),
    pageKeys: build.model.page,
  });
}

function aliasesOf(resource: SpecResource): { name: string; definition: string }[] {
  return resource.fields.flatMap((field) => {
    const alias = aliasOf(resource, field);
    return alias && (field.create !== 'never' || field.update) ? [alias] : [];
  });
}

/** Fields that the body of a create may hold. */
export function createFields(resource: SpecResource): SpecField[] {
  return resource.fields.filter(({ create }) => create !== 'never');
}

/** Fields that the body of an update may hold. */
export function updateFields(resource: SpecResource): SpecField[] {
  return resource.fields.filter(({ update }) => update);
}

function createLines(resource: SpecResource): string[] {
  return createFields(resource).map((field) => {
    const type = requestType(resource, field) + (field.nullable ? ' | None' : '');
    if (field.create === 'required') return `${field.name}: ${type}`;
    const value = field.default === undefined ? 'None' : defaultOf(resource, field);
    return `${field.name}: ${type} = ${value}`;
  });
}

function defaultOf(resource: SpecResource, field: SpecField): string {
  const value = field.default ?? null;
  if (field.type.kind === 'decimal' && value !== null)
    return `Decimal(${pyString(Number(value).toFixed(field.type.scale))})`;
  return literalOf(resource, field.name, value);
}

function updateLines(resource: SpecResource): string[] {
  return updateFields(resource).map((field) => {
    const type = requestType(resource, field);
    return field.nullable ? `${field.name}: ${type} | None = None` : `${field.name}: ${type} = unchanged()`;
  });
}

interface ActionView {
  readonly className: string;
  readonly doc: string;
  readonly lines: readonly string[];
}

/** `TaskStatusChange`, `TaskStatusBulkChange`, `TaskTagsAddition`: the class of an action's body. */
export function actionClass(resource: SpecResource, endpoint: SpecEndpoint): string {
  if (endpoint.kind === 'link_add') return `${resource.class_name}Addition`;
  const field = 'field' in endpoint ? pascal(referenceName(endpoint.field)) : '';
  return `${resource.class_name}${field}${endpoint.kind === 'bulk_set' ? 'BulkChange' : 'Change'}`;
}

function actionView(_build: Build, resource: SpecResource, endpoint: SpecEndpoint): ActionView[] {
  const className = actionClass(resource, endpoint);
  const { nouns, noun } = namesOf(resource);
  if (endpoint.kind === 'link_add') {
    const lines = [idsLine(endpoint.ids_param, endpoint.max)];
    return [{ className, doc: `Which ${endpoint.rows.replaceAll('_', ' ')} to add.`, lines }];
  }
  if (endpoint.kind !== 'set_field' && endpoint.kind !== 'assign' && endpoint.kind !== 'bulk_set') return [];
  const field = fieldNamed(resource, endpoint.field);
  if (!field) return [];
  const line = `${field.name}: ${requestType(resource, field)}${field.nullable ? ' | None' : ''}`;
  const label = referenceName(field.name).replaceAll('_', ' ');
  return endpoint.kind === 'bulk_set'
    ? [
        {
          className,
          doc: `A new ${label} for several ${nouns}.`,
          lines: [idsLine(endpoint.ids_param, endpoint.max), line],
        },
      ]
    : [{ className, doc: `A new ${label} for ${withArticle(noun)}.`, lines: [line] }];
}

function idsLine(name: string, max: number): string {
  return `${name}: list[EntityId] = Field(min_length=1, max_length=${max})`;
}

function queryView(build: Build, query: ListQuery) {
  const { options, rows } = query;
  const { page_size } = options;
  const usual = page_size.default === USUAL_PAGE.default && page_size.max === USUAL_PAGE.max;
  const sorts = sortFields(build, query).flatMap(({ field }) => [field.name, `-${field.name}`]);
  const byDefault = `${options.sort.default.descending ? '-' : ''}${options.sort.default.field}`;
  const sortClass = query.className.replace(/Query$/, 'Sort');
  const lines = [
    ...(usual
      ? []
      : [`${build.model.page.page_size}: int = Field(default=${page_size.default}, ge=1, le=${page_size.max})`]),
    ...options.filters.map((filter) => `${filter.param}: ${filterType(rows, filter)} | None = None`),
    ...(options.search ? [`${options.search.param}: Text | None = Field(default=None, max_length=200)`] : []),
    ...(options.sort.param && sorts.length > 0 ? [`${options.sort.param}: ${sortClass} = ${pyString(byDefault)}`] : []),
  ];
  const sortable = options.sort.param !== null && sorts.length > 0;
  return {
    className: query.className,
    nouns: namesOf(rows).nouns,
    lines,
    sort: sortable ? { className: sortClass, values: sorts.map(pyString).join(', ') } : null,
  };
}

function filterType(rows: SpecResource, filter: ListFilter): string {
  if (filter.kind === 'overdue') return 'bool';
  const field = fieldNamed(rows, filter.field);
  return field ? requestType(rows, field, 'query') : 'Text';
}
