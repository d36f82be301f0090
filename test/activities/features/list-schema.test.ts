import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { FEATURE_LIST_SCHEMA_FILE, featureListSchema } from '../../../activities/features/list-schema.js';
import { packageRoot } from '../../../config/locations.js';

test('the shipped JSON Schema is the one that validates lists', () => {
  const shipped: unknown = JSON.parse(readFileSync(path.join(packageRoot, FEATURE_LIST_SCHEMA_FILE), 'utf8'));
  expect(shipped).toEqual(featureListSchema());
});

test('the schema names every key of a case and closes its objects', () => {
  const text = JSON.stringify(featureListSchema());
  for (const key of ['given', 'afterwards', 'concurrent', 'repeated', 'expected_headers'])
    expect(text).toContain(`"${key}"`);
  expect(featureListSchema()).toMatchObject({
    additionalProperties: false,
    required: ['version', 'project', 'features'],
  });
});
