/**
 * Journal entries -> the messages that the next model call sends. Pure, and only ever appends: the messages of one
 * turn are a byte-identical beginning of the next turn's, which is what the provider's prompt cache lives on.
 */
import type {
  ContentBlock,
  ContentBlockParam,
  MessageParam,
  TextBlockParam,
  ToolResultBlockParam,
  ToolUseBlock,
} from '@anthropic-ai/sdk/resources/messages';
import type { JournalEntry, ModelResponded, NoteDelivered, ToolDone } from './journal-entry.js';

/** Result of a call that was started and whose end nobody saw. Begins with a word that a model and a rule can act on. */
export const INTERRUPTED =
  'interrupted: effect unknown; look before repeating. The session was cut off while this call ran.';
/** Result of a call that came after an interrupted one. */
export const NOT_STARTED = 'interrupted: not started, nothing was changed. Call it again if it is still needed.';
/** Result of a call whose input was cut by the output limit: running half an input could do anything. */
export const CUT_CALL =
  'not run: your message hit the output limit in the middle of this call, so its input is incomplete. ' +
  'Make the call again in smaller pieces: write a long file in several steps.';

const GO_ON = 'Your message was cut at the output limit. Go on from there, in smaller steps.';

export function conversationOf(entries: readonly JournalEntry[]): MessageParam[] {
  const messages: MessageParam[] = [];
  for (const { opening, response, followUp } of sections(entries)) {
    if (opening !== null) messages.push({ role: 'user', content: [text(opening), ...notesOf(followUp)] });
    if (response === null) continue;
    const said = resendable(response.content);
    if (said.length > 0) messages.push({ role: 'assistant', content: said });
    const answer = [...resultsOf(response, followUp), ...cutNotice(response), ...notesOf(followUp)];
    if (answer.length > 0) messages.push({ role: 'user', content: answer });
  }
  return messages;
}

/** Tool calls of a response, in the order the model made them. */
export function toolCallsOf(response: ModelResponded): readonly ToolUseBlock[] {
  return response.content.filter((block) => block.type === 'tool_use');
}

/** The call that the output limit cut: the last block, if it is one. */
export function cutCallOf(response: ModelResponded): ToolUseBlock | null {
  const last = response.content.at(-1);
  return response.stopReason === 'max_tokens' && last?.type === 'tool_use' ? last : null;
}

interface Section {
  /** The session's first message, on the first section only. */
  readonly opening: string | null;
  readonly response: ModelResponded | null;
  /** What was recorded after it and before the next response. */
  readonly followUp: readonly JournalEntry[];
}

function sections(entries: readonly JournalEntry[]): readonly Section[] {
  const found: { opening: string | null; response: ModelResponded | null; followUp: JournalEntry[] }[] = [];
  for (const entry of entries) {
    if (entry.kind === 'session_started') found.push({ opening: entry.firstMessage, response: null, followUp: [] });
    else if (entry.kind === 'model_response') found.push({ opening: null, response: entry, followUp: [] });
    else found.at(-1)?.followUp.push(entry);
  }
  return found;
}

/** The API refuses empty texts and unsigned thinking (both come of a cut message) when they are sent back. */
function resendable(content: readonly ContentBlock[]): ContentBlockParam[] {
  return content.filter((block) => {
    if (block.type === 'text') return block.text.trim() !== '';
    return block.type !== 'thinking' || block.signature !== '';
  }) as ContentBlockParam[];
}

function resultsOf(response: ModelResponded, followUp: readonly JournalEntry[]): ToolResultBlockParam[] {
  const done = new Map<string, ToolDone>();
  for (const entry of followUp) if (entry.kind === 'tool_done') done.set(entry.toolUseId, entry);
  return toolCallsOf(response).map((call) => {
    const { text: said, isError } = done.get(call.id) ?? { text: INTERRUPTED, isError: true };
    const result = { type: 'tool_result' as const, tool_use_id: call.id, content: said === '' ? '(no output)' : said };
    return isError ? { ...result, is_error: true } : result;
  });
}

function cutNotice(response: ModelResponded): TextBlockParam[] {
  return response.stopReason === 'max_tokens' && toolCallsOf(response).length === 0 ? [text(GO_ON)] : [];
}

function notesOf(followUp: readonly JournalEntry[]): TextBlockParam[] {
  return followUp.filter((entry) => entry.kind === 'note').map((note) => text(noteText(note)));
}

function noteText({ source, text: said }: NoteDelivered): string {
  const what = source === 'answer' ? 'Answer' : 'Note';
  return `${what} from the person who runs this build: ${said}`;
}

const text = (said: string): TextBlockParam => ({ type: 'text', text: said });
