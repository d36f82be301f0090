/**
 * Lists: which query class an endpoint reads its options with, and which function turns them into a SELECT. A list
 * whose options are those of the resource's main list shares its class and function.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ListOptions, SpecEndpoint } from '../spec-endpoints.js';
import { resourceNamed, type SpecField, type SpecResource } from '../spec-model.js';
import { activeFields, type Build } from './build.js';
import { namesOf } from './names.js';
import { pascal } from './python-text.js';

export type ListEndpoint = Extract<SpecEndpoint, { list: ListOptions }>;

export interface ListQuery {
  /** `TaskQuery` */
  readonly className: string;
  /** `select_tasks` */
  readonly select: string;
  /** The call, with the query where the function needs it: `select_tasks(query)`. */
  readonly call: string;
  readonly options: ListOptions;
  /** Resource whose rows are listed. */
  readonly rows: SpecResource;
  /** Resource whose files define class and function. */
  readonly owner: SpecResource;
}

/** How an endpoint uses a list query: `fixed` is a filter that the path decides instead of the query. */
export interface ListUse {
  readonly query: ListQuery;
  readonly fixed: string | null;
}

export function listEndpoints(resource: SpecResource): ListEndpoint[] {
  return resource.endpoints.filter((endpoint): endpoint is ListEndpoint => 'list' in endpoint);
}

/** The query of one list endpoint. */
export function listUse(build: Build, owner: SpecResource, endpoint: ListEndpoint): ListUse {
  const main = mainQuery(build, endpoint.rows);
  if (main && isDeepStrictEqual(main.options, endpoint.list)) return { query: main, fixed: null };
  const field = endpoint.kind === 'nested_list' ? endpoint.field : null;
  const fixed = main?.options.filters.find((filter) => filter.kind === 'equals' && filter.field === field);
  if (main && fixed) {
    const rest = main.options.filters.filter((filter) => filter !== fixed);
    if (isDeepStrictEqual({ ...main.options, filters: rest }, endpoint.list))
      return { query: main, fixed: fixed.param };
  }
  return { query: ownQuery(build, owner, endpoint), fixed: null };
}

/** Query classes and select functions that a resource's own files define, each once. */
export function queriesOf(build: Build, owner: SpecResource): ListQuery[] {
  const queries = listEndpoints(owner).map((endpoint) => listUse(build, owner, endpoint).query);
  const own = queries.filter((query) => query.owner.name === owner.name);
  return own.filter((query, at) => own.findIndex(({ className }) => className === query.className) === at);
}

/** The list by which a resource is known: its plain list, else the first that its own endpoints have. */
function mainQuery(build: Build, rows: string): ListQuery | undefined {
  const resource = resourceNamed(build.model, rows);
  const own = listEndpoints(resource).filter((endpoint) => endpoint.rows === rows);
  const main = own.find(({ kind }) => kind === 'list') ?? own[0];
  if (!main) return undefined;
  const { className, plural } = namesOf(resource);
  return {
    className: `${className}Query`,
    ...selection(`select_${plural}`, main.list),
    options: main.list,
    rows: resource,
    owner: resource,
  };
}

function ownQuery(build: Build, owner: SpecResource, endpoint: ListEndpoint): ListQuery {
  const rows = resourceNamed(build.model, endpoint.rows);
  const parent = endpoint.params[0];
  const prefix = parent ? resourceNamed(build.model, parent.resource).class_name : pascal(endpoint.id);
  return {
    className: `${prefix}${pascal(rows.name)}Query`,
    ...selection(`select_${rows.name}_of_${parent ? parent.resource : 'list'}`, endpoint.list),
    options: endpoint.list,
    rows,
    owner,
  };
}

function selection(select: string, { filters, search, sort }: ListOptions) {
  const depends = filters.length > 0 || search !== null || (sort.param !== null && sort.fields.length > 0);
  return { select, call: `${select}(${depends ? 'query' : ''})` };
}

/** Sort fields that exist. */
export function sortFields(build: Build, query: ListQuery): { field: SpecField; declared: boolean }[] {
  const fields = activeFields(build, query.rows);
  return query.options.sort.fields.flatMap(({ name, order }) => {
    const field = fields.find((candidate) => candidate.name === name);
    return field ? [{ field, declared: order === 'declared' }] : [];
  });
}
