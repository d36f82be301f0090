/**
 * The feature list as written to `feature_list.json`, and the machine-readable test case inside it.
 * Pure: shapes and their validation only. The format keeps what users of earlier harnesses know (id, category,
 * method, path, schemas, test_cases, passes); a test case says everything a checker needs to send and expect.
 */
import { z } from 'zod';

export const FEATURE_LIST_VERSION = 1;

/** A value in a request: JSON, in which any string may hold `{{…}}` (a captured or a fresh value). */
const jsonValue: z.ZodType<JsonValue> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(jsonValue), z.record(z.string(), jsonValue)]),
);
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

export const httpMethod = z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);
export type HttpMethod = z.infer<typeof httpMethod>;

/** One HTTP request. `path` may hold `{{captured}}`; `query` values and `json` may too. */
export const caseRequest = z.strictObject({
  method: httpMethod,
  path: z.string().startsWith('/').max(500),
  query: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  json: jsonValue.optional(),
  /** Sent as is instead of `json`, for malformed bodies. */
  raw_body: z.string().max(4000).optional(),
});
export type CaseRequest = z.infer<typeof caseRequest>;

/**
 * Who sends the request: `admin` (seeded user 1), `anonymous` (no Authorization header; mock mode answers as user 1),
 * `unknown` (a user that does not exist: 401), or `{{captured}}` = the id of a user made in `given`.
 */
const actor = z.string().min(1).max(100);

/** A set-up request whose response values are captured: `capture: {task_id: "id"}` (dotted path into the JSON). */
export const givenStep = z.strictObject({
  request: caseRequest,
  as: actor.optional(),
  expected_status: z.number().int().min(200).max(499).optional(),
  capture: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), z.string()).optional(),
});
export type GivenStep = z.infer<typeof givenStep>;

/**
 * Expected value at a dotted path of the response JSON: a literal, a `{{captured}}` string, or a matcher object of the
 * keys below, all of which must hold.
 */
export const matcherKeys = [
  '$type',
  '$regex',
  '$gte',
  '$lte',
  '$length',
  '$contains',
  '$absent',
  '$not',
  '$sorted',
  '$every',
] as const;

export const testCase = z.strictObject({
  name: z.string().min(1).max(200),
  description: z.string().max(1000),
  given: z.array(givenStep).max(30).default([]),
  as: actor.optional(),
  request: caseRequest,
  expected_status: z.number().int().min(100).max(599),
  /** Values of the response kept for `afterwards`, as in `given`. */
  capture: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), z.string()).optional(),
  /** Strings that the response body's text must contain. */
  expected_response_contains: z.array(z.string()).optional(),
  /** Dotted path into the response JSON (`items.0.id`, `total`) -> literal or matcher. */
  expected_json: z.record(z.string(), jsonValue).optional(),
  /** The `error_code` of the error envelope. */
  expected_error: z.string().optional(),
  /** Requests sent afterwards with expectations of their own (a 204 is proved by a later GET). */
  afterwards: z
    .array(
      z.strictObject({
        request: caseRequest,
        as: actor.optional(),
        expected_status: z.number().int().min(100).max(599),
        expected_json: z.record(z.string(), jsonValue).optional(),
        expected_error: z.string().optional(),
      }),
    )
    .max(10)
    .optional(),
});
export type TestCase = z.infer<typeof testCase>;

export const featureCategory = z.enum(['endpoint', 'model', 'business_logic', 'integration', 'edge_case']);

export const feature = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{2,79}$/),
  category: featureCategory,
  /** The resource whose session builds it: `users`, `tasks`, … */
  resource: z.string().regex(/^[a-z][a-z0-9_]*$/),
  method: httpMethod.nullable(),
  path: z.string().nullable(),
  description: z.string().min(1).max(2000),
  request_schema: jsonValue.optional(),
  response_schema: jsonValue.optional(),
  test_cases: z.array(testCase),
  /** Line of the spec that asks for it, where one line does. */
  spec_line: z.number().int().positive().optional(),
  /** Set on statements that no rule compiles: only a model can do them. */
  state: z.literal('needs_model').optional(),
  passes: z.boolean(),
});
export type Feature = z.infer<typeof feature>;

export const featureList = z.strictObject({
  version: z.literal(FEATURE_LIST_VERSION),
  project: z.string(),
  features: z.array(feature),
});
export type FeatureList = z.infer<typeof featureList>;
