/**
 * What every business rule has: names, values, where it was said, and how it refuses. Pure shapes.
 */
import { z } from 'zod';

/** Every name that becomes an identifier in generated code, a column or a JSON key. */
export const specName = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/);
/** Ids of rules, endpoints and features: lower case words with hyphens. */
export const specSlug = z.string().regex(/^[a-z][a-z0-9-]{2,79}$/);
/** A value of a field, as it stands in JSON. */
export const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export type Scalar = z.infer<typeof scalar>;

/** How a rule refuses a request. `message` is a default for `detail`; it holds no captured values. */
export const refusal = z.strictObject({
  status: z.union([z.literal(400), z.literal(403), z.literal(404), z.literal(409), z.literal(422)]),
  error_code: z.string().regex(/^[A-Z][A-Z0-9_]{1,62}$/),
  message: z.string().min(1).max(300),
});
export type Refusal = z.infer<typeof refusal>;

export const base = {
  /** Stable and unique in the model: `<resource>-…`, independent of line numbers. */
  id: specSlug,
  /** 1-based line and text of the statement it comes from. */
  line: z.number().int().positive(),
  sentence: z.string().min(1),
};
export const refusing = { ...base, refusal };
export const silent = { ...base, refusal: z.null() };

/** `field` of a row is one of `values`. */
export const fieldIn = z.strictObject({ field: specName, values: z.array(scalar).min(1) });
