/**
 * The request as the offline model reads it: the part of the Messages API that decides what comes next, validated as
 * strictly as the real API does it, so that a client's mistake (a lost tool result, a prefill) shows here first.
 */
import { z } from 'zod';

const textBlock = z.looseObject({ type: z.literal('text'), text: z.string() });
const toolUseBlock = z.looseObject({
  type: z.literal('tool_use'),
  id: z.string().min(1),
  name: z.string().min(1),
  input: z.unknown(),
});
const toolResultBlock = z.looseObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string().min(1),
  content: z.union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))]).optional(),
  is_error: z.boolean().optional(),
});
const otherBlock = z.looseObject({ type: z.string() });

/** Known kinds are tried first; a block of a known type that doesn't fit its shape is refused, not waved through. */
const block = z.union([textBlock, toolUseBlock, toolResultBlock, otherBlock]).superRefine((value, context) => {
  const shape = { text: textBlock, tool_use: toolUseBlock, tool_result: toolResultBlock }[value.type];
  if (shape && !shape.safeParse(value).success) context.addIssue(`malformed ${value.type} block`);
});

const message = z.looseObject({
  role: z.enum(['user', 'assistant', 'system']),
  content: z.union([z.string(), z.array(block)]),
});

export const messagesRequest = z.looseObject({
  model: z.string().min(1),
  max_tokens: z.number().int().positive(),
  messages: z.array(message).min(1),
  system: z.union([z.string(), z.array(textBlock)]).optional(),
  tools: z.array(z.looseObject({ name: z.string() })).optional(),
  stream: z.boolean().optional(),
});
export type MessagesRequest = z.infer<typeof messagesRequest>;
export type RequestMessage = z.infer<typeof message>;
type TextBlock = z.infer<typeof textBlock>;
type ToolUseBlock = z.infer<typeof toolUseBlock>;
export type ToolResultBlock = z.infer<typeof toolResultBlock>;

/** Content as blocks, whichever of the two spellings was sent. */
export function blocksOf(message: RequestMessage): readonly z.infer<typeof block>[] {
  return typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;
}

export const isText = (value: { type: string }): value is TextBlock => value.type === 'text';
export const isToolUse = (value: { type: string }): value is ToolUseBlock => value.type === 'tool_use';
export const isToolResult = (value: { type: string }): value is ToolResultBlock => value.type === 'tool_result';

/** Why the API would refuse the request (HTTP 400), or null. Says which message and which id. */
export function requestProblem(request: MessagesRequest): string | null {
  const { messages } = request;
  if (messages[0]?.role !== 'user') return 'messages: first message must use the "user" role';
  if (messages.at(-1)?.role === 'assistant') return 'messages: this model does not support assistant message prefill';
  const names = (request.tools ?? []).map((tool) => tool.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return `tools: tool names must be unique, "${twice}" is there twice`;
  return unpairedTool(messages);
}

/** Each tool_use must be answered in the very next message, and each tool_result must answer one of the last. */
function unpairedTool(messages: readonly RequestMessage[]): string | null {
  let asked: readonly string[] = [];
  for (const [index, current] of messages.entries()) {
    if (current.role === 'system') continue;
    const blocks = blocksOf(current);
    const answered = blocks.filter(isToolResult).map((result) => result.tool_use_id);
    const missing = asked.find((id) => !answered.includes(id));
    if (missing !== undefined) {
      return `messages.${index}: tool_use ids were found without tool_result blocks immediately after: ${missing}`;
    }
    const stray = answered.find((id) => !asked.includes(id));
    if (stray !== undefined) return `messages.${index}: unexpected tool_use_id found in tool_result blocks: ${stray}`;
    const repeated = answered.find((id, at) => answered.indexOf(id) !== at);
    if (repeated !== undefined) return `messages.${index}: each tool_use must have a single result: ${repeated}`;
    asked = current.role === 'assistant' ? blocks.filter(isToolUse).map((use) => use.id) : [];
  }
  return null;
}
