import { describe, expect, test } from '@jest/globals';
import { type Feature, feature } from '../../../activities/features/feature.js';
import { missingFromSpec } from '../../../activities/features/spec-coverage.js';

const call = (name: string, method: string, at: string, status: number): object => ({
  name,
  description: '',
  request: { method, path: at },
  expected_status: status,
});
const entry = (id: string, category: string, line: number, cases: readonly object[]): Feature =>
  feature.parse({
    id,
    category,
    resource: 'notes',
    method: 'GET',
    path: '/notes/{note_id}',
    description: 'Notes: one is read',
    test_cases: cases,
    spec_line: line,
    passes: false,
  });

const derived = [
  entry('notes-get', 'endpoint', 3, [
    call('reads', 'GET', '/notes/{{note_id}}', 200),
    call('misses', 'GET', '/notes/999', 404),
  ]),
  entry('notes-lock', 'business_logic', 9, [
    call('opens', 'GET', '/notes/{{note_id}}', 200),
    call('is locked', 'GET', '/notes/{{note_id}}', 409),
  ]),
];

describe('spec coverage', () => {
  test('a list that asks for what was derived misses nothing, whatever its ids', () => {
    const own = derived.map((one, index) => ({ ...one, id: `own-${index}` }));
    expect(missingFromSpec(own, derived)).toEqual([]);
  });

  test('an endpoint wants a success and a failure', () => {
    const [happy] = [entry('notes-get', 'endpoint', 3, [call('reads', 'GET', '/notes/{{id}}', 200)])];
    expect(missingFromSpec([happy], derived)).toContain(
      'endpoint GET /notes/{note_id} has no case that is refused; propose one with its 4xx',
    );
    expect(missingFromSpec([], derived)).toHaveLength(4);
  });

  test('a business rule is named with its line', () => {
    const missing = missingFromSpec(derived.slice(0, 1), derived);
    expect(missing).toEqual([
      expect.stringMatching(/^rule "Notes: one is read" \(spec line 9; .* has no case that succeeds/),
      expect.stringMatching(/has no case that is refused/),
    ]);
  });
});
