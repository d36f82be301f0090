import http from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appOnLoopback } from '../../../activities/features/case-client.js';
import { type FrontDoor, openFrontDoor, PortRefused } from '../../../scripts/serve/front-door.js';

describe('the front door of a served app', () => {
  let server: http.Server;
  let door: FrontDoor | null = null;
  const port = (): number => (server.address() as AddressInfo).port;
  beforeEach(async () => {
    server = http.createServer((request, response) => response.end(`you asked for ${request.url}`));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    await door?.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('passes requests on to the app behind it', async () => {
    door = await openFrontDoor(appOnLoopback(port()), 0);
    const answer = await fetch(`http://127.0.0.1:${door.port}/docs`);
    expect(await answer.text()).toBe('you asked for /docs');
  });

  it('hangs up when nothing listens behind it, and goes on listening', async () => {
    const gone = port();
    await new Promise((resolve) => server.close(resolve));
    door = await openFrontDoor(appOnLoopback(gone), 0);
    for (const _attempt of [1, 2]) await expect(fetch(`http://127.0.0.1:${door.port}/`)).rejects.toThrow();
  });

  it('survives a visitor who leaves in the middle of a request', async () => {
    door = await openFrontDoor(appOnLoopback(port()), 0);
    const visitor = connect(door.port, '127.0.0.1');
    await new Promise((resolve) => visitor.write('GET / HTTP/1.1\r\nhost:', resolve));
    visitor.resetAndDestroy();
    expect((await fetch(`http://127.0.0.1:${door.port}/`)).status).toBe(200);
  });

  it('says in words why it cannot have a port', async () => {
    await expect(openFrontDoor(appOnLoopback(1), port())).rejects.toThrow(PortRefused);
  });
});
