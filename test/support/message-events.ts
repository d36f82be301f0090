/**
 * A Messages API answer as the server-sent events that stream it: the test server's own encoding. Pure. The offline
 * model has one of its own, on purpose: a mistake in one would otherwise hide in the other.
 */

export type ScriptedBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: unknown };

export interface ScriptedUsage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_input_tokens?: number;
  readonly cache_creation_input_tokens?: number;
}

export interface ScriptedMessage {
  readonly id: string;
  readonly model: string;
  readonly blocks: readonly ScriptedBlock[];
  readonly stopReason: string;
  readonly usage: ScriptedUsage;
  /** Cuts the input JSON of the last block after so many characters. */
  readonly cutInputAt?: number;
}

/** The events in order, each as the text that goes over the wire. */
export function eventsOf(message: ScriptedMessage): readonly string[] {
  const { id, model, blocks, stopReason, usage } = message;
  const start = { id, type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null };
  return [
    event('message_start', { message: { ...start, usage: { ...usage, output_tokens: 1 } } }),
    event('ping', {}),
    ...blocks.flatMap((block, index) =>
      blockEvents(block, index, index === blocks.length - 1 ? message.cutInputAt : undefined),
    ),
    event('message_delta', {
      delta: { stop_reason: stopReason, stop_sequence: null },
      usage: { output_tokens: usage.output_tokens },
    }),
    event('message_stop', {}),
  ];
}

export function event(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

function blockEvents(block: ScriptedBlock, index: number, cutInputAt: number | undefined): readonly string[] {
  return [
    event('content_block_start', { index, content_block: emptied(block) }),
    ...deltasOf(block, cutInputAt).map((delta) => event('content_block_delta', { index, delta })),
    event('content_block_stop', { index }),
  ];
}

function emptied(block: ScriptedBlock): object {
  if (block.type === 'text') return { type: 'text', text: '', citations: null };
  if (block.type === 'thinking') return { type: 'thinking', thinking: '', signature: '' };
  return { type: 'tool_use', id: block.id, name: block.name, input: {}, caller: { type: 'direct' } };
}

function deltasOf(block: ScriptedBlock, cutInputAt: number | undefined): readonly object[] {
  if (block.type === 'text') return pieces(block.text).map((text) => ({ type: 'text_delta', text }));
  if (block.type === 'tool_use') {
    const json = JSON.stringify(block.input).slice(0, cutInputAt);
    return pieces(json).map((partial_json) => ({ type: 'input_json_delta', partial_json }));
  }
  const thinking = pieces(block.thinking).map((piece) => ({ type: 'thinking_delta', thinking: piece }));
  return [...thinking, { type: 'signature_delta', signature: block.signature }];
}

/** Small pieces, so that a stream really is one. */
function pieces(text: string): readonly string[] {
  return text.match(/[\s\S]{1,12}/g) ?? [''];
}
