/**
 * A test case derived from the spec model, and the words of the model's error envelope in it. Pure.
 */
import type { JsonValue, TestCase } from '../../features/feature.js';
import type { SpecModel } from '../spec-model.js';
import { CannotArrange } from './arrangement.js';
import { Setup } from './setup.js';

/** 1: the list is worthless without it; 2: wanted; 3: first to go above the maximum; 4: only to reach the minimum. */
export type Tier = 1 | 2 | 3 | 4;

export interface PlannedCase {
  readonly tier: Tier;
  readonly testCase: TestCase;
}

/** What a case sends and expects once its rows are arranged. */
export type Check = Pick<TestCase, 'request' | 'expected_status'> &
  Partial<Pick<TestCase, 'as' | 'capture' | 'expected_json' | 'expected_error' | 'afterwards'>>;

export type FollowUp = NonNullable<TestCase['afterwards']>[number];

/** The case in a list, or no case where the model gives no way to bring it about. */
export function plannedCase(model: SpecModel, tier: Tier, name: string, build: (setup: Setup) => Check): PlannedCase[] {
  const setup = new Setup(model);
  try {
    const check = build(setup);
    const { as, capture, afterwards, ...rest } = check;
    const testCase: TestCase = {
      name: name.slice(0, 200),
      description: `Expects ${check.expected_status}: ${name}.`.slice(0, 1000),
      given: setup.given,
      ...(as !== undefined && as !== 'admin' ? { as } : {}),
      ...rest,
      ...(capture && Object.keys(capture).length > 0 ? { capture } : {}),
      ...(afterwards && afterwards.length > 0 ? { afterwards } : {}),
    };
    return setup.given.length <= 30 ? [{ tier, testCase }] : [];
  } catch (error) {
    if (error instanceof CannotArrange) return [];
    throw error;
  }
}

type Expected = Pick<Check, 'expected_status' | 'expected_error' | 'expected_json'>;

/** An answer in the model's error envelope. */
export function refused(model: SpecModel, status: number, code: string): Expected {
  const { detail, code: key } = model.errors.keys;
  const envelope: Record<string, JsonValue> = { [detail]: { $type: 'string' } };
  if (key === 'error_code') return { expected_status: status, expected_error: code, expected_json: envelope };
  return { expected_status: status, expected_json: { ...envelope, [key]: code } };
}

const STATUS = {
  malformed: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  invalid: 422,
} as const;

/** A refusal that no rule of its own words: 404 with the model's code for it, … */
export function refusedAs(model: SpecModel, kind: keyof typeof STATUS): Expected {
  return refused(model, STATUS[kind], model.errors.codes[kind]);
}

/** 422 that names the field. */
export function invalidField(model: SpecModel, field: string): Expected {
  const answer = refusedAs(model, 'invalid');
  const named = { [`${model.errors.keys.fields}.${field}`]: { $type: 'array' } };
  return { ...answer, expected_json: { ...answer.expected_json, ...named } };
}
