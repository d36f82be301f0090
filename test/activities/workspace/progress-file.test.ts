import { describe, expect, test } from '@jest/globals';
import { type ProgressEntry, withProgressEntry } from '../../../activities/workspace/progress-file.js';
import { EMPTY_TALLY } from '../../../workflows/contract.js';

const entry = (session: number, changes: Partial<ProgressEntry> = {}): ProgressEntry => ({
  session,
  phase: 'coding',
  tally: { ...EMPTY_TALLY, featuresTotal: 30, featuresPassing: 12, casesTotal: 140, casesPassing: 70 },
  newlyPassing: ['tasks-create', 'tasks-get'],
  regressed: [],
  next: ['tags-create'],
  ...changes,
});

describe('claude-progress.txt', () => {
  test('tells the counts, what passes now, what broke and what is next', () => {
    const text = withProgressEntry(null, entry(2, { regressed: ['users-list'] }));
    expect(text).toMatch(/^Progress\n=+\n/);
    expect(text.split('\n\n').at(-1)).toBe(
      [
        'Session 2: coding',
        '  Features passing: 12 of 30; test cases passing: 70 of 140',
        '  Newly passing: tasks-create, tasks-get',
        '  Broken by this session, mend first: users-list',
        '  Next: tags-create',
        '',
      ].join('\n'),
    );
  });

  test('gets one entry a session, in whatever spacing the agent left', () => {
    const once = withProgressEntry(null, entry(2));
    expect(withProgressEntry(once, entry(2, { next: [] }))).toBe(once);
    const twice = withProgressEntry(`${once}\nnote of the agent\n\n\n`, entry(3));
    expect(twice.match(/^Session \d+/gm)).toEqual(['Session 2', 'Session 3']);
    expect(twice).toContain('note of the agent\n\nSession 3');
  });

  test('keeps session 1 and session 11 apart', () => {
    const text = withProgressEntry(withProgressEntry(null, entry(11)), entry(1));
    expect(text.match(/^Session \d+/gm)).toEqual(['Session 11', 'Session 1']);
  });

  test('shortens long lists and says when nothing is open', () => {
    const ids = Array.from({ length: 11 }, (_, n) => `f-${n}`);
    const text = withProgressEntry(null, entry(1, { newlyPassing: ids, next: [] }));
    expect(text).toContain('f-7 and 3 more');
    expect(text).toContain('Next: nothing is open');
  });
});
