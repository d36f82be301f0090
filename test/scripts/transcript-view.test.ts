import { describe, expect, it } from '@jest/globals';
import type { JournalEntry, JournalRecord } from '../../activities/agent/journal-entry.js';
import { redactor } from '../../scripts/redaction.js';
import { transcriptLines } from '../../scripts/transcript-view.js';

const options = { answerLines: 4, redact: redactor([]) };
const records = (...entries: JournalEntry[]): JournalRecord[] =>
  entries.map((entry, seq) => ({ v: 1, seq, at: '2026-01-02T03:04:05.000Z', entry }));
const usage = { inputTokens: 10, outputTokens: 5, cacheReadTokens: 100, cacheWriteTokens: 0 };
const call = (id: string, name: string, input: unknown) =>
  ({ type: 'tool_use', id, name, input, caller: { type: 'direct' } }) as const;
const turn = (content: JournalEntry & { kind: 'model_response' } extends { content: infer C } ? C : never) =>
  ({
    kind: 'model_response',
    turn: 1,
    messageId: 'm',
    model: 'claude',
    content,
    stopReason: 'tool_use',
    usage,
  }) as const;

describe('a transcript', () => {
  it('shows turns with their tokens, words, calls and answers', () => {
    const lines = transcriptLines(
      records(
        turn([{ type: 'text', text: 'I look around.', citations: null }, call('t1', 'bash', { command: 'ls' })]),
        { kind: 'tool_started', turn: 1, toolUseId: 't1', name: 'bash' },
        { kind: 'tool_done', turn: 1, toolUseId: 't1', text: 'app\ntests', isError: false },
        { kind: 'session_ended', reason: 'end_turn' },
      ),
      options,
    );
    expect(lines).toEqual([
      '',
      '── turn 1 · 03:04:05 UTC · claude · 110 tokens in, 5 out',
      '   I look around.',
      '   [Tool: bash] ls',
      '   [Answer]',
      '   │ app',
      '   │ tests',
      '',
      '── ended: end turn · 03:04:05 UTC',
    ]);
  });

  it('tells refusals from failures', () => {
    const done = (text: string): JournalEntry => ({ kind: 'tool_done', turn: 1, toolUseId: 't', text, isError: true });
    const lines = transcriptLines(
      records(done('Refused by the command policy, nothing was run: curl reaches the network'), done('exit code 1')),
      options,
    );
    expect(lines).toEqual(expect.arrayContaining(['   [Denied]', '   [Failed]']));
  });

  it('leaves out the middle of long answers, takes secrets out, and lets no control character through', () => {
    const text = ['1', '2', '3', '4', `key sk-ant-${'x'.repeat(30)}`, 'red \u001b[31malarm'].join('\n');
    const lines = transcriptLines(
      records({ kind: 'tool_done', turn: 1, toolUseId: 't', text, isError: false }),
      options,
    );
    expect(lines).toEqual([
      '   [Answer]',
      '   │ 1',
      '   │ 2',
      '   │ … 2 more lines (--full shows them) …',
      '   │ key [redacted]',
      '   │ red  [31malarm',
    ]);
  });

  it('sets out the input of a call that is more than one command', () => {
    const input = { command: 'create', path: 'app/main.py', file_text: 'x'.repeat(100) };
    const lines = transcriptLines(records(turn([call('t', 'editor', input)])), options);
    expect(lines.slice(2, 5)).toEqual(['   [Tool: editor]', '     {', '       "command": "create",']);
  });
});
