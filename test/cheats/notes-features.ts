/** What the notes API of the fixture must do, as cases that the linter and the panel of liars let through. */
import { type Feature, feature } from '../../activities/features/feature.js';

const made = {
  request: { method: 'POST', path: '/notes', json: { text: '{{word:note}}' } },
  expected_status: 201,
  capture: { note_id: 'id' },
};
const readsBack = {
  request: { method: 'GET', path: '/notes/{{note_id}}' },
  expected_status: 200,
  expected_json: { id: '{{note_id}}', text: '{{word:note}}' },
};
const entry = (id: string, method: string, path: string, cases: readonly object[]): Feature =>
  feature.parse({
    ...{ id, method, path, category: 'endpoint', resource: 'notes', description: id, passes: false },
    test_cases: cases.map((one) => ({ description: '', ...one })),
  });

export const notesFeatures: readonly Feature[] = [
  entry('notes-create', 'POST', '/notes', [
    { name: 'a note is stored', ...made, expected_json: { text: '{{word:note}}' }, afterwards: [readsBack] },
    {
      name: 'a long text is refused',
      request: { method: 'POST', path: '/notes', json: { text: '{{text:201}}' } },
      expected_status: 422,
      expected_json: { 'detail.0.loc': ['body', 'text'] },
    },
  ]),
  entry('notes-get', 'GET', '/notes/{note_id}', [
    { name: 'a note is read', given: [made], ...readsBack },
    {
      name: 'a missing note is not found',
      request: { method: 'GET', path: '/notes/2000000000' },
      expected_status: 404,
      expected_json: { detail: 'no such note' },
    },
  ]),
];
