/**
 * The headers that some real client would send, drawn from a seed: an app under test cannot tell a check from a user by
 * what a request looks like. Pure.
 */
import { createHash } from 'node:crypto';

/** As these programs send them to a JSON API; none asks for compression, which the checker would have to undo. */
const PERSONAS: readonly Readonly<Record<string, string>>[] = [
  { 'user-agent': 'curl/8.5.0', accept: '*/*' },
  { 'user-agent': 'python-httpx/0.28.1', accept: '*/*' },
  { 'user-agent': 'python-requests/2.32.3', accept: '*/*' },
  { 'user-agent': 'axios/1.7.9', accept: 'application/json, text/plain, */*' },
  { 'user-agent': 'PostmanRuntime/7.43.0', accept: '*/*', 'cache-control': 'no-cache' },
  { 'user-agent': 'okhttp/4.12.0', accept: 'application/json' },
  { 'user-agent': 'Go-http-client/1.1' },
  {
    'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0',
    accept: 'application/json',
    'accept-language': 'en-US,en;q=0.5',
  },
];

export function headersOfSomebody(seed: string): Readonly<Record<string, string>> {
  const drawn = createHash('sha256').update(`persona/${seed}`).digest().readUInt16BE(0);
  return PERSONAS[drawn % PERSONAS.length] ?? {};
}
