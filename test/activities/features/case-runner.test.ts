import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { Duplex } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type AppUnderTest, appOnLoopback } from '../../../activities/features/case-client.js';
import { type Lane, runCase, runFeatures } from '../../../activities/features/case-runner.js';
import { renderFailure } from '../../../activities/features/case-verdict.js';
import { type Feature, feature, type TestCase, testCase } from '../../../activities/features/feature.js';

type Handler = (request: IncomingMessage, body: string, response: ServerResponse) => void;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(handler: Handler): Promise<AppUnderTest> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => handler(request, body, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  const address = server.address();
  return appOnLoopback(typeof address === 'object' && address ? address.port : 0);
}

/** A small correct app: rows in memory, 404 for the rest, 403 for all but the admin on delete. */
async function notes(): Promise<AppUnderTest> {
  const rows = new Map<number, { id: number; title: string; by: string | null }>();
  return serve((request, body, response) => {
    const user = request.headers.authorization ?? null;
    const id = Number(/^\/notes\/(\d+)$/.exec(request.url ?? '')?.[1]);
    const answer = (status: number, json?: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(json === undefined ? undefined : JSON.stringify(json));
    };
    if (request.method === 'POST') {
      const row = { id: rows.size + 1, title: JSON.parse(body).title, by: user };
      rows.set(row.id, row);
      return answer(201, row);
    }
    if (!rows.has(id)) return answer(404, { error_code: 'NOT_FOUND' });
    if (request.method === 'DELETE') {
      if (user !== 'Bearer mock:1') return answer(403, { error_code: 'FORBIDDEN' });
      rows.delete(id);
      return answer(204);
    }
    return answer(200, rows.get(id));
  });
}

const made = { request: { method: 'POST', path: '/notes', json: { title: '{{word}}' } }, capture: { note_id: 'id' } };
const parse = (value: unknown): TestCase => testCase.parse({ description: '', ...(value as object) });
const readsBack = parse({
  name: 'reads back',
  given: [made],
  request: { method: 'GET', path: '/notes/{{note_id}}' },
  expected_status: 200,
  expected_json: { id: '{{note_id}}', title: '{{word}}', by: 'Bearer mock:1' },
});

