import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import Anthropic, { RateLimitError } from '@anthropic-ai/sdk';
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Fault, faultFor, faultScript, readFaultScript } from '../../offline-model/faults.js';
import { type OfflineModel, startOfflineModel } from '../../offline-model/server.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { opening } from './conversations.js';

let model: OfflineModel | undefined;
afterEach(async () => {
  await model?.close();
  model = undefined;
});

/** Starts a server with one fault at request 1 and returns a function that sends one streaming request. */
async function serverWith(fault: object): Promise<(signal?: AbortSignal) => Promise<Message>> {
  model = await startOfflineModel({ faults: faultScript.parse([{ request: 1, ...fault }]) });
  const client = new Anthropic({ apiKey: 'none', baseURL: model.url, maxRetries: 0, logLevel: 'off' });
  const body = {
    model: 'offline',
    max_tokens: 1024,
    messages: [{ role: 'user' as const, content: opening('coding') }],
  };
  return (signal) => client.messages.stream(body, signal ? { signal } : {}).finalMessage();
}

describe('a scripted fault', () => {
  test('answers with a status, its type and its headers, once', async () => {
    const send = await serverWith({ fault: 'status', status: 429, headers: { 'retry-after': '1' } });
    const error = await send().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ status: 429, type: 'rate_limit_error' });
    expect((error as RateLimitError).headers?.get('retry-after')).toBe('1');
    expect((await send()).stop_reason).toBe('tool_use');
  });

  test('lasts as many requests as it says', async () => {
    const send = await serverWith({ fault: 'status', status: 529, times: 2 });
    await expect(send()).rejects.toMatchObject({ status: 529, type: 'overloaded_error' });
    await expect(send()).rejects.toMatchObject({ status: 529 });
    await expect(send()).resolves.toMatchObject({ stop_reason: 'tool_use' });
  });

  test.each(['reset_midstream', 'half_stream', 'garbage', 'error_event'])(
    '%s never looks like a whole message',
    async (fault) => {
      const send = await serverWith({ fault });
      await expect(send()).rejects.toThrow();
      expect((await send()).stop_reason).toBe('tool_use');
    },
  );

  test('stalls until the client gives up', async () => {
    const send = await serverWith({ fault: 'stall' });
    const controller = new AbortController();
    const stalled = send(controller.signal);
    const other = await send();
    expect(other.stop_reason).toBe('tool_use');
    controller.abort();
    await expect(stalled).rejects.toThrow('aborted');
  });

  test('ends a stall by a reset when told how long it lasts', async () => {
    const send = await serverWith({ fault: 'stall', ms: 20 });
    await expect(send()).rejects.toThrow();
  });

  test('delays and then answers in full', async () => {
    const send = await serverWith({ fault: 'delay', ms: 5 });
    expect((await send()).stop_reason).toBe('tool_use');
  });
});

describe('the script', () => {
  test('counts requests from 1', () => {
    const script: Fault[] = faultScript.parse([{ request: 2, times: 2, fault: 'stall' }]);
    expect([1, 2, 3, 4].map((request) => faultFor(script, request)?.fault)).toEqual([
      undefined,
      'stall',
      'stall',
      undefined,
    ]);
  });

  test('is read from a file, and a wrong entry is named with its field', async () => {
    const directory = await temporaryDirectory();
    const file = path.join(directory.path, 'faults.json');
    await writeFile(file, JSON.stringify([{ request: 3, fault: 'garbage' }]));
    expect(await readFaultScript(file)).toEqual([{ request: 3, times: 1, fault: 'garbage' }]);
    await writeFile(file, JSON.stringify([{ request: 0, fault: 'garbage' }]));
    await expect(readFaultScript(file)).rejects.toThrow('0.request');
    await writeFile(file, '[');
    await expect(readFaultScript(file)).rejects.toThrow('not JSON');
    await directory.remove();
  });
});
