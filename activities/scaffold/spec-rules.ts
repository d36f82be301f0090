/**
 * The business rules of a spec as data: one discriminated union, one entry per family, with exact semantics.
 * Code templates and test cases are both derived from this; neither may add a meaning of its own. Pure.
 *
 * THE ORDER OF CHECKS (stated once; the first that fails answers, nothing was changed before it):
 *   1. 400 body is not valid JSON                          `errors.codes.malformed`
 *   2. 401 no such user / inactive user / bad token        `errors.codes.unauthorized`
 *   3. 403 `permit` whose grants are all of kind `role`     (needs no row)
 *   4. 422 path, query and body values, unknown fields      `errors.codes.invalid`
 *   5. 404 rows named by the path, then ids of a bulk update `errors.codes.not_found`
 *   6. 403 `permit` with a grant about the row, then `field_permit`
 *   7. 409 `guard_status`, `guard_related`, `guard_parent`
 *   8. 422 references in the body that point at no row       `errors.codes.invalid`, field named in `field_errors`
 *   9. 400 `reference_active`, `not_past`, `forbidden_combination`, `order`
 *  10. 409 `unique`, `no_overlap`
 * Effects (`stamp`, `acting_user`, `on_delete`, …) happen after every check, in the same transaction.
 */
import { z } from 'zod';
import { fieldIn, refusing, scalar, silent, specName, specSlug } from './rule-base.js';
import { noOverlapRule, orderRule } from './time-rules.js';

export { type Refusal, type Scalar, scalar, specName, specSlug } from './rule-base.js';

/**
 * Who may pass. `role`: the acting user's role is in `roles`. `self`: the row is the acting user. `field`: that field
 * of the row holds the acting user's id; with `through` (a reference field of this resource, or the link's left
 * field) it is the field of the row which that reference points at, e.g. the creator of the task of a comment.
 */
export const grant = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('role'), roles: z.array(z.string()).min(1) }),
  z.strictObject({ kind: z.literal('self') }),
  z.strictObject({ kind: z.literal('field'), field: specName, through: specName.nullable() }),
]);
export type Grant = z.infer<typeof grant>;

/**
 * permit: a request to one of `endpoints` passes when at least one of `allow` holds, else 403. At most one permit
 * per endpoint; an endpoint without one is open to every signed-in user. For a bulk update it must hold for every row.
 */
export const permitRule = z.strictObject({
  ...refusing,
  family: z.literal('permit'),
  endpoints: z.array(specSlug).min(1),
  allow: z.array(grant).min(1),
});

/**
 * field_permit: on the `update` endpoints, a body that holds one of `fields` with a value different from the stored
 * one is refused (403) unless one of `allow` holds. The same value as stored passes.
 */
export const fieldPermitRule = z.strictObject({
  ...refusing,
  family: z.literal('field_permit'),
  fields: z.array(specName).min(1),
  allow: z.array(grant).min(1),
});

/** guard_status: `endpoints` (update, delete, actions) refuse (409) while the stored row has one of these values. */
export const guardStatusRule = z.strictObject({
  ...refusing,
  family: z.literal('guard_status'),
  endpoints: z.array(specSlug).min(1),
  blocked: fieldIn,
});

/**
 * guard_related: `endpoints` (mostly delete) refuse (409) while a row of `related` exists whose `field` refers to this
 * row and, when `where` is given, whose `where.field` is one of `where.values`.
 */
export const guardRelatedRule = z.strictObject({
  ...refusing,
  family: z.literal('guard_related'),
  endpoints: z.array(specSlug).min(1),
  related: specName,
  field: specName,
  where: fieldIn.nullable(),
  /** True: refuse while no such row exists. */
  absent: z.boolean().default(false),
});

/** guard_parent: `endpoints` refuse (409) while the row that `through` refers to (in `parent`) has one of these values. */
export const guardParentRule = z.strictObject({
  ...refusing,
  family: z.literal('guard_parent'),
  endpoints: z.array(specSlug).min(1),
  through: specName,
  parent: specName,
  blocked: fieldIn,
});

/** unique: no two rows agree in all of `fields` (409, field_errors empty); case-insensitive compares lower(value). */
export const uniqueRule = z.strictObject({
  ...refusing,
  family: z.literal('unique'),
  fields: z.array(specName).min(1),
  case_insensitive: z.boolean(),
  /** Only rows with one of these values exclude each other. */
  where: fieldIn.nullable().default(null),
});