describe('running a case', () => {
  test('captured and fresh values go through the chain of requests', async () => {
    const result = await runCase(readsBack, await notes(), 'seed');
    expect(result).toMatchObject({ name: 'reads back', passed: true });
  });

  test('what follows the request proves its effect, with values captured from it', async () => {
    const app = await notes();
    const check = parse({
      name: 'deletes',
      given: [made],
      request: { method: 'DELETE', path: '/notes/{{note_id}}' },
      expected_status: 204,
      afterwards: [
        { request: { method: 'GET', path: '/notes/{{note_id}}' }, expected_status: 404, expected_error: 'NOT_FOUND' },
      ],
    });
    expect(await runCase(check, app, 's')).toMatchObject({ passed: true });
    const created = parse({
      name: 'creates',
      request: made.request,
      expected_status: 201,
      capture: { new_id: 'id' },
      afterwards: [
        {
          request: { method: 'GET', path: '/notes/{{new_id}}' },
          expected_status: 200,
          expected_json: { id: '{{new_id}}' },
        },
      ],
    });
    expect(await runCase(created, app, 's')).toMatchObject({ passed: true });
  });

  test('each acting user sends its own token, and nobody sends none', async () => {
    const app = await notes();
    const as = (actor: string, by: string | null) =>
      runCase(
        parse({
          name: actor,
          as: actor,
          given: [{ ...made }],
          request: made.request,
          expected_status: 201,
          expected_json: { by },
        }),
        app,
        's',
      );
    expect((await as('admin', 'Bearer mock:1')).passed).toBe(true);
    expect((await as('anonymous', null)).passed).toBe(true);
    expect((await as('unknown', 'Bearer mock:2147480000')).passed).toBe(true);
    expect((await as('{{note_id}}', 'somebody else')).failure?.request).toMatch(/^POST \/notes as mock:\d+ /);
  });

  test('a failure shows step, request, expected and actual answer, bounded', async () => {
    const app = await serve((_request, _body, response) => response.writeHead(500).end('x'.repeat(100_000)));
    const result = await runCase(readsBack, app, 'seed');
    expect(result.failure).toMatchObject({ step: 'given 1', expected: 'status 2xx' });
    const text = renderFailure(result);
    expect(text).toMatch(/reads back: failed at given 1\n {2}request: {2}POST \/notes as mock:1 \{"title":"[a-z]+"\}/);
    expect(text).toContain('status 500; answered 500 xxx');
    expect(text.length).toBeLessThan(1600);
  });

  test('a wrong value names its path', async () => {
    const app = await notes();
    const wrong = { ...readsBack, expected_json: { title: 'hard-coded' } };
    expect((await runCase(wrong, app, 's')).failure).toMatchObject({
      step: 'request',
      expected: 'title = "hard-coded"',
    });
  });

  test('a body without the captured value fails the step that wanted it', async () => {
    const app = await serve((_request, _body, response) => response.writeHead(201).end('{}'));
    expect((await runCase(readsBack, app, 's')).failure).toMatchObject({
      step: 'given 1',
      expected: 'id in the body, kept as note_id',
    });
  });

  test('a body that is not JSON is a failure, not an exception', async () => {
    const app = await serve((_request, _body, response) => response.writeHead(200).end('<html>'));
    const check = parse({
      name: 'n',
      request: { method: 'GET', path: '/' },
      expected_status: 200,
      expected_json: { a: 1 },
    });
    expect((await runCase(check, app, 's')).failure?.actual).toContain('<html>');
  });

  test('an app that is not there is a failed case', async () => {
    const app: AppUnderTest = { port: 9, connect: () => Promise.reject(new Error('nothing listens on 9')) };
    expect((await runCase(readsBack, app, 's')).failure).toMatchObject({
      expected: 'a response',
      actual: 'nothing listens on 9; no response',
    });
  });

  test('an app that never answers is a failed case once the time is up', async () => {
    const app = await serve(() => {});
    const result = await runCase(readsBack, app, 's', 200);
    expect(result.failure?.actual).toBe('no answer within 0.2 s; no response');
  });

  test('an endless body is cut and fails the case', async () => {
    const app = await serve((_request, _body, response) => {
      response.writeHead(200);
      response.end(Buffer.alloc(2 * 1024 * 1024, 'x'));
    });
    const check = parse({ name: 'n', request: { method: 'GET', path: '/' }, expected_status: 200 });
    expect((await runCase(check, app, 's')).failure?.actual).toContain('larger than 1048576 bytes');
  });

  test('an unknown placeholder is a failed case that says so', async () => {
    const check = parse({ name: 'n', request: { method: 'GET', path: '/{{nope}}' }, expected_status: 200 });
    expect((await runCase(check, await notes(), 's')).failure?.actual).toContain('{{nope}} is neither captured');
  });

  test('a malformed body is sent as it is', async () => {
    const app = await serve((_request, body, response) => response.writeHead(400).end(JSON.stringify({ body })));
    const check = parse({
      name: 'n',
      request: { method: 'POST', path: '/', raw_body: '{"broken": ' },
      expected_status: 400,
      expected_json: { body: '{"broken": ' },
    });
    expect((await runCase(check, app, 's')).passed).toBe(true);
  });

  test('query values are escaped', async () => {
    const app = await serve((request, _body, response) => response.end(JSON.stringify({ url: request.url })));
    const check = parse({
      name: 'n',
      request: { method: 'GET', path: '/a', query: { q: 'x y&z', n: 2 } },
      expected_status: 200,
      expected_json: { url: '/a?q=x+y%26z&n=2' },
    });
    expect((await runCase(check, app, 's')).passed).toBe(true);
  });

  test('any duplex stream carries the requests, not only a socket', async () => {
    const app = await notes();
    const relayed: AppUnderTest = {
      port: app.port,
      connect: async (port) => {
        const socket = connectTcp(port, '127.0.0.1');
        return Duplex.from({ readable: socket, writable: socket });
      },
    };
    expect((await runCase(readsBack, relayed, 's')).passed).toBe(true);
  });
});

