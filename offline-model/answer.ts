/**
 * Writes a reply to an HTTP response, whole or as a stream, and carries out the scripted fault, if there is one.
 * Knows nothing of rules.
 */
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { apiError } from './api-error.js';
import type { Fault } from './faults.js';
import type { Reply } from './message.js';
import { frame, streamEvents } from './stream.js';

interface AnswerOptions {
  readonly stream: boolean;
  readonly fault: Fault | undefined;
}

/** Resolves when everything is handed to the socket, or when the fault is done. */
export async function answer(response: ServerResponse, reply: Reply, { stream, fault }: AnswerOptions): Promise<void> {
  if (fault?.fault === 'delay') await delay(fault.ms);
  const type = stream ? 'text/event-stream; charset=utf-8' : 'application/json';
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' });
  const parts = stream ? streamEvents(reply).map(frame) : halves(JSON.stringify(reply));
  switch (fault?.fault) {
    case undefined:
    case 'delay':
    case 'status':
      response.end(parts.join(''));
      return;
    case 'garbage':
      response.end(stream ? 'event: message_start\ndata: {"type": "message_st\n\n' : '<html>Bad Gateway</html>');
      return;
    case 'half_stream':
      response.end(firstHalf(parts));
      return;
    case 'error_event':
      response.end(firstHalf(parts) + errorFrame());
      return;
    case 'reset_midstream':
      await written(response, firstHalf(parts));
      response.socket?.resetAndDestroy();
      return;
    case 'stall':
      await written(response, parts[0] ?? '');
      if (fault.ms !== undefined) setTimeout(() => response.socket?.resetAndDestroy(), fault.ms).unref();
  }
}

const halves = (text: string): string[] => [text.slice(0, text.length / 2), text.slice(text.length / 2)];

const firstHalf = (parts: readonly string[]): string => parts.slice(0, Math.ceil(parts.length / 2)).join('');

const errorFrame = (): string =>
  `event: error\ndata: ${JSON.stringify(apiError(529, 'Overloaded (scripted fault)', 'req_offline_none'))}\n\n`;

/** Resolves once the bytes are with the operating system, so that a reset comes after them and not instead of them. */
const written = (response: ServerResponse, text: string): Promise<void> =>
  new Promise((resolve) => response.write(text, () => resolve()));
