/**
 * The one door through which a model is called. Streams one response and returns it whole; decides nothing and never
 * retries: the loop does, by the table in model-errors.ts, because every retry is a new paid sample.
 */
import Anthropic from '@anthropic-ai/sdk';
import type {
  ContentBlock,
  Message,
  MessageParam,
  MessageStreamEvent,
  StopReason,
  ToolUnion,
} from '@anthropic-ai/sdk/resources/messages';
import { wellFormed } from '../tools/output.js';
import type { CallUsage } from './journal-entry.js';

/** What changes from call to call; `system` and `tools` must not, or the provider's prompt cache misses. */
export interface ModelRequest {
  readonly system: string;
  readonly tools: readonly ToolUnion[];
  readonly messages: readonly MessageParam[];
  /** Output tokens allowed for this call. */
  readonly maxTokens: number;
}

/** How far a response in flight has come: a sign of life, not a measure of cost. */
export interface ModelProgress {
  /** Kind of the block that is being written: `text`, `thinking`, `tool_use`, … */
  readonly block: string;
  /** Characters received so far in the whole response. */
  readonly characters: number;
}

export interface ModelResponse {
  readonly id: string;
  readonly model: string;
  readonly content: readonly ContentBlock[];
  readonly stopReason: StopReason;
  readonly usage: CallUsage;
}

export interface StreamOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: ModelProgress) => void;
}

export interface Model {
  readonly name: string;
  /** Rejects with what the SDK throws; `modelFault` says what it means. */
  stream(request: ModelRequest, options: StreamOptions): Promise<ModelResponse>;
}

export interface ModelSettings {
  /** Model id as the provider knows it. */
  readonly model: string;
  readonly apiKey?: string;
  /** Bearer token instead of a key. A local server needs neither. */
  readonly authToken?: string;
  /** Another server that speaks the Messages API (the offline model, a gateway); default the provider's own. */
  readonly baseUrl?: string;
}

/** The stream closed without an error and yet holds no whole response. */
export class IncompleteResponse extends Error {
  override readonly name = 'IncompleteResponse';
}

const PROVIDER_URL = 'https://api.anthropic.com';

/** Reads no environment variable: a credential is always passed, or the SDK would look for one of its own. */
export function createModel({ model, apiKey, authToken, baseUrl = PROVIDER_URL }: ModelSettings): Model {
  const credential = authToken === undefined ? { apiKey: apiKey ?? 'none' } : { authToken };
  const client = new Anthropic({ ...credential, baseURL: baseUrl, maxRetries: 0, logLevel: 'off' });
  return {
    name: model,
    stream: (request, { signal, onProgress }) => streamOnce(client, model, request, signal, onProgress),
  };
}

/** Thinking stays at the model's default (adaptive); top-level cache_control marks the end of the prefix each time. */
async function streamOnce(
  client: Anthropic,
  model: string,
  request: ModelRequest,
  signal: AbortSignal,
  onProgress: StreamOptions['onProgress'],
): Promise<ModelResponse> {
  const stream = client.messages.stream(
    {
      model,
      max_tokens: request.maxTokens,
      cache_control: { type: 'ephemeral' },
      system: request.system,
      tools: [...request.tools],
      messages: [...request.messages],
    },
    { signal },
  );
  if (onProgress) stream.on('streamEvent', progressOf(onProgress));
  const message = await stream.finalMessage();
  try {
    return responseOf(message);
  } catch (error) {
    throw new IncompleteResponse(`the response could not be read: ${String(error)}`, { cause: error });
  }
}

function progressOf(report: (progress: ModelProgress) => void): (event: MessageStreamEvent) => void {
  let block = '';
  let characters = 0;
  return (event) => {
    if (event.type === 'content_block_start') block = event.content_block.type;
    if (event.type === 'content_block_delta') characters += deltaLength(event.delta);
    report({ block, characters });
  };
}

function deltaLength(delta: object): number {
  let length = 0;
  for (const [key, value] of Object.entries(delta))
    if (key !== 'type' && typeof value === 'string') length += value.length;
  return length;
}

/** Copied through JSON: the SDK's blocks carry getters and hidden buffers, and the journal needs what will be resent. */
function responseOf(message: Message): ModelResponse {
  if (message.stop_reason === null) throw new Error('it ended without a stop reason');
  const { usage } = message;
  return {
    id: message.id,
    model: message.model,
    content: JSON.parse(JSON.stringify(message.content), wholeCharacters) as ContentBlock[],
    stopReason: message.stop_reason,
    usage: {
      inputTokens: usage.input_tokens,
      outputTokens: usage.output_tokens,
      cacheReadTokens: usage.cache_read_input_tokens ?? 0,
      cacheWriteTokens: usage.cache_creation_input_tokens ?? 0,
      cacheWrite1hTokens: usage.cache_creation?.ephemeral_1h_input_tokens ?? 0,
      thinkingTokens: usage.output_tokens_details?.thinking_tokens ?? 0,
    },
  };
}

/** A cut in the middle of a character would make every later request unreadable for the API. */
const wholeCharacters = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? wellFormed(value) : value;
