import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appOnLoopback } from '../../../activities/features/case-client.js';
import { type Feature, feature } from '../../../activities/features/feature.js';
import { addSamples, creatingCases, withReadableValues } from '../../../scripts/serve/sample-data.js';
import { SampleWords } from '../../../scripts/serve/sample-words.js';

const notesCreate: Feature = feature.parse({
  id: 'notes-create',
  category: 'endpoint',
  resource: 'notes',
  method: 'POST',
  path: '/api/v1/folders/{folder_id}/notes',
  description: 'Write a note',
  test_cases: [
    {
      name: 'stores every field',
      description: '',
      given: [
        {
          request: { method: 'POST', path: '/folders', json: { name: '{{word:folder}}' } },
          expected_status: 201,
          capture: { folder_id: 'id' },
        },
      ],
      request: {
        method: 'POST',
        path: '/folders/{{folder_id}}/notes',
        json: { title: '{{word:title}}', code: '{{word:code}}' },
      },
      expected_status: 201,
      expected_json: { title: '{{word:title}}' },
      afterwards: [{ request: { method: 'DELETE', path: '/notes/1' }, expected_status: 204 }],
    },
    { name: 'refuses nothing', description: '', request: { method: 'POST', path: '/folders' }, expected_status: 422 },
  ],
  passes: true,
});

describe('sample data', () => {
  it('comes from the cases that create something, without what they do afterwards', () => {
    const [only, ...rest] = creatingCases([notesCreate, { ...notesCreate, category: 'edge_case' }]);
    expect(rest).toEqual([]);
    expect(only).toMatchObject({ name: 'stores every field', expected_status: 201 });
    expect(only).not.toHaveProperty('afterwards');
    expect(only).not.toHaveProperty('expected_json');
  });

  it('reads well, never repeats itself, and leaves alone what it does not understand', () => {
    const [testCase] = creatingCases([notesCreate]);
    if (testCase === undefined) throw new Error('no creating case');
    const words = new SampleWords();
    const [first, second] = [withReadableValues(testCase, words), withReadableValues(testCase, words)];
    expect(first.given[0]?.request.json).toEqual({ name: 'Garden' });
    expect(first.request.json).toEqual({ title: 'Write the release notes', code: '{{word:code}}' });
    expect(second.request.json).not.toEqual(first.request.json);
    expect(new Set(Array.from({ length: 30 }, () => words.next('/users', 'name'))).size).toBe(30);
    expect(words.next('/users', 'email')).toMatch(/^[a-z]+@example\.com$/);
  });

  describe('sent to an app', () => {
    let server: http.Server;
    let bodies: string[];
    beforeEach(async () => {
      bodies = [];
      server = http.createServer((request, response) => {
        let body = '';
        request.setEncoding('utf8').on('data', (chunk: string) => {
          body += chunk;
        });
        request.on('end', () => {
          const refused = body.includes('"title":"Plan');
          if (!refused) bodies.push(`${request.url} ${body}`);
          response.writeHead(refused ? 422 : 201, { 'content-type': 'application/json' });
          response.end('{"id": 7}');
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    afterEach(() => new Promise((resolve) => server.close(resolve)));

    it('makes parents first, and falls back to the values of the test where readable ones are refused', async () => {
      const app = appOnLoopback((server.address() as AddressInfo).port);
      expect(await addSamples(app, [notesCreate])).toEqual({ taken: 2, refused: 0 });
      expect(bodies.slice(0, 2)).toEqual([
        '/folders {"name":"Garden"}',
        expect.stringMatching(/^\/folders\/7\/notes \{"title":"Write the release notes","code":"[a-z]{12}"\}$/),
      ]);
      expect(bodies.at(-1)).toMatch(/"title":"[a-z]{12}"/);
    });
  });
});
