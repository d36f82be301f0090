/**
 * The strict model of a spec: the one truth that code templates and test cases are derived from. Pure shapes and
 * look-ups; it never reads text. Names are safe identifiers; every other text is data and must be quoted when it is
 * put into code. Rules and endpoints: spec-rules.ts (with THE order of checks) and spec-endpoints.ts.
 */
import { z } from 'zod';
import { type SpecEndpoint, specEndpoint } from './spec-endpoints.js';
import { type RuleFamily, type RuleOf, type SpecRule, scalar, specName, specRule } from './spec-rules.js';

export const SPEC_MODEL_VERSION = 1;

const bound = z.number().nullable();
const length = { min_length: z.number().int().min(0).nullable(), max_length: z.number().int().positive().nullable() };

/**
 * Types of fields. string: VARCHAR (pattern: the whole value, Python `re` and JavaScript syntax). text: TEXT. email:
 * stored as sent, max 255 unless said. hex_colour: `#` and six hex digits, stored as sent. integer: PostgreSQL int4.
 * decimal: NUMERIC, a JSON string in responses. datetime: TIMESTAMPTZ. enum: VARCHAR with a CHECK. reference: the
 * integer id of a row of `target`.
 */
export const fieldType = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('string'), ...length, pattern: z.string().max(200).nullable() }),
  z.strictObject({ kind: z.literal('text'), ...length }),
  z.strictObject({ kind: z.literal('email'), max_length: z.number().int().positive() }),
  z.strictObject({ kind: z.literal('hex_colour') }),
  z.strictObject({ kind: z.literal('integer'), min: bound, max: bound }),
  z.strictObject({
    kind: z.literal('decimal'),
    precision: z.number().int().positive(),
    scale: z.number().int().min(0),
    min: bound,
    max: bound,
  }),
  z.strictObject({ kind: z.literal('boolean') }),
  z.strictObject({ kind: z.literal('datetime') }),
  z.strictObject({ kind: z.literal('date') }),
  z.strictObject({
    kind: z.literal('enum'),
    values: z.array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 _-]{0,62}$/)).min(1),
  }),
  z.strictObject({ kind: z.literal('reference'), target: specName }),
  z.strictObject({ kind: z.literal('json') }),
]);
export type FieldType = z.infer<typeof fieldType>;

/**
 * Who gives a field its value. client: the request. key: the database (primary key). created / updated: the time of
 * the insert / of the last change. path: the parent in the path of a nested create. user: the acting user
 * (`acting_user`). rule: a `stamp` or soft-delete rule. count: a `count` rule (no column).
 */
export const fieldSource = z.enum(['client', 'key', 'created', 'updated', 'path', 'user', 'rule', 'count']);

export const specField = z.strictObject({
  name: specName,
  type: fieldType,
  source: fieldSource,
  /** Whether the body of a create may hold it; `never` is refused with 422 where unknown fields are. */
  create: z.enum(['required', 'optional', 'never']),
  /** Whether the body of an update may hold it. */
  update: z.boolean(),
  nullable: z.boolean(),
  /** Value when a create leaves it out; absent = null when nullable. */
  default: scalar.optional(),
  /** False for secrets: never in responses, filters, sorts, logs. */
  readable: z.boolean(),
  line: z.number().int().positive(),
});
export type SpecField = z.infer<typeof specField>;

/**
 * belongs_to: `field` here refers to `target`. has_many: `field` there refers to here. many_to_many: through `link`.
 * `name` is an attribute name, unique in the resource.
 */
export const specRelation = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('belongs_to'), name: specName, target: specName, field: specName }),
  z.strictObject({ kind: z.literal('has_many'), name: specName, target: specName, field: specName }),
  z.strictObject({ kind: z.literal('many_to_many'), name: specName, target: specName, link: specName }),
]);
export type SpecRelation = z.infer<typeof specRelation>;

/** Sides of a link resource: `/left/{id}/right`. Its table has the two references as primary key and no id. */
export const specLink = z.strictObject({
  left: specName,
  left_field: specName,
  right: specName,
  right_field: specName,
});

export const specResource = z.strictObject({
  /** Plural, snake case: table, module and key of the resource everywhere: `task_tags`. */
  name: specName,
  /** `task_tag` */
  singular: specName,
  /** `TaskTag` */
  class_name: z.string().regex(/^[A-Z][A-Za-z0-9]{0,62}$/),
  /** For people: `Task Tags`. */
  title: z.string().min(1),
  /** Collection path: `/api/v1/tasks`. */
  path: z.string(),
  description: z.string(),
  /** Null for an entity. */
  link: specLink.nullable(),
  /** flag: false = deleted, row stays readable. timestamp: not null = deleted, row is gone for every endpoint (404). */
  soft_delete: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('flag'), field: specName }),
      z.strictObject({ kind: z.literal('timestamp'), field: specName }),
    ])
    .nullable(),
  /** In the order of the spec; responses hold the readable ones in this order. */
  fields: z.array(specField).min(1),
  relations: z.array(specRelation),
  endpoints: z.array(specEndpoint),
  rules: z.array(specRule),
  line: z.number().int().positive(),
});
export type SpecResource = z.infer<typeof specResource>;

