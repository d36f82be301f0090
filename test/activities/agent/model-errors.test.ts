import Anthropic, { APIConnectionError, APIError, APIUserAbortError } from '@anthropic-ai/sdk';
import { describe, expect, it } from '@jest/globals';
import { IncompleteResponse } from '../../../activities/agent/model.js';
import { FAILURES_INSIDE, type ModelFault, modelFault } from '../../../activities/agent/model-errors.js';

const NOW = Date.UTC(2026, 10, 23);
const context = { failuresBefore: 0, now: NOW, model: 'claude-x' };

function answered(status: number, said = 'because', headers: Record<string, string> = {}): APIError {
  const body = { type: 'error', error: { type: 'some_error', message: said } };
  return APIError.generate(status, body, undefined, new Headers(headers));
}

const faultOf = (error: unknown, failuresBefore = 0): ModelFault => modelFault(error, { ...context, failuresBefore });

describe('a failed model call', () => {
  it.each([408, 409, 429, 499, 500, 502, 503, 504, 529])('with status %i is made again after a second', (status) => {
    expect(faultOf(answered(status))).toMatchObject({ kind: 'retry_inside', afterMs: 1_000 });
  });

  it.each([
    [401, 'bad_key', 'ANTHROPIC_API_KEY'],
    [402, 'no_credit', 'Add credit'],
    [403, 'forbidden', '--model'],
    [404, 'unknown_model', '--model'],
    [400, 'request_refused', 'resume'],
    [422, 'request_refused', 'resume'],
  ])('with status %i parks the build as %s, names the model and the cure', (status, kind, cure) => {
    const fault = faultOf(answered(status, 'the provider said so'));
    expect(fault).toMatchObject({ kind: 'attention', attention: { kind, cure: expect.stringContaining(cure) } });
    expect(JSON.stringify(fault)).toContain(`model claude-x answered ${status}: the provider said so`);
  });

  it('for lack of credit is told by its message where the status is 400', () => {
    const fault = faultOf(answered(400, 'Your credit balance is too low to access the API.'));
    expect(fault).toMatchObject({ kind: 'attention', attention: { kind: 'no_credit' } });
  });

  it.each([
    [413, 'Request exceeds the maximum size'],
    [400, 'prompt is too long: 210000 tokens > 200000 maximum'],
  ])('because the conversation is too long (%i) says exactly that', (status, said) => {
    expect(faultOf(answered(status, said)).kind).toBe('conversation_full');
  });

  it('waits longer each time, then hands the waiting to the workflow', () => {
    const waits = Array.from({ length: FAILURES_INSIDE }, (_, failures) => faultOf(answered(529), failures));
    expect(waits.map((fault) => fault.kind === 'retry_inside' && fault.afterMs)).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 32_000,
    ]);
    expect(faultOf(answered(529), FAILURES_INSIDE)).toMatchObject({ kind: 'wait', until: '2026-11-23T00:02:00.000Z' });
  });

  it.each<[Record<string, string>, number]>([
    [{ 'retry-after': '13' }, 13_000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '60' }, 60_000],
    [{ 'retry-after-ms': '1500', 'retry-after': '13' }, 1_500],
    [{ 'retry-after': 'Mon, 23 Nov 2026 00:00:20 GMT' }, 20_000],
    [{ 'retry-after': 'soon' }, 1_000],
    [{ 'retry-after': '' }, 1_000],
  ])('honours %j exactly', (headers, afterMs) => {
    expect(faultOf(answered(429, 'slow down', headers))).toMatchObject({ kind: 'retry_inside', afterMs });
  });

  it.each<[Record<string, string>, string]>([
    [{ 'anthropic-ratelimit-unified-reset': '1795395600' }, '2026-11-23T01:00:00.000Z'],
    [
      {
        'anthropic-ratelimit-tokens-remaining': '0',
        'anthropic-ratelimit-tokens-reset': '2026-11-23T00:05:00Z',
        'anthropic-ratelimit-requests-remaining': '7',
        'anthropic-ratelimit-requests-reset': '2026-11-23T00:09:00Z',
      },
      '2026-11-23T00:05:00.000Z',
    ],
  ])('waits until the reset time of the limit that is spent: %j', (headers, until) => {
    expect(faultOf(answered(429, 'usage limit', headers))).toMatchObject({ kind: 'wait', until });
  });

  it('leaves a retry-after of more than a minute to the workflow, to the second', () => {
    const fault = faultOf(answered(429, 'limit', { 'retry-after': '61' }));
    expect(fault).toMatchObject({ kind: 'wait', until: '2026-11-23T00:01:01.000Z' });
  });

  it('never shortens what the provider asked for when the workflow takes over', () => {
    const fault = faultOf(answered(429, 'limit', { 'retry-after': '50' }), FAILURES_INSIDE);
    expect(fault).toMatchObject({ kind: 'wait', until: '2026-11-23T00:02:00.000Z' });
  });

  it('is made again when the provider says that it may, whatever the status', () => {
    expect(faultOf(answered(400, 'try again', { 'x-should-retry': 'true' })).kind).toBe('retry_inside');
  });

  it('reads an error event in mid-stream by its type', () => {
    const event = (type: string): APIError =>
      new APIError(undefined, { error: { type, message: 'm' } }, undefined, undefined);
    expect(faultOf(event('overloaded_error')).kind).toBe('retry_inside');
    expect(faultOf(event('rate_limit_error')).kind).toBe('retry_inside');
    expect(faultOf(event('authentication_error'))).toMatchObject({ attention: { kind: 'bad_key' } });
    expect(faultOf(event('something_new')).kind).toBe('retry_inside');
  });

  it('by the network, or with an answer that broke off, is made again', () => {
    expect(faultOf(new APIConnectionError({ cause: new Error('ECONNREFUSED') }))).toMatchObject({
      kind: 'retry_inside',
      reason: expect.stringContaining('ECONNREFUSED'),
    });
    expect(faultOf(new IncompleteResponse('no stop reason')).kind).toBe('retry_inside');
    expect(faultOf(new Anthropic.AnthropicError('terminated')).kind).toBe('retry_inside');
  });

  it('by an abort is cancelled, and an error of our own is thrown on', () => {
    expect(faultOf(new APIUserAbortError())).toEqual({ kind: 'cancelled' });
    expect(() => faultOf(new TypeError('a bug'))).toThrow('a bug');
  });

  it('is told in bounded words', () => {
    expect(JSON.stringify(faultOf(answered(401, 'x'.repeat(10_000)))).length).toBeLessThan(1_000);
  });
});