const featureOf = (id: string, cases: readonly TestCase[]): Feature =>
  feature.parse({
    id,
    category: 'endpoint',
    resource: 'notes',
    method: 'POST',
    path: '/notes',
    description: 'd',
    test_cases: cases,
    passes: false,
  });

describe('running many cases', () => {
  test('results stand in the order of the cases and each is reported once, run in another order', async () => {
    const app = await notes();
    const cases = Array.from({ length: 25 }, (_, index) => ({ ...readsBack, name: `case ${index}` }));
    const seen: string[] = [];
    const [result] = await runFeatures([featureOf('notes-read', cases)], [{ app }, { app }, { app }], {
      seed: 's',
      onResult: ({ name }) => seen.push(name),
    });
    expect(result?.cases.map(({ name }) => name)).toEqual(cases.map((check) => check.name));
    expect(result?.cases.every(({ passed }) => passed)).toBe(true);
    expect([...seen].sort()).toEqual(cases.map((check) => check.name).sort());
    expect(seen).not.toEqual(cases.map((check) => check.name));
  });

  test('connections are kept for the next request', async () => {
    const ports = new Set<number | undefined>();
    const app = await serve((request, _body, response) => {
      ports.add(request.socket.remotePort);
      response.writeHead(200).end('{}');
    });
    const check = parse({ name: 'n', request: { method: 'GET', path: '/' }, expected_status: 200 });
    const cases = Array.from({ length: 20 }, (_, index) => ({ ...check, name: `${index}` }));
    await runFeatures([featureOf('notes-read', cases)], [{ app }, { app }], { seed: 's' });
    expect(ports.size).toBeLessThanOrEqual(2);
  });

  test('cases of the same name in two features get different values', async () => {
    const titles = new Set<string>();
    const app = await serve((_request, body, response) => {
      titles.add(body);
      response.writeHead(201).end('{"id": 1}');
    });
    const check = parse({ name: 'n', request: made.request, expected_status: 201 });
    const features = ['a-one', 'b-two'].map((id) => featureOf(id, [check]));
    const results = await runFeatures(features, [{ app }], { seed: 's' });
    expect(results.map((result) => [result.id, result.cases.length])).toEqual([
      ['a-one', 1],
      ['b-two', 1],
    ]);
    expect(titles.size).toBe(2);
  });

  test('an abort ends the run with its reason', async () => {
    const lanes: Lane[] = [{ app: await notes() }];
    const signal = AbortSignal.abort(new Error('paused'));
    await expect(runFeatures([featureOf('notes-read', [readsBack])], lanes, { seed: 's', signal })).rejects.toThrow(
      'paused',
    );
  });

  test('every case begins with a clean start, and one that cannot be had fails it', async () => {
    const app = await notes();
    let cleaned = 0;
    const clean = async (): Promise<void> => {
      cleaned += 1;
      if (cleaned === 4) throw new Error('lock timeout');
    };
    const cases = ['a', 'b', 'c', 'd'].map((name) => ({ ...readsBack, name }));
    const [result] = await runFeatures([featureOf('notes-read', cases)], [{ app, clean }], { seed: 's' });
    expect(cleaned).toBe(5);
    expect(result?.cases.filter(({ passed }) => passed)).toHaveLength(3);
    expect(result?.cases.filter(({ flaky }) => flaky)).toHaveLength(1); // it went well the second time, and stays failed
    expect(result?.cases.find(({ passed }) => !passed)?.failure?.actual).toContain('lock timeout');
  });

  test('one case in twenty is asked of a process that has not seen its set-up', async () => {
    const cases = Array.from({ length: 21 }, (_, index) => ({ ...readsBack, name: `case ${index}` }));
    const lane: Lane = { app: await notes(), restarted: notes };
    const run = () => runFeatures([featureOf('notes-read', cases)], [lane], { seed: 's' });
    const [first, second] = [(await run())[0], (await run())[0]];
    const failing = first?.cases.filter(({ passed }) => !passed) ?? [];
    expect(failing).toHaveLength(2); // this app keeps its notes in memory
    expect(failing.every(({ restarted }) => restarted)).toBe(true);
    expect(second?.cases.map(({ passed }) => passed)).toEqual(first?.cases.map(({ passed }) => passed));
  });
});

