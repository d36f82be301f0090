import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { appOnLoopback } from '../../../activities/features/case-client.js';
import { runCase } from '../../../activities/features/case-runner.js';
import { type Feature, feature, type JsonValue, type TestCase } from '../../../activities/features/feature.js';
import { lintFeatures } from '../../../activities/features/lint.js';
import { caseCount, finish, newDraft, propose } from '../../../activities/features/proposal.js';
import { planFeatures } from '../../../activities/scaffold/feature-plan.js';
import { readSpec } from '../../../activities/scaffold/reader/spec-reader.js';
import { type SpecModel, specModel } from '../../../activities/scaffold/spec-model.js';
import { packageRoot } from '../../../config/locations.js';

const fixture = path.join(packageRoot, 'test/activities/scaffold/fixtures/task-spec.json');
const model: SpecModel = specModel.parse(JSON.parse(readFileSync(fixture, 'utf8')));
const DEFAULT = { min: 100, max: 200 };
const features = planFeatures(model, DEFAULT);
const casesOf = (entry: Feature | undefined) => entry?.test_cases ?? [];
const byId = (id: string) => features.find((entry) => entry.id === id);

describe('the feature list of the sample', () => {
  test('it has 110 to 170 test cases in 45 to 80 features', () => {
    expect(caseCount(features)).toBeGreaterThanOrEqual(110);
    expect(caseCount(features)).toBeLessThanOrEqual(170);
    expect(features.length).toBeGreaterThanOrEqual(45);
    expect(features.length).toBeLessThanOrEqual(80);
  });

  test('it is the same list every time', () => {
    expect(planFeatures(model, DEFAULT)).toEqual(features);
  });

  test('every entry has the shape of the file, and none is vacuous', () => {
    for (const entry of features) expect(feature.parse(entry)).toEqual(entry);
    expect(lintFeatures(features)).toEqual([]);
  });

  test('proposed resource by resource it can be finished', () => {
    let draft = newDraft('Tasks');
    for (const { name } of model.resources) {
      const result = propose(
        draft,
        name,
        features.filter((entry) => entry.resource === name),
      );
      expect(result).toMatchObject({ kind: 'ok' });
      if (result.kind === 'ok') draft = result.draft;
    }
    expect(finish(draft, DEFAULT)).toMatchObject({ kind: 'ok' });
  });

  test('every endpoint has a success and a failure', () => {
    for (const endpoint of model.resources.flatMap((resource) => resource.endpoints)) {
      const statuses = casesOf(byId(endpoint.id)).map((check) => check.expected_status);
      expect([endpoint.id, statuses.includes(endpoint.status)]).toEqual([endpoint.id, true]);
      expect([endpoint.id, statuses.some((status) => status >= 400)]).toEqual([endpoint.id, true]);
    }
  });

  test('every business rule is shown both ways', () => {
    for (const rule of model.resources.flatMap((resource) => resource.rules)) {
      const cases = casesOf(byId(rule.id));
      expect([rule.id, cases.length >= 2]).toEqual([rule.id, true]);
      if (rule.refusal === null) continue;
      const { status, error_code } = rule.refusal;
      const refused = (check: TestCase) => check.expected_status === status && check.expected_error === error_code;
      expect([rule.id, cases.some(refused)]).toEqual([rule.id, true]);
      expect([rule.id, cases.some((check) => check.expected_status < 300)]).toEqual([rule.id, true]);
    }
  });

  test('a feature belongs to the last resource that it needs', () => {
    expect(byId('users-delete')?.resource).toBe('users');
    expect(byId('users-delete-while-tasks')?.resource).toBe('tasks');
    expect(byId('tags-task-count')?.resource).toBe('task_tags');
    expect(byId('tasks-delete-comments')?.resource).toBe('comments');
    const order = model.resources.map((resource) => resource.name);
    const places = features.map((entry) => order.indexOf(entry.resource));
    expect(places).toEqual([...places].sort((left, right) => left - right));
  });

  test('no case of a resource requests what is built after it', () => {
    const order = model.resources.map((resource) => resource.name);
    for (const entry of features) {
      const text = JSON.stringify(entry.test_cases);
      const later = order.slice(order.indexOf(entry.resource) + 1);
      for (const name of later.filter((known) => known !== 'task_tags')) {
        expect([entry.id, text.includes(`"path":"/api/v1/${name}`)]).toEqual([entry.id, false]);
      }
    }
  });

  test('who may not is a real user made for the case, never the admin', () => {
    const refusals = features.flatMap((entry) => entry.test_cases).filter((check) => check.expected_status === 403);
    expect(refusals.length).toBeGreaterThan(10);
    for (const check of refusals) expect(check.as).toMatch(/^\{\{[a-z_]+_id\}\}$/);
  });
});

