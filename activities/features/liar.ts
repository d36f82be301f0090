/**
 * A panel of lying responders: apps that do nothing right and look as if they did. A feature that one of them satisfies
 * proves nothing, so each is asked when a list is proposed, before there is an app. Pure: no network, no database.
 */
import type { CaseResponse } from './case-client.js';
import { type Responder, type SentStep, walkCase } from './case-steps.js';
import type { Feature, JsonValue } from './feature.js';

export interface Liar {
  readonly name: string;
  /** What it does, and what a case must check to find it out. */
  readonly does: string;
  readonly cure: string;
  /** What makes a new one for each case; a feature believes the liar when every variant satisfies it. */
  readonly variants: readonly (() => Responder)[];
}

/** One sentence for each feature and liar that it believes, with the assertion that is missing; empty = none. */
export async function believedLies(features: readonly Feature[]): Promise<string[]> {
  const found: string[] = [];
  for (const feature of features.filter((one) => one.test_cases.length > 0)) {
    for (const liar of LIARS) {
      if (await believes(feature, liar)) {
        found.push(`feature "${feature.id}": every case would pass against an app that ${liar.does}; ${liar.cure}`);
      }
    }
  }
  return found;
}

async function believes(feature: Feature, liar: Liar): Promise<boolean> {
  for (const testCase of feature.test_cases) {
    for (const responder of liar.variants) {
      const result = await walkCase(testCase, responder(), { seed: `liar/${feature.id}` });
      if (!result.passed) return false;
    }
  }
  return true;
}

const LIARS: readonly Liar[] = [
  {
    name: 'hollow',
    does: 'answers the right status with an empty body',
    cure: 'say in "expected_json" what a body must hold, or in "expected_error" which refusal it is',
    variants: [() => helpfulAtFirst(({ expectation }) => answer(expectation.expected_status ?? 200, undefined))],
  },
  {
    name: 'echo',
    does: 'answers the right status with what it was sent and an id',
    cure: 'check a value that the server makes, or read the change back with a GET in "afterwards" (a 204 needs one)',
    variants: [() => helpfulAtFirst((step) => answer(step.expectation.expected_status ?? 200, echoed(step)))],
  },
  {
    name: 'permissive',
    does: 'allows everything and never answers 401, 403, 404, 409 or 422',
    cure: 'add a case that must be refused, with its status and "expected_error"',
    // Whatever order it lists in, some sorting that it does not do is asked for.
    variants: [() => permissive('oldest first'), () => permissive('newest first')],
  },
  {
    name: 'forgetful',
    does: 'remembers nothing from one request to the next',
    cure: 'read back what was written, with a GET in "afterwards" or after a "given"',
    variants: [() => helpfulAtFirst(forgotten)],
  },
];

/** The set-up works with every liar: a case must fail for what it checks, not for a missing capture. */
function helpfulAtFirst(lie: (step: SentStep) => CaseResponse): Responder {
  let made = 0;
  return {
    answer: async (step) => {
      if (step.kind !== 'given') return lie(step);
      made += 1;
      return answer(succeeded(step), captured(step, { ...fieldsOf(step), id: made + 40 }));
    },
  };
}

/** Keeps rows by path in memory, and does all that it is asked. */
function permissive(order: 'oldest first' | 'newest first'): Responder {
  const rows = new Map<string, { [key: string]: JsonValue }>();
  let made = 40;
  const store = (path: string, row: { [key: string]: JsonValue }): void => void rows.set(path, row);
  return {
    answer: async (step) => {
      const path = step.request.path.split('?')[0] ?? '';
      const row = rows.get(path);
      if (step.request.method === 'GET') return answer(200, row ?? listed(rows, path, order));
      if (step.request.method === 'DELETE') return answer(succeeded(step), undefined);
      made += step.request.method === 'POST' ? 1 : 0;
      const changed = captured(step, { id: made, ...row, ...fieldsOf(step) });
      store(step.request.method === 'POST' ? `${path}/${String(changed.id)}` : path, changed);
      return answer(succeeded(step), changed);
    },
  };
}

function listed(rows: ReadonlyMap<string, { [key: string]: JsonValue }>, path: string, order: string): JsonValue {
  const items = [...rows].filter(([key]) => key.startsWith(`${path}/`)).map(([, row]) => row);
  if (order === 'newest first') items.reverse();
  return { items, total: items.length, page: 1, page_size: 20 };
}

function forgotten(step: SentStep): CaseResponse {
  const { method, path } = step.request;
  if (method !== 'GET') return answer(succeeded(step), method === 'DELETE' ? undefined : echoed(step));
  return /\/\d+$/.test(path) ? answer(404, { error_code: 'NOT_FOUND' }) : answer(200, { items: [], total: 0 });
}

function succeeded({ request, expectation }: SentStep): number {
  const wanted = expectation.expected_status;
  if (wanted !== undefined && wanted < 300) return wanted;
  return request.method === 'POST' ? 201 : request.method === 'DELETE' ? 204 : 200;
}

function echoed(step: SentStep): JsonValue {
  const last = step.request.path.split('/').at(-1) ?? '';
  return captured(step, { id: /^\d+$/.test(last) ? Number(last) : 41, ...fieldsOf(step) });
}

function fieldsOf({ request }: SentStep): { [key: string]: JsonValue } {
  const { json } = request;
  return json !== null && typeof json === 'object' && !Array.isArray(json) ? json : {};
}

/** The body with something at every path that the step captures from. */
function captured(step: SentStep, body: { [key: string]: JsonValue }): { [key: string]: JsonValue } {
  const whole = structuredClone(body);
  for (const path of Object.values(step.capture)) {
    let here: JsonValue = whole;
    const keys = path === '$' ? [] : path.split('.');
    for (const [index, key] of keys.entries()) {
      if (here === null || typeof here !== 'object') break;
      const holder = here as { [key: string]: JsonValue };
      holder[key] ??= index === keys.length - 1 ? 41 : /^\d+$/.test(keys[index + 1] ?? '') ? [] : {};
      here = holder[key] as JsonValue;
    }
  }
  return whole;
}

function answer(status: number, json: JsonValue | undefined): CaseResponse {
  return { kind: 'response', status, text: json === undefined ? '' : JSON.stringify(json), headers: {}, json };
}
