/** A session's journal as a person reads it: turns, the model's words, tool calls with their answers. Pure text. */
import type { JournalRecord, ModelResponded } from '../activities/agent/journal-entry.js';
import type { Redact } from './redaction.js';
import { printable } from './terminal-text.js';

export interface TranscriptOptions {
  /** Lines of one tool's answer before the middle is left out; 0 = all. */
  readonly answerLines: number;
  readonly redact: Redact;
}

/** How the command policy begins what it tells the model (activities/tools/bash.ts). */
const REFUSAL = 'Refused by the command policy';

/** The whole session, a line an element. A session without entries has no lines. */
export function transcriptLines(records: readonly JournalRecord[], options: TranscriptOptions): string[] {
  const lines = records.flatMap((record) => [...entryLines(record, options)]);
  return lines.map((line) => printable(options.redact(line)));
}

/** True for the answer of a tool that the policy refused. */
export function isDenial(text: string): boolean {
  return text.startsWith(REFUSAL);
}

function entryLines({ at, entry }: JournalRecord, { answerLines }: TranscriptOptions): readonly string[] {
  switch (entry.kind) {
    case 'session_started':
      return [
        `── session ${entry.session} (${entry.phase}), ${entry.model}, ${at}`,
        ...indented(entry.firstMessage, '   '),
      ];
    case 'model_response':
      return ['', `── turn ${entry.turn} · ${clock(at)} · ${usageText(entry)}`, ...entry.content.flatMap(blockLines)];
    case 'tool_started':
      return [];
    case 'tool_done':
      return [
        `   ${isDenial(entry.text) ? '[Denied]' : entry.isError ? '[Failed]' : '[Answer]'}`,
        ...indented(shortened(entry.text, answerLines), '   │ '),
      ];
    case 'note':
      return ['', `── ${entry.source === 'steer' ? 'note' : 'answer'} from a person`, ...indented(entry.text, '   ')];
    case 'session_ended':
      return ['', `── ended: ${entry.reason.replaceAll('_', ' ')} · ${clock(at)}`];
  }
}

type Block = ModelResponded['content'][number];

function blockLines(block: Block): readonly string[] {
  switch (block.type) {
    case 'text':
      return indented(block.text, '   ');
    case 'thinking':
      return indented(block.thinking, '   (thinking) ');
    case 'tool_use':
      return callLines(block.name, block.input);
    default:
      return [`   (${block.type})`];
  }
}

/** A call whose input is one short text (a command) stands on its line; anything else as JSON below it. */
function callLines(name: string, input: unknown): readonly string[] {
  const values = typeof input === 'object' && input !== null ? Object.values(input) : [];
  const [only] = values;
  if (values.length === 1 && typeof only === 'string') {
    const [first = '', ...rest] = only.split('\n');
    return [`   [Tool: ${name}] ${first}`, ...rest.map((line) => `     ${line}`)];
  }
  const json = JSON.stringify(input);
  if (json.length <= 100) return [`   [Tool: ${name}] ${json}`];
  return [`   [Tool: ${name}]`, ...indented(JSON.stringify(input, null, 2), '     ')];
}

function usageText({ usage, model }: ModelResponded): string {
  const read = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  return `${model} · ${read} tokens in, ${usage.outputTokens} out`;
}

function shortened(text: string, limit: number): string {
  const lines = text.trimEnd().split('\n');
  if (limit === 0 || lines.length <= limit) return lines.join('\n');
  const head = Math.ceil(limit / 2);
  const tail = limit - head;
  const left = lines.length - limit;
  return [...lines.slice(0, head), `… ${left} more lines (--full shows them) …`, ...lines.slice(-tail)].join('\n');
}

function indented(text: string, by: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `${by}${line}`.trimEnd());
}

function clock(iso: string): string {
  return `${iso.slice(11, 19)} UTC`;
}