describe('what a step can ask for', () => {
  const counting = async (): Promise<AppUnderTest> => {
    let count = 0;
    return serve((_request, _body, response) => {
      count += 1;
      response.writeHead(count === 1 ? 201 : 409, { 'x-count': String(count) });
      response.end(JSON.stringify(count === 1 ? { id: 7 } : { error_code: 'TAKEN' }));
    });
  };
  const race = (extra: object): TestCase =>
    parse({ name: 'race', request: made.request, expected_status: 201, expected_json: { id: 7 }, ...extra });

  test('requests at once, of which exactly so many win', async () => {
    const one = race({ concurrent: { times: 5, losers: [409] } });
    expect(await runCase(one, await counting(), 's')).toMatchObject({ passed: true });
    const two = race({ concurrent: { times: 5, winners: 2, losers: [409] } });
    expect((await runCase(two, await counting(), 's')).failure).toMatchObject({
      expected: '2 of 5 requests at once to succeed, the others with 409',
      actual: expect.stringContaining('1 as expected; statuses 201, 409, 409, 409, 409'),
    });
    const other = race({ concurrent: { times: 3, losers: [422] } });
    expect((await runCase(other, await counting(), 's')).passed).toBe(false);
  });

  test('a request sent again must answer the same', async () => {
    const again = race({ repeated: { times: 2, same: ['id'] } });
    expect((await runCase(again, await counting(), 's')).failure?.expected).toBe('status 201, sent again (2)');
    const app = await serve((_request, _body, response) => response.writeHead(201).end(`{"id": ${Math.random()}}`));
    const drifting = parse({ name: 'n', request: made.request, expected_status: 201, repeated: again.repeated });
    expect((await runCase(drifting, app, 's')).failure?.expected).toMatch(/^id as the first time: 0\./);
  });

  test('headers of the answer, and the body of a set-up step', async () => {
    const headed = (value: string) => race({ expected_headers: { 'X-Count': value } });
    expect((await runCase(headed('1'), await counting(), 's')).passed).toBe(true);
    expect((await runCase(headed('2'), await counting(), 's')).failure?.actual).toContain('header X-Count = "1"');
    const given = { ...race({ given: [{ request: made.request, expected_json: { id: 8 } }] }) };
    expect((await runCase(given, await counting(), 's')).failure).toMatchObject({
      step: 'given 1',
      expected: 'id = 8',
    });
  });

  test('each case looks like another client, and no two clients of a case', async () => {
    const agents: (string | undefined)[] = [];
    const app = await serve((request, _body, response) => {
      agents.push(request.headers['user-agent']);
      response.writeHead(201).end('{"id": 1}');
    });
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      await runCase({ ...race({ given: [made] }), name }, app, 's');
    }
    expect(new Set(agents).size).toBeGreaterThan(2);
    expect(agents.every((agent, index) => index % 2 === 0 || agent === agents[index - 1])).toBe(true);
    expect(agents).not.toContain(undefined);
  });
});
