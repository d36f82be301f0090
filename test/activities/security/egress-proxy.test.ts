import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type EgressProxy, openEgressProxy } from '../../../activities/security/egress-proxy.js';

const server = createServer((incoming, response) => response.end(`served ${incoming.url}`));
let directory = '';
let proxy: EgressProxy;
let port = 0;

beforeEach(async () => {
  directory = mkdtempSync('/tmp/egress-test-');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  proxy = await openEgressProxy(path.join(directory, 'p.sock'), [`LOCALHOST:${port}`]);
});
afterEach(async () => {
  await proxy.close();
  await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true });
});

test('a listed host and port is reached, by absolute address and by tunnel', async () => {
  expect(await plain(`http://localhost:${port}/a`)).toEqual({ status: 200, text: 'served /a' });
  expect(await tunnel(`localhost:${port}`)).toBe(200);
  expect(proxy.refused).toEqual([]);
});

test('another port, another name of the same host, another scheme: refused and recorded', async () => {
  expect(await plain(`http://127.0.0.1:${port}/`)).toMatchObject({
    status: 403,
    text: expect.stringContaining('does not hold'),
  });
  expect(await plain(`http://localhost:${port + 1}/`)).toMatchObject({ status: 403 });
  expect(await plain(`ftp://localhost:${port}/`)).toMatchObject({ status: 403 });
  expect(await tunnel('localhost:22')).toBe(403);
  expect(await tunnel(`localhost:${port}@evil.example:443`)).toBe(403);
  expect(proxy.refused).toEqual([`127.0.0.1:${port}`, `localhost:${port + 1}`, 'localhost:22']);
});

function plain(url: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    request({ socketPath: path.join(directory, 'p.sock'), path: url }, async (answer) => {
      let text = '';
      for await (const chunk of answer) text += String(chunk);
      resolve({ status: answer.statusCode ?? 0, text });
    })
      .on('error', reject)
      .end();
  });
}

function tunnel(authority: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ socketPath: path.join(directory, 'p.sock'), method: 'CONNECT', path: authority, agent: false })
      .on('connect', (answer, socket) => {
        socket.destroy();
        resolve(answer.statusCode ?? 0);
      })
      .on('error', reject)
      .end();
  });
}
