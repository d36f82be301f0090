/**
 * A reply as the server-sent events of the streaming Messages API: the same order, names and fields, in small deltas,
 * so that a client's accumulation is really exercised. Pure: reply in, frames out.
 */
import type { Reply, ReplyBlock } from './message.js';

/** Characters per delta, roughly what the real API sends at a time. */
const DELTA_CHARACTERS = 24;

interface StreamEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** All events of a reply in order, `message_start` to `message_stop`. */
export function streamEvents(reply: Reply): readonly StreamEvent[] {
  const { content, stop_reason, stop_sequence, stop_details, container, usage } = reply;
  const started = { ...reply, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } };
  const { service_tier: _tier, ...counts } = usage;
  return [
    { type: 'message_start', message: started },
    { type: 'ping' },
    ...content.flatMap(blockEvents),
    { type: 'message_delta', delta: { stop_reason, stop_sequence, stop_details, container }, usage: counts },
    { type: 'message_stop' },
  ];
}

/** One event on the wire. JSON holds no raw line breaks, so one `data:` line is enough. */
export const frame = (event: StreamEvent): string => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

function blockEvents(block: ReplyBlock, index: number): StreamEvent[] {
  const deltas =
    block.type === 'text'
      ? pieces(block.text).map((text) => ({ type: 'text_delta', text }))
      : ['', ...pieces(JSON.stringify(block.input))].map((partial_json) => ({
          type: 'input_json_delta',
          partial_json,
        }));
  const opened = block.type === 'text' ? { ...block, text: '' } : { ...block, input: {} };
  return [
    { type: 'content_block_start', index, content_block: opened },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}

/** Cut between code points, never inside one. */
function pieces(text: string): string[] {
  const points = Array.from(text);
  const cuts: string[] = [];
  for (let at = 0; at < points.length; at += DELTA_CHARACTERS)
    cuts.push(points.slice(at, at + DELTA_CHARACTERS).join(''));
  return cuts;
}
