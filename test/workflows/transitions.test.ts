import { describe, expect, it } from '@jest/globals';
import { answered, answerProblem, budgetProblem, budgetRaised, noted, noteProblem } from '../../workflows/guidance.js';
import { initialState } from '../../workflows/state.js';
import { checkpointed, log } from '../../workflows/transitions.js';

const state = initialState({ spec: '# Spec', projectDir: '/srv/project' });

describe('what people may send', () => {
  it.each([
    [undefined, 'empty'],
    ['   ', 'empty'],
    ['x'.repeat(4_001), '4001 characters'],
  ])('refuses the note %#', (note, why) => {
    expect(noteProblem(state, note)).toContain(why);
  });

  it('numbers notes in order of arrival', () => {
    const two = noted(noted(state, 'first'), 'second');
    expect(two.notes).toEqual([
      { number: 1, note: 'first' },
      { number: 2, note: 'second' },
    ]);
  });

  it('refuses an answer without a question or text', () => {
    expect(answerProblem(state, { text: 'yes' })).toContain('questionId');
    expect(answerProblem(state, { questionId: 'q'.repeat(201), text: 'yes' })).toContain('no id');
    expect(answerProblem(state, { questionId: 'q1', text: '' })).toContain('empty');
    expect(answerProblem(state, { questionId: 'q1', text: 'yes' })).toBeUndefined();
  });

  it('takes the same note or answer twice in a row as one: an update unanswered in time is sent again as a signal', () => {
    const once = noted(state, 'first');
    expect(noted(once, 'first')).toBe(once);
    const told = answered(state, { questionId: 'q1', text: 'yes' });
    expect(answered(told, { questionId: 'q1', text: 'yes' })).toBe(told);
    expect(answered(told, { questionId: 'q1', text: 'no' }).answers).toHaveLength(2);
  });

  it('refuses notes and answers beyond what a session input may carry', () => {
    let full = state;
    for (let i = 0; i < 50; i += 1) full = noted(full, `${i} `.padEnd(4_000, 'x'));
    expect(noteProblem(full, 'one more')).toContain('as many notes and answers as it can');
    expect(answerProblem(full, { questionId: 'q1', text: 'yes' })).toContain('as many notes and answers as it can');
  });

  it('ignores a checkpoint of another session, or one that people sent with nothing in it', () => {
    expect(checkpointed(state, undefined)).toBe(state);
    expect(checkpointed(state, { session: 7, casesPassing: 3 })).toBe(state);
  });

  it.each([
    [{}, 'give maxIterations'],
    [{ maxIterations: 1.5 }, '1.5'],
    [{ maxIterations: -1 }, '-1'],
    [{ maxCostUsd: 0 }, '0'],
    [{ maxTokens: 'many' }, 'many'],
    [{ maxHours: -3 }, '-3'],
  ])('refuses the budget %j and names the value', (budget, why) => {
    expect(budgetProblem(budget)).toContain(why);
  });

  it('replaces what is left of the iterations and may lift a limit', () => {
    const three = budgetRaised(state, { maxIterations: 3 }, 0);
    expect(three.codingSessionsLeft).toBe(3);
    expect(budgetRaised(three, { maxIterations: null }, 0).codingSessionsLeft).toBeNull();
    expect(budgetRaised(state, { maxCostUsd: 5 }, 0).settings.maxCostUsd).toBe(5);
    expect(budgetRaised(state, { maxTokens: null }, 0).settings).toMatchObject({ maxTokens: null, maxCostUsd: 30 });
  });

  it('counts hours from the moment they are given', () => {
    expect(budgetRaised(state, { maxHours: 2 }, 0).deadline).toBe('1970-01-01T02:00:00.000Z');
    expect(budgetRaised(budgetRaised(state, { maxHours: 2 }, 0), { maxHours: null }, 0).deadline).toBeNull();
  });

  it('lifts the parking that a ceiling caused, and no other', () => {
    const held = (kind: string) => ({ ...state, attention: { kind, problem: 'p', cure: 'c' } });
    expect(budgetRaised(held('budget'), { maxCostUsd: 60 }, 0).attention).toBeNull();
    expect(budgetRaised(held('bad_key'), { maxCostUsd: 60 }, 0).attention).not.toBeNull();
  });
});

describe('the log of events', () => {
  it('keeps the newest twenty, each bounded', () => {
    let long = state;
    for (let i = 0; i < 25; i += 1) long = log(long, `${i} ${'x'.repeat(400)}`);
    expect(long.events).toHaveLength(20);
    expect(long.events[0]).toMatch(/^5 x/);
    expect(Math.max(...long.events.map((event) => event.length))).toBe(300);
  });
});