/** reference_active: wherever `field` is written with an id, the row of `target` must have `active_field` true (400). */
export const referenceActiveRule = z.strictObject({
  ...refusing,
  family: z.literal('reference_active'),
  field: specName,
  target: specName,
  active_field: specName,
});

/** not_past: `field`, when sent and not null, must not be before now (datetime) or today (date, UTC) (400). */
export const notPastRule = z.strictObject({
  ...refusing,
  family: z.literal('not_past'),
  field: specName,
  on: z.array(z.enum(['create', 'update'])).min(1),
});

/**
 * forbidden_combination: after applying a create, update, action or bulk request (with defaults), no row may hold all
 * of `terms` at once (400).
 */
export const forbiddenCombinationRule = z.strictObject({
  ...refusing,
  family: z.literal('forbidden_combination'),
  terms: z.array(z.strictObject({ field: specName, value: scalar })).min(2),
});

/**
 * stamp: when a write brings `when.field` to `when.value` from another value (a create counts), `field` becomes now;
 * staying there keeps it. With `clear_on_leave`, leaving that value sets it to null.
 */
export const stampRule = z.strictObject({
  ...silent,
  family: z.literal('stamp'),
  field: specName,
  when: z.strictObject({ field: specName, value: scalar }),
  clear_on_leave: z.boolean(),
});

/** acting_user: on create `field` is the acting user's id; the body can't hold it. */
export const actingUserRule = z.strictObject({ ...silent, family: z.literal('acting_user'), field: specName });

/**
 * on_delete: deleting a row of this resource, for rows of `child` whose `field` refers to it: `cascade` deletes them,
 * `set_null` clears the reference. A `child` that is a link resource is always `cascade`: the rows at its far end stay.
 */
export const onDeleteRule = z.strictObject({
  ...silent,
  family: z.literal('on_delete'),
  child: specName,
  field: specName,
  action: z.enum(['cascade', 'set_null']),
});

/** soft_delete: delete answers 204 and only marks the row (see `Resource.soft_delete`); a flagged row stays readable. */
export const softDeleteRule = z.strictObject({ ...silent, family: z.literal('soft_delete'), field: specName });

/**
 * count: `field` is read-only, the number of rows of `of` whose `through` refers to this row; `of` may be a link
 * resource. Computed when read, never stored.
 */
export const countRule = z.strictObject({
  ...silent,
  family: z.literal('count'),
  field: specName,
  of: specName,
  through: specName,
});

/** only_through: `field` can be set on create, and afterwards only by `endpoints` (the update refuses it: 422). */
export const onlyThroughRule = z.strictObject({
  ...silent,
  family: z.literal('only_through'),
  field: specName,
  endpoints: z.array(specSlug).min(1),
});

/** bulk_atomic: a bulk update changes all rows or none; an id without a row is 404, checked before anything else. */
export const bulkAtomicRule = z.strictObject({
  ...refusing,
  family: z.literal('bulk_atomic'),
  endpoints: z.array(specSlug).min(1),
});

/** link_idempotent: adding a link that exists changes nothing and succeeds. */
export const linkIdempotentRule = z.strictObject({
  ...silent,
  family: z.literal('link_idempotent'),
  endpoints: z.array(specSlug).min(1),
});

/** link_missing: removing a link that does not exist (both rows do) is refused (404). */
export const linkMissingRule = z.strictObject({
  ...refusing,
  family: z.literal('link_missing'),
  endpoints: z.array(specSlug).min(1),
});

export const specRule = z.discriminatedUnion('family', [
  permitRule,
  fieldPermitRule,
  guardStatusRule,
  guardRelatedRule,
  guardParentRule,
  uniqueRule,
  referenceActiveRule,
  notPastRule,
  forbiddenCombinationRule,
  stampRule,
  actingUserRule,
  onDeleteRule,
  softDeleteRule,
  countRule,
  onlyThroughRule,
  bulkAtomicRule,
  linkIdempotentRule,
  linkMissingRule,
  orderRule,
  noOverlapRule,
]);
export type SpecRule = z.infer<typeof specRule>;
export type RuleFamily = SpecRule['family'];
/** The rule of one family: `RuleOf<'permit'>`. */
export type RuleOf<F extends RuleFamily> = Extract<SpecRule, { family: F }>;
