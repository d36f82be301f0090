/** Material for the tests of the offline model: requests, scripted tool results, and a client's whole conversation. */
import Anthropic from '@anthropic-ai/sdk';
import type { Message, MessageParam, ToolResultBlockParam, ToolUseBlock } from '@anthropic-ai/sdk/resources/messages';
import { type Decision, decide } from '../../offline-model/decide.js';
import { type MessagesRequest, messagesRequest } from '../../offline-model/request.js';

export interface ScriptedResult {
  readonly text: string;
  readonly isError?: boolean;
}

/** Answers a tool call as the tools would; `made` counts the calls made before it. */
export type ScriptedTools = (name: string, input: Record<string, unknown>, made: number) => ScriptedResult;

export const opening = (phase: string): string => `Session 1\nPhase: ${phase}\n\nGo on.`;

/** A request with these messages, past the schema. */
export function requestWith(messages: MessageParam[], rest: Record<string, unknown> = {}): MessagesRequest {
  return messagesRequest.parse({ model: 'offline', max_tokens: 4096, messages, ...rest });
}

/** Results that every call succeeds with, as the real tools word them. */
export const goodTools: ScriptedTools = (name, input) => {
  if (name === 'scaffold' && input.operation === 'plan')
    return { text: '40 statements\nresources: users, tags, tasks\n' };
  if (name === 'features' && input.operation === 'next') {
    return { text: 'next: tags-create (resource tags)\n{"id": "tags-create"}' };
  }
  if (name === 'check') return { text: 'cases: 12 of 12 passing' };
  return { text: 'done' };
};

/** Runs the pure function against scripted tools until it ends; returns every decision. */
export function play(phase: string, tools: ScriptedTools, first = opening(phase)): Decision[] {
  const messages: MessageParam[] = [{ role: 'user', content: first }];
  const decisions: Decision[] = [];
  for (;;) {
    const decision = decide(requestWith(messages));
    decisions.push(decision);
    if (decision.call === null) return decisions;
    const id = `toolu_${decisions.length}`;
    const { text, isError } = tools(decision.call.name, { ...decision.call.input }, decisions.length - 1);
    messages.push({ role: 'assistant', content: [{ type: 'tool_use', id, ...decision.call }] });
    messages.push({
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: id, content: text, is_error: isError ?? false }],
    });
  }
}

/** A client that leads the conversation over HTTP to its end, as an agent loop would. */
export async function converse(url: string, phase: string, tools: ScriptedTools): Promise<Message[]> {
  const client = new Anthropic({ apiKey: 'none', baseURL: url, maxRetries: 0 });
  const messages: MessageParam[] = [{ role: 'user', content: opening(phase) }];
  const replies: Message[] = [];
  let made = 0;
  for (;;) {
    const reply = await client.messages.stream({ model: 'offline', max_tokens: 4096, messages }).finalMessage();
    replies.push(reply);
    if (reply.stop_reason !== 'tool_use') return replies;
    messages.push({ role: 'assistant', content: reply.content });
    const results = toolUses(reply).map((use): ToolResultBlockParam => {
      const { text, isError } = tools(use.name, use.input as Record<string, unknown>, made++);
      return { type: 'tool_result', tool_use_id: use.id, content: text, is_error: isError ?? false };
    });
    messages.push({ role: 'user', content: results });
  }
}

export const toolUses = (message: Message): ToolUseBlock[] =>
  message.content.filter((block) => block.type === 'tool_use');

/** `bash git log …`, one line a call. */
export const callLines = (replies: readonly Message[]): string[] =>
  replies.flatMap(toolUses).map((use) => `${use.name} ${Object.values(use.input as Record<string, string>).join(' ')}`);

export const textOf = (message: Message | undefined): string =>
  (message?.content ?? []).map((block) => (block.type === 'text' ? block.text : '')).join('');