describe('the bounds of the test count', () => {
  test('above the maximum the least telling cases go, endpoints and rules stay', () => {
    const few = planFeatures(model, { min: 50, max: 120 });
    expect(caseCount(few)).toBe(120);
    const statuses = casesOf(few.find((entry) => entry.id === 'tasks-create')).map((check) => check.expected_status);
    expect(statuses).toContain(201);
  });

  test('below the minimum finer cases are added', () => {
    expect(caseCount(planFeatures(model, { min: 300, max: 300 }))).toBe(300);
  });
});

describe('other specs', () => {
  const readFrom = (file: string): SpecModel => {
    const reading = readSpec(readFileSync(path.join(packageRoot, file), 'utf8'));
    if (reading.kind !== 'read') throw new Error(JSON.stringify(reading.problems));
    return reading.model;
  };

  test.each(['prompts/specs/notes.txt', 'test/activities/scaffold/cases/shop.txt'])(
    'every endpoint of %s has cases, none vacuous, within the default test count',
    (file) => {
      const other = readFrom(file);
      const planned = planFeatures(other, DEFAULT);
      expect(caseCount(planned)).toBeGreaterThanOrEqual(DEFAULT.min);
      expect(caseCount(planned)).toBeLessThanOrEqual(DEFAULT.max);
      expect(lintFeatures(planned)).toEqual([]);
      const ids = planned.map((entry) => entry.id);
      for (const { id } of other.resources.flatMap((resource) => resource.endpoints)) expect(ids).toContain(id);
    },
  );

  test('a statement that no rule compiles becomes a feature for a model', () => {
    const statement = { line: 9, text: 'Send a mail.', section: 'Tasks', resource: 'tasks', rule: null, note: null };
    const open = planFeatures({ ...model, statements: [{ ...statement, class: 'UNRESOLVED' }] }, DEFAULT);
    const entry = open.find((known) => known.state === 'needs_model');
    expect(entry).toMatchObject({
      resource: 'tasks',
      method: null,
      path: null,
      test_cases: [],
      description: 'Send a mail.',
    });
    expect(entry?.id).toMatch(/^tasks-unresolved-[0-9a-f]{8}$/);
  });

  test('an envelope with other keys is expected by its keys', () => {
    const keys = { detail: 'message', code: 'kind', fields: 'errors' };
    const other = planFeatures({ ...model, errors: { ...model.errors, keys } }, DEFAULT);
    const missing = casesOf(other.find((entry) => entry.id === 'tasks-get')).find(
      (check) => check.expected_status === 404,
    );
    expect(missing?.expected_json).toEqual({ message: { $type: 'string' }, kind: 'NOT_FOUND' });
    expect(missing?.expected_error).toBeUndefined();
  });

  test('without users there are no cases of permission, and the rest is planned', () => {
    const auth = {
      ...model.auth,
      user_resource: null,
      role_field: null,
      roles: [],
      admin_role: null,
      active_field: null,
    };
    const tags = model.resources
      .filter((resource) => resource.name === 'tags')
      .map((resource) => ({ ...resource, rules: [] }));
    const plain = planFeatures({ ...model, auth, resources: tags }, { min: 1, max: 200 });
    expect(plain.map((entry) => entry.id)).toContain('tags-create');
    expect(lintFeatures(plain)).toEqual([]);
  });
});

/** Answers every request of the case, in turn, with the status that it expects, and with this body. */
async function lie(check: TestCase, body: (sent: JsonValue, status: number) => JsonValue): Promise<boolean> {
  const statuses = [
    ...check.given.map((step) => step.expected_status ?? 200),
    check.expected_status,
    ...(check.afterwards ?? []).map((step) => step.expected_status),
  ];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const status = statuses.shift() ?? 500;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(status === 204 ? undefined : JSON.stringify(body(parsed(text), status)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  try {
    return (await runCase(check, appOnLoopback(typeof address === 'object' && address ? address.port : 0), 'seed'))
      .passed;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

describe('implementations that lie', () => {
  const all = features.flatMap((entry) => entry.test_cases.map((check) => ({ id: entry.id, check })));
  const fooled = async (body: (sent: JsonValue, status: number) => JsonValue) => {
    const passed: string[] = [];
    for (const { id, check } of all) if (await lie(check, body)) passed.push(`${id}: ${check.name}`);
    return passed;
  };

  test('the right status with an empty body never passes', async () => {
    expect(await fooled(() => ({}))).toEqual([]);
  });

  test('an echo of the request with an id passes nowhere either', async () => {
    const envelope = { detail: 'No.', field_errors: {} };
    const echo = (sent: JsonValue, status: number): JsonValue =>
      status >= 400 ? envelope : { id: 1, ...(sent !== null && typeof sent === 'object' ? sent : {}) };
    expect(await fooled(echo)).toEqual([]);
  });
});
