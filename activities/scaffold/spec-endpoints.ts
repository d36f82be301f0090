/**
 * The endpoints and list options of a spec as data. Pure shapes; the rules that hold on an endpoint name it by id.
 */
import { z } from 'zod';
import { scalar, specName, specSlug } from './spec-rules.js';

/**
 * equals: `field` = value (422 for a value of the wrong type). before / after: strictly < / > value, rows without a
 * value are left out. overdue: true = `field` is before now and `unless.field` is in none of `unless.values`; false =
 * every other row, also those without a date.
 */
export const listFilter = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('equals'), param: specName, field: specName }),
  z.strictObject({ kind: z.literal('before'), param: specName, field: specName }),
  z.strictObject({ kind: z.literal('after'), param: specName, field: specName }),
  z.strictObject({
    kind: z.literal('overdue'),
    param: specName,
    field: specName,
    unless: z.strictObject({ field: specName, values: z.array(scalar).min(1) }).nullable(),
  }),
]);
export type ListFilter = z.infer<typeof listFilter>;

/**
 * Options of one list endpoint. Always: `page` >= 1 (default 1) and `page_size` 1..max; a page past the end has no
 * items and is 200; a value outside is 422. Filters combine with AND. Unknown query parameters are ignored.
 */
export const listOptions = z.strictObject({
  filters: z.array(listFilter),
  /** Case-insensitive substring in any of `fields`; `%` and `_` are plain characters. */
  search: z.strictObject({ param: specName, fields: z.array(specName).min(1) }).nullable(),
  sort: z.strictObject({
    /** Query parameter: one field name, `-field` descends; null = not sortable by the client. Else 422. */
    param: specName.nullable(),
    /** `declared`: enum values in the order of the spec, not of the alphabet. Rows without a value come last. */
    fields: z.array(z.strictObject({ name: specName, order: z.enum(['value', 'declared']) })),
    /** Ties are always broken by ascending id. */
    default: z.strictObject({ field: specName, descending: z.boolean() }),
  }),
  page_size: z.strictObject({ default: z.number().int().positive(), max: z.number().int().positive() }),
});
export type ListOptions = z.infer<typeof listOptions>;

const base = {
  /** `<resource>-<verb>`: `users-list`, `tasks-set-status`, `task-tags-add`. Stable; prefix of feature ids. */
  id: specSlug,
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  /** Normalised: `{name}` parameters named `<singular>_id`: `/api/v1/users/{user_id}/tasks`. */
  path: z.string().regex(/^\/[a-z0-9/_{}.-]*$/),
  /** In order of appearance: which resource's id each parameter is. */
  params: z.array(z.strictObject({ name: specName, resource: specName })),
  /** Status of success. */
  status: z.union([z.literal(200), z.literal(201), z.literal(204)]),
  /** Body of success: a row, the page envelope, a plain JSON array of rows, `{"updated": n}`, or none. */
  returns: z.enum(['row', 'page', 'rows', 'count', 'nothing']),
  /** Resource whose rows it answers with. */
  rows: specName,
  summary: z.string(),
  line: z.number().int().positive(),
  sentence: z.string(),
};

/**
 * What an endpoint does. An endpoint belongs to the resource whose rows it answers with or changes; links own all that
 * is reached through them (`/tags/{tag_id}/tasks` belongs to task_tags).
 * - list / get / me (the acting user's row) / delete
 * - create: body = fields with `create` not 'never'; update (PATCH or PUT): body = fields with `update`; absent
 *   fields keep their value, null is 422 unless the field is nullable, `{}` changes nothing.
 * - set_field: body `{field: value}`, required. assign: the same with a reference; null clears it when nullable.
 * - action: no body; sets `field` to `value`.
 * - bulk_set: body `{ids_param: [1..max ids], field: value}`; duplicates count once; all or nothing.
 * - nested_list: rows whose `field` refers to the parent in the path (404 when there is none); with `link`, rows
 *   joined through that link resource (`field` is then the link's field that holds the parent).
 * - nested_create: create with `field` taken from the path.
 * - link_add: body `{ids_param: [1..max ids of the right resource]}`; answers with all linked rows.
 * - link_remove: both ids in the path. link_list: right rows linked to the left row.
 */
export const specEndpoint = z.discriminatedUnion('kind', [
  z.strictObject({ ...base, kind: z.literal('list'), list: listOptions }),
  z.strictObject({ ...base, kind: z.literal('create') }),
  z.strictObject({ ...base, kind: z.literal('get') }),
  z.strictObject({ ...base, kind: z.literal('me') }),
  z.strictObject({ ...base, kind: z.literal('update') }),
  z.strictObject({ ...base, kind: z.literal('delete') }),
  z.strictObject({ ...base, kind: z.literal('set_field'), field: specName }),
  z.strictObject({ ...base, kind: z.literal('assign'), field: specName }),
  z.strictObject({ ...base, kind: z.literal('action'), field: specName, value: z.string() }),
  z.strictObject({
    ...base,
    kind: z.literal('bulk_set'),
    field: specName,
    ids_param: specName,
    max: z.number().int().positive(),
  }),
  z.strictObject({
    ...base,
    kind: z.literal('nested_list'),
    parent: specName,
    field: specName,
    link: specName.nullable(),
    list: listOptions,
  }),
  z.strictObject({ ...base, kind: z.literal('nested_create'), parent: specName, field: specName }),
  z.strictObject({ ...base, kind: z.literal('link_add'), ids_param: specName, max: z.number().int().positive() }),
  z.strictObject({ ...base, kind: z.literal('link_remove') }),
  z.strictObject({ ...base, kind: z.literal('link_list'), list: listOptions }),
]);
export type SpecEndpoint = z.infer<typeof specEndpoint>;
export type EndpointKind = SpecEndpoint['kind'];
/** The endpoint of one kind: `EndpointOf<'bulk_set'>`. */
export type EndpointOf<K extends EndpointKind> = Extract<SpecEndpoint, { kind: K }>;
