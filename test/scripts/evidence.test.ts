import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import type { JournalEntry } from '../../activities/agent/journal-entry.js';
import { packageRoot } from '../../config/locations.js';
import { type EvidenceSource, evidenceText } from '../../scripts/evidence.js';
import { redactor } from '../../scripts/redaction.js';
import { DEFAULT_SETTINGS, EMPTY_TALLY } from '../../workflows/contract.js';
import { NO_USAGE } from '../../workflows/usage.js';

const KEY = 'sk-ant-api03-nobodys-key-0123456789';
const usage = { inputTokens: 900, outputTokens: 40, cacheReadTokens: 0, cacheWriteTokens: 0 };
const entries: readonly JournalEntry[] = [
  {
    kind: 'session_started',
    session: 1,
    phase: 'initializer',
    model: 'claude-sonnet-5-5',
    systemHash: 'a',
    toolsHash: 'b',
    firstMessage: 'The spec: Bookmarks API',
  },
  {
    kind: 'model_response',
    turn: 1,
    messageId: 'msg_1',
    model: 'claude-sonnet-5-5-20261007',
    content: [
      { type: 'tool_use', id: 't1', name: 'bash', input: { command: `curl -H ${KEY}` }, caller: { type: 'direct' } },
    ],
    stopReason: 'tool_use',
    usage,
    costUsd: 0.0021,
  },
  { kind: 'tool_done', turn: 1, toolUseId: 't1', text: 'denied', isError: true },
  { kind: 'session_ended', reason: 'end_turn' },
];

const source: EvidenceSource = {
  progress: {
    contractVersion: 1,
    ...{
      status: 'needs_attention',
      projectName: 'Bookmarks',
      projectDir: '/home/ada/api/try_claude',
      model: 'claude-sonnet-5-5',
    },
    ...{ settings: DEFAULT_SETTINGS, session: 1, phase: 'initializer', tally: EMPTY_TALLY, usage: NO_USAGE },
    ...{ codingSessionsLeft: 3, waitingUntil: null, notes: 0, sandbox: 'bubblewrap 0.8.0', gates: [], events: [] },
    attention: {
      kind: 'bad_key',
      problem: `answered 401 to ${KEY} in /home/ada/api/try_claude/app`,
      cure: 'a valid key',
    },
  } as unknown as EvidenceSource['progress'],
  journals: [{ session: 1, entries }],
  startedAt: new Date('2026-11-23T12:00:00Z'),
  endedAt: new Date('2026-11-23T12:02:05Z'),
  versions: { node: 'v20.20.2' },
  ownServer: false,
};
const text = evidenceText(source, redactor([KEY]), { '/home/ada': 'HOME', '/home/ada/api/try_claude': 'PROJECT' });

it('evidence says who answered, turn by turn, and how it ended', () => {
  expect(JSON.parse(text)).toMatchObject({
    version: 1,
    day: '2026-11-23',
    seconds: 125,
    server: "the provider's own",
    sessions: [
      {
        phase: 'initializer',
        answeredBy: ['claude-sonnet-5-5-20261007'],
        turns: [{ turn: 1, stopReason: 'tool_use', blocks: ['tool_use bash'], usage, costUsd: 0.0021 }],
        toolErrors: 1,
        ended: 'end_turn',
      },
    ],
  });
});

it('evidence holds no key, no path of this machine, no prompt and no command', () => {
  for (const secret of [KEY, '/home/ada', 'try_claude', 'Bookmarks API', 'curl']) expect(text).not.toContain(secret);
  expect(text).toContain('answered 401 to [redacted] in PROJECT/app');
});

it('the README tells how many evidence files there are', () => {
  const directory = path.join(packageRoot, 'evidence');
  const count = existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith('.json')).length : 0;
  expect(readFileSync(path.join(packageRoot, 'README.md'), 'utf8')).toContain(`evidence files: ${count}`);
});
