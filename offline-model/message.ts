/**
 * A decision as a message of the Messages API. Every id is a hash of the request, so that the same conversation gets
 * the same bytes. Token counts are estimates and documented as such: characters / 4, rounded up.
 */
import { createHash } from 'node:crypto';
import { type Decision, decide } from './decide.js';
import type { MessagesRequest } from './request.js';

export type ReplyBlock =
  | { readonly type: 'text'; readonly text: string; readonly citations: null }
  | {
      readonly type: 'tool_use';
      readonly id: string;
      readonly name: string;
      readonly input: Readonly<Record<string, string>>;
      readonly caller: { readonly type: 'direct' };
    };

interface ReplyUsage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_creation_input_tokens: number;
  readonly cache_read_input_tokens: number;
  readonly service_tier: 'standard';
}

export interface Reply {
  readonly id: string;
  readonly type: 'message';
  readonly role: 'assistant';
  readonly model: string;
  readonly content: readonly ReplyBlock[];
  readonly stop_reason: 'end_turn' | 'tool_use' | 'max_tokens';
  readonly stop_sequence: null;
  readonly stop_details: null;
  readonly container: null;
  readonly usage: ReplyUsage;
}

/** Characters taken as one token. A rule of thumb for English; no tokenizer is shipped and nothing is billed by it. */
export const CHARACTERS_PER_TOKEN = 4;

/** The answer to a validated request. `max_tokens` cuts it as the API would: text alone is left, the call is dropped. */
export function replyTo(request: MessagesRequest): Reply {
  const decision = decide(request);
  const digest = requestDigest(request);
  const whole = contentOf(decision, digest);
  const cut = estimateTokens(whole) > request.max_tokens;
  const room = request.max_tokens * CHARACTERS_PER_TOKEN;
  const content = cut ? [textBlock(decision.text.slice(0, room))] : whole;
  return {
    id: `msg_offline_${digest.slice(0, 24)}`,
    type: 'message',
    role: 'assistant',
    model: request.model,
    content,
    stop_reason: cut ? 'max_tokens' : decision.call === null ? 'end_turn' : 'tool_use',
    stop_sequence: null,
    stop_details: null,
    container: null,
    usage: {
      input_tokens: estimateTokens([request.system ?? '', request.tools ?? [], request.messages]),
      output_tokens: Math.min(estimateTokens(content), request.max_tokens),
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      service_tier: 'standard',
    },
  };
}

/** SHA-256 of what decides the answer: not of `stream`, so that both transports give the same ids. */
export function requestDigest({ model, max_tokens, system, tools, messages }: MessagesRequest): string {
  return createHash('sha256').update(JSON.stringify({ model, max_tokens, system, tools, messages })).digest('hex');
}

function contentOf({ text, call }: Decision, digest: string): ReplyBlock[] {
  if (call === null) return [textBlock(text)];
  const id = `toolu_offline_${digest.slice(0, 24)}`;
  return [textBlock(text), { type: 'tool_use', id, name: call.name, input: call.input, caller: { type: 'direct' } }];
}

const textBlock = (text: string): ReplyBlock => ({ type: 'text', text, citations: null });

const estimateTokens = (value: unknown): number => Math.ceil(JSON.stringify(value).length / CHARACTERS_PER_TOKEN);
