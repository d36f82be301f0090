/**
 * A conversation as the rules see it: the phase, the tool calls made so far with their results, and whether a person
 * wrote something on the way. Pure: reads a request, decides nothing.
 */
import {
  blocksOf,
  isText,
  isToolResult,
  isToolUse,
  type MessagesRequest,
  type RequestMessage,
  type ToolResultBlock,
} from './request.js';

type Phase = 'initializer' | 'coding';

export interface Call {
  readonly name: string;
  readonly input: unknown;
  readonly result: string;
  readonly isError: boolean;
  /** The harness lost the result (crash, pause, sandbox): the effect is unknown, or the call was not even started. */
  readonly interrupted: boolean;
  /** False when it was interrupted before it began: making it again is no repeat. */
  readonly started: boolean;
}

export interface Conversation {
  /** Null when the first message carries no `Phase:` line: not one of Nightshift's conversations. */
  readonly phase: Phase | null;
  /** In order; all answered, the request having been validated. */
  readonly calls: readonly Call[];
  /** True when the newest message holds a note or an answer of a person. */
  readonly noteArrived: boolean;
}

/** `Phase: coding`, alone on a line. The first one counts: a spec further down may hold anything. */
const phaseLine = /^Phase: (initializer|coding)$/m;
/** How the harness begins the result of a call that it lost, or that broke in its own hands; only in error results. */
const interruptedLine = /^(?:interrupted: (not started)?|the tool \S+ itself broke|The sandbox ended under)/;
/** How the harness begins what a person wrote. */
const noteLine = /^(Note|Answer) from the person\b/;

export function readConversation(request: MessagesRequest): Conversation {
  const [first] = request.messages;
  const opening = first === undefined ? '' : textOf(first);
  const phase = phaseLine.exec(opening)?.[1];
  const newest = request.messages.at(-1);
  return {
    phase: phase === 'initializer' || phase === 'coding' ? phase : null,
    calls: callsOf(request.messages),
    noteArrived: newest !== undefined && blocksOf(newest).some((block) => isText(block) && noteLine.test(block.text)),
  };
}

function callsOf(messages: readonly RequestMessage[]): Call[] {
  const results = new Map<string, ToolResultBlock>();
  for (const message of messages) {
    for (const block of blocksOf(message)) if (isToolResult(block)) results.set(block.tool_use_id, block);
  }
  const uses = messages
    .filter((message) => message.role === 'assistant')
    .flatMap(blocksOf)
    .filter(isToolUse);
  return uses.map(({ id, name, input }) => {
    const block = results.get(id);
    const result = block ? resultText(block) : '';
    const isError = block?.is_error === true;
    const lost = isError ? interruptedLine.exec(result) : null;
    return { name, input, result, isError, interrupted: lost !== null, started: lost?.[1] === undefined };
  });
}

function resultText({ content }: ToolResultBlock): string {
  if (content === undefined) return '';
  if (typeof content === 'string') return content;
  return content.map((part) => part.text ?? '').join('\n');
}

function textOf(message: RequestMessage): string {
  return blocksOf(message)
    .filter(isText)
    .map((block) => block.text)
    .join('\n');
}
