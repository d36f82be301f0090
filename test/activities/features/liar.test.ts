import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Feature, feature } from '../../../activities/features/feature.js';
import { believedLies } from '../../../activities/features/liar.js';
import { planFeatures } from '../../../activities/scaffold/feature-plan.js';
import { readSpec } from '../../../activities/scaffold/reader/spec-reader.js';
import { packageRoot } from '../../../config/locations.js';

const post = { method: 'POST', path: '/notes', json: { title: '{{word}}' } };
const refused = {
  name: 'is refused',
  description: '',
  request: { ...post, json: {} },
  expected_status: 422,
  expected_error: 'VALIDATION_ERROR',
};
const creates = { name: 'creates', description: '', request: post, expected_status: 201, capture: { note_id: 'id' } };
const readBack = {
  request: { method: 'GET', path: '/notes/{{note_id}}' },
  expected_status: 200,
  expected_json: { title: '{{word}}' },
};

const notes = (cases: readonly object[]): Feature =>
  feature.parse({
    id: 'notes-create',
    category: 'endpoint',
    resource: 'notes',
    method: 'POST',
    path: '/notes',
    description: 'd',
    test_cases: cases,
    passes: false,
  });

describe('the panel of lying responders', () => {
  test('believes nobody when success is read back and something is refused', async () => {
    expect(await believedLies([notes([{ ...creates, afterwards: [readBack] }, refused])])).toEqual([]);
  });

  test('finds a feature that only refuses by status: an empty body would do', async () => {
    const [first] = await believedLies([notes([{ ...refused, expected_error: undefined }])]);
    expect(first).toMatch(/right status with an empty body; say in "expected_json"/);
  });

  test('finds a feature that checks only what it sent: an echo would do', async () => {
    const lies = await believedLies([notes([{ ...creates, expected_json: { title: '{{word}}' } }])]);
    expect(lies.some((lie) => lie.includes('what it was sent and an id; check a value that the server makes'))).toBe(
      true,
    );
  });

  test('finds a feature that is never refused: an app that allows everything would do', async () => {
    const lies = await believedLies([notes([{ ...creates, afterwards: [readBack] }])]);
    expect(lies).toEqual([expect.stringContaining('never answers 401, 403, 404, 409 or 422; add a case that must')]);
  });

  test('finds a feature that reads nothing back: an app without memory would do', async () => {
    const deletes = {
      name: 'deletes',
      description: '',
      given: [{ request: post, capture: { note_id: 'id' } }],
      request: { method: 'DELETE', path: '/notes/{{note_id}}' },
      expected_status: 204,
    };
    const unread = await believedLies([notes([deletes])]);
    expect(unread.some((lie) => lie.includes('remembers nothing'))).toBe(true);
  });

  test('believes no feature that the compiler derives from the shipped specs', async () => {
    for (const file of ['prompts/app_spec.txt', 'prompts/specs/notes.txt']) {
      const reading = readSpec(readFileSync(path.join(packageRoot, file), 'utf8'));
      if (reading.kind !== 'read') throw new Error(`${file} is unusable`);
      expect(await believedLies(planFeatures(reading.model, { min: 5, max: 400 }))).toEqual([]);
    }
  });
});
