import { describe, expect, it } from '@jest/globals';
import { closing, duration, eventLines, statusBlock } from '../../scripts/build-view.js';
import { DEFAULT_SETTINGS, EMPTY_TALLY, NO_USAGE } from '../../workflows/contract.js';
import type { Heartbeat, Progress } from '../../workflows/progress.js';

const progress: Progress = {
  contractVersion: 1,
  status: 'coding',
  projectName: 'Notes',
  projectDir: '/srv/notes',
  model: 'offline',
  settings: DEFAULT_SETTINGS,
  session: 3,
  phase: 'coding',
  tally: { ...EMPTY_TALLY, featuresTotal: 10, featuresPassing: 5, casesTotal: 40, casesPassing: 21 },
  usage: { ...NO_USAGE, modelCalls: 12, inputTokens: 25_000, outputTokens: 900 },
  codingSessionsLeft: null,
  attention: null,
  waitingUntil: null,
  deadline: null,
  notes: 0,
  notesDelivered: 0,
  draining: false,
  sandbox: 'bubblewrap 0.8.0',
  gates: [{ name: 'ruff', passed: true, detail: 'clean' }],
  events: [],
};
const at = '2026-01-01T00:00:00Z';

describe('the live view', () => {
  it('shows session, bar, counts, tokens and elapsed time within the width of the terminal', () => {
    const block = statusBlock(progress, null, { elapsedMs: 65_000, columns: 64, hint: 'Ctrl+C pauses' });
    expect(block).toContain('session 3 (coding)');
    expect(block).toContain('5/10 features · 21/40 test cases');
    expect(block).toContain('25k tokens in');
    expect(block).toContain('1 min 5 s');
    expect(Math.max(...block.split('\n').map((line) => line.length))).toBeLessThanOrEqual(64);
  });

  it('writes one line a tool call with its duration', () => {
    const lines = eventLines({
      at,
      kind: 'tool',
      name: 'bash',
      summary: 'pytest -q',
      durationMs: 1_234,
      isError: false,
    });
    expect(lines).toEqual(['[Tool: bash] pytest -q 1.2 s']);
  });

  it('lets no control character of a model or a tool reach the terminal', () => {
    const lines = eventLines({ at, kind: 'text', text: 'a\u001b[31mred\u0007\nb' });
    expect(lines).toEqual(['a [31mred', 'b']);
  });

  it.each([
    [59_999, '59 s'],
    [3_600_000, '1 h 0 min'],
  ])('says %i ms as %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});

describe('what changes from moment to moment', () => {
  const beat = { session: 3, turn: 0, lastTool: '', inputTokens: 0, outputTokens: 0, at } as const;

  it('names the turn and the tool of a session', () => {
    const heartbeat = {
      ...beat,
      activity: 'session',
      turn: 5,
      lastTool: 'check: users',
      casesPassing: 0,
      casesTotal: 0,
    };
    expect(
      statusBlock(progress, heartbeat as Heartbeat, { elapsedMs: 0, columns: 100, hint: 'Ctrl+C pauses' }),
    ).toContain('coding · turn 5 · check: users');
  });

  it('names the cases of a verification, which has no turns', () => {
    const heartbeat = { ...beat, activity: 'verify', lastTool: 'test cases', casesPassing: 7, casesTotal: 9 };
    const block = statusBlock({ ...progress, status: 'verifying' }, heartbeat as Heartbeat, {
      elapsedMs: 0,
      columns: 100,
      hint: 'Ctrl+C pauses',
    });
    expect(block).toContain('verifying · test cases · 7/9 passed');
    expect(block).not.toContain('turn');
  });

  it('says that there is no list before there is one', () => {
    expect(
      statusBlock({ ...progress, tally: EMPTY_TALLY }, null, { elapsedMs: 0, columns: 100, hint: 'Ctrl+C pauses' }),
    ).toContain('no feature list yet');
  });

  it('shows the first open cases of a verification without the answers, and how many more there are', () => {
    const failures = [1, 2, 3, 4, 5].map((n) => `f-${n}: case: expected status 201, got status 404; answered 404 {}`);
    expect(eventLines({ at, kind: 'verified', line: 'session 2', failures })).toEqual([
      '[Verified] session 2',
      '  open: f-1: case: expected status 201, got status 404',
      '  open: f-2: case: expected status 201, got status 404',
      '  open: f-3: case: expected status 201, got status 404',
      '  … 2 more like these',
    ]);
  });
});

describe('the last words', () => {
  const say = (change: Partial<Progress>): string =>
    closing({ ...progress, ...change }, './nightshift', 'notes').join('\n');

  it('of a finished build give the counts, the gates, the path and what to type next', () => {
    const text = say({ status: 'done' });
    expect(text).toContain('✓ ruff');
    expect(text).toContain('/srv/notes');
    expect(text).toContain('nightshift serve notes');
  });

  it('of a paused build promise nothing lost and name the command that resumes', () => {
    expect(say({ status: 'paused' })).toBe('paused; nothing lost; resume: ./nightshift build --project-dir notes');
  });

  it('of a parked build give the problem, the cure and the command', () => {
    const text = say({ status: 'needs_attention', attention: { kind: 'x', problem: 'no key', cure: 'set it' } });
    expect(text).toContain('no key');
    expect(text).toContain('set it');
    expect(text).toContain('./nightshift resume --project-dir notes');
  });

  it('of a build with statements for a model say how many and how to go on', () => {
    const text = say({ status: 'incomplete', tally: { ...progress.tally, needsModel: 2 } });
    expect(text).toContain('2 statements');
    expect(text).toContain('--model claude-');
  });
});