export const statementClass = z.enum(['GENERATED', 'INFERRED', 'UNRESOLVED']);
export type StatementClass = z.infer<typeof statementClass>;

/** One sentence, bullet or table row of the spec and what became of it. None is left out. */
export const specStatement = z.strictObject({
  line: z.number().int().positive(),
  text: z.string().min(1),
  /** Heading it stands under: `Tasks > Business Rules`. */
  section: z.string(),
  resource: specName.nullable(),
  class: statementClass,
  /** What read it: a rule family, `field`, `endpoint`, … or the name of the rule that guessed; null when UNRESOLVED. */
  rule: z.string().nullable(),
  /** What was guessed, or the nearest phrasing that compiles. */
  note: z.string().nullable(),
});
export type SpecStatement = z.infer<typeof specStatement>;

export const specModel = z.strictObject({
  version: z.literal(SPEC_MODEL_VERSION),
  project: z.strictObject({
    name: z.string().min(1).max(200),
    /** For package names: `task-management-api`. */
    slug: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/),
    overview: z.string(),
  }),
  auth: z.strictObject({
    default_mode: z.enum(['mock', 'jwt']),
    /** Resource that users are rows of; null = a mock user table is to be supplied by the templates. */
    user_resource: specName.nullable(),
    role_field: specName.nullable(),
    /** In the order of the spec; empty without roles. */
    roles: z.array(z.string()),
    admin_role: z.string().nullable(),
    /** A user whose field is false gets 401. */
    active_field: specName.nullable(),
    seed_user_id: z.literal(1),
  }),
  errors: z.strictObject({
    /** JSON keys of the envelope; the last is an object: field -> messages, `{}` unless 422. */
    keys: z.strictObject({ detail: specName, code: specName, fields: specName }),
    codes: z.strictObject({
      malformed: z.string(),
      unauthorized: z.string(),
      forbidden: z.string(),
      not_found: z.string(),
      method_not_allowed: z.string(),
      conflict: z.string(),
      invalid: z.string(),
      internal: z.string(),
    }),
  }),
  /** JSON keys of the page envelope and names of the two query parameters (the same as `page` and `page_size`). */
  page: z.strictObject({
    items: specName,
    total: specName,
    page: specName,
    page_size: specName,
    total_pages: specName,
  }),
  validation: z.strictObject({
    trim_text: z.boolean(),
    reject_unknown_fields: z.boolean(),
    /** Datetimes without an offset are 422. */
    require_offset: z.boolean(),
  }),
  /** In build order: a resource comes after those it refers to. */
  resources: z.array(specResource).min(1),
  statements: z.array(specStatement),
});
export type SpecModel = z.infer<typeof specModel>;

/** The resource of that name; a name that comes from the model itself is always found. */
export function resourceNamed(model: SpecModel, name: string): SpecResource {
  const found = model.resources.find((resource) => resource.name === name);
  if (!found) throw new Error(`The spec model has no resource '${name}'. This is a defect of the reader.`);
  return found;
}

/** The field of that name, or undefined. */
export function fieldNamed(resource: SpecResource, name: string): SpecField | undefined {
  return resource.fields.find((field) => field.name === name);
}

/** Every rule of one family, in the order of the spec. */
export function rulesOf<F extends RuleFamily>(resource: SpecResource, family: F): RuleOf<F>[] {
  return resource.rules.filter((rule): rule is RuleOf<F> => rule.family === family);
}

/** Rules that name the endpoint. Rules about fields (unique, not_past, …) hold wherever the field is written. */
export function rulesOn(resource: SpecResource, endpoint: SpecEndpoint): SpecRule[] {
  return resource.rules.filter((rule) => 'endpoints' in rule && rule.endpoints.includes(endpoint.id));
}

/** Other resources whose table a rule touches: it can only work once these are built. */
export function resourcesNeededBy(rule: SpecRule): string[] {
  if (rule.family === 'guard_related') return [rule.related];
  if (rule.family === 'guard_parent') return [rule.parent];
  if (rule.family === 'reference_active') return [rule.target];
  if (rule.family === 'on_delete') return [rule.child];
  return rule.family === 'count' ? [rule.of] : [];
}
