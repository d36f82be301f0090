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

/** Values of a response kept under a name: `{task_id: "id"}` (dotted path into the JSON). */
const capture = z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), z.string());
const setupStatus = z.number().int().min(200).max(499);
const anyStatus = z.number().int().min(100).max(599);

/** What one step sends and expects, besides its status. */
const step = {
  request: caseRequest,
  as: actor.optional(),
  capture: capture.optional(),
  /** Dotted path into the response JSON (`items.0.id`, `total`, `$`) -> literal or matcher. */
  expected_json: z.record(z.string(), jsonValue).optional(),
  /** Strings that the response body's text must contain. */
  expected_response_contains: z.array(z.string()).optional(),
  /** The `error_code` of the error envelope. */
  expected_error: z.string().optional(),
  /** Header (any case) -> literal or matcher. */
  expected_headers: z.record(z.string(), jsonValue).optional(),
  /** Sends the request `times` times at once: exactly `winners` answer as expected, every other one with a status of `losers`. */
  concurrent: z
    .strictObject({
      times: z.number().int().min(2).max(20),
      winners: z.number().int().min(1).max(20).default(1),
      losers: z.array(setupStatus).min(1).max(5),
    })
    .optional(),
  /** Sends it `times` times one after another: each answers as expected, and the same at the paths of `same`. */
  repeated: z
    .strictObject({ times: z.number().int().min(2).max(5), same: z.array(z.string()).max(20).default([]) })
    .optional(),
};

/** A set-up request; without a status any success will do. */
export const givenStep = z.strictObject({ ...step, expected_status: setupStatus.optional() });
export type GivenStep = z.infer<typeof givenStep>;

/** A request sent after the one under test (a 204 is proved by a later GET). */
const laterStep = z.strictObject({ ...step, expected_status: anyStatus });

/** Keys of a matcher object; all that are there must hold. */
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
  '$one_of',
  '$within',
  '$page',
] as const;

export const testCase = z.strictObject({
  name: z.string().min(1).max(200),
  description: z.string().max(1000),
  given: z.array(givenStep).max(30).default([]),
  ...step,
  expected_status: anyStatus,
  afterwards: z.array(laterStep).max(10).optional(),
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
