/**
 * Rows that one case finds again in a list that other cases fill at the same time: by the parent in the path, or by a
 * fresh word that the list is searched for. No case ever assumes an empty table. Pure.
 */
import type { CaseRequest, JsonValue } from '../../features/feature.js';
import type { EndpointOf } from '../spec-endpoints.js';
import { fieldNamed, resourceNamed, type SpecField, type SpecResource } from '../spec-model.js';
import { CannotArrange, filledPath, type Values } from './arrangement.js';
import type { Row, Setup } from './setup.js';

export type ListEndpoint = EndpointOf<'list' | 'nested_list' | 'link_list'>;

export interface ListScope {
  /** Resource of the rows in the list. */
  readonly rows: SpecResource;
  readonly actor: string;
  /** Field by which the list is narrowed to a fresh row: every row of the case has the same value there. */
  readonly narrowedBy: string | null;
  /** Makes a row that the list of this case finds. */
  add(alias: string, values?: Values): Row;
  /** The list request with this query on top. */
  request(query?: Record<string, string | number | boolean>): CaseRequest;
  /** A text that holds this one and keeps the row in the scope, where the field is what the scope searches. */
  text(field: SpecField, text: string): string;
}

const WORD = '{{word:scope}}';

export function listScope(setup: Setup, resource: SpecResource, endpoint: ListEndpoint): ListScope {
  const rows = resourceNamed(setup.model, endpoint.rows);
  return endpoint.kind === 'list' ? searchedScope(setup, rows, endpoint) : parentScope(setup, resource, rows, endpoint);
}

function searchedScope(setup: Setup, rows: SpecResource, endpoint: EndpointOf<'list'>): ListScope {
  const { search } = endpoint.list;
  const field = search?.fields.map((name) => fieldNamed(rows, name)).find(isRoomy);
  if (!search || !field) return referenceScope(setup, rows, endpoint);
  const text = (wanted: SpecField, content: string) => (wanted.name === field.name ? `${WORD} ${content}` : content);
  return {
    rows,
    narrowedBy: null,
    actor: setup.actorFor(rows, endpoint, null),
    add: (alias, values = {}) =>
      setup.row(rows.name, alias, { [field.name]: text(field, `{{word:${alias}}}`), ...values }),
    request: (query = {}) => ({
      method: endpoint.method,
      path: endpoint.path,
      query: { [search.param]: WORD, ...query },
    }),
    text,
  };
}

/** Without a search: rows that refer to a fresh row which the list can be filtered by. */
function referenceScope(setup: Setup, rows: SpecResource, endpoint: EndpointOf<'list'>): ListScope {
  const filter = endpoint.list.filters.find((known) => {
    const field = known.kind === 'equals' ? fieldNamed(rows, known.field) : undefined;
    return field?.type.kind === 'reference' && (field.source === 'path' || field.create !== 'never');
  });
  const field = filter ? fieldNamed(rows, filter.field) : undefined;
  if (!filter || !field) throw new CannotArrange(`no filter tells the rows of one case in ${endpoint.id}`);
  const id = setup.valueFor(field, 'scope');
  return {
    rows,
    narrowedBy: field.name,
    actor: setup.actorFor(rows, endpoint, null),
    add: (alias, values = {}) => setup.row(rows.name, alias, { [field.name]: id, ...values }),
    request: (query = {}) => ({
      method: endpoint.method,
      path: endpoint.path,
      query: { [filter.param]: String(id), ...query },
    }),
    text: (_wanted, content) => content,
  };
}

function parentScope(
  setup: Setup,
  resource: SpecResource,
  rows: SpecResource,
  endpoint: EndpointOf<'nested_list' | 'link_list'>,
): ListScope {
  const linkName = endpoint.kind === 'link_list' ? resource.name : endpoint.link;
  const linkResource = linkName === null ? null : resourceNamed(setup.model, linkName);
  const parentName = endpoint.kind === 'nested_list' ? endpoint.parent : (resource.link?.left ?? '');
  const parent = setup.row(parentName, 'parent');
  const fixed: Record<string, JsonValue> =
    endpoint.kind === 'nested_list' && endpoint.link === null ? { [endpoint.field]: parent.id } : {};
  const parentIsLeft = endpoint.kind === 'link_list' || endpoint.field === linkResource?.link?.left_field;
  return {
    rows,
    narrowedBy: null,
    actor: setup.actorFor(resource, endpoint, parent),
    add: (alias, values = {}) => {
      const row = setup.row(rows.name, alias, { ...fixed, ...values });
      if (linkResource) setup.link(linkResource, parentIsLeft ? parent : row, parentIsLeft ? row : parent);
      return row;
    },
    request: (query = {}) => ({ method: endpoint.method, path: filledPath(endpoint, [parent.id]), query }),
    text: (_field, content) => content,
  };
}

/** Text that holds the scope's word, a space and a word of its own. */
function isRoomy(field: SpecField | undefined): field is SpecField {
  if (field === undefined || field.create === 'never') return false;
  const { type } = field;
  if (type.kind !== 'string' && type.kind !== 'text') return false;
  return (
    (type.kind === 'text' || type.pattern === null) && (type.max_length ?? 255) >= 30 && (type.min_length ?? 0) <= 20
  );
}
