/**
 * Rules about two fields of a row that belong together, most of them times, as data. Pure shapes.
 */
import { z } from 'zod';
import { fieldIn, refusing, specName } from './rule-base.js';

/**
 * order: after applying a create or an update that writes one of them, `first` lies before `second` (or is equal to it
 * unless `strict`), else 400; a null on either side passes. The database holds it too.
 */
export const orderRule = z.strictObject({
  ...refusing,
  family: z.literal('order'),
  first: specName,
  second: specName,
  strict: z.boolean(),
});

/**
 * no_overlap: no two rows with the same `per` have times [start, end) in common (409), but for rows with one of the
 * values of `unless`. Held by an exclusion constraint, never by looking first.
 */
export const noOverlapRule = z.strictObject({
  ...refusing,
  family: z.literal('no_overlap'),
  per: specName,
  start: specName,
  end: specName,
  unless: fieldIn.nullable(),
});
