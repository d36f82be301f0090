import { describe, expect, it } from '@jest/globals';
import {
  type BuildInput,
  EMPTY_TALLY,
  NO_USAGE,
  type PreparedWorkspace,
  type SessionOutcome,
} from '../../workflows/contract.js';
import { answered, budgetRaised, noted } from '../../workflows/guidance.js';
import { type BuildState, carry, initialState, inputProblem, nextStep, statusOf } from '../../workflows/state.js';
import {
  drained,
  drainRequested,
  parked,
  pauseRequested,
  prepared,
  resumeRequested,
  sessionReturned,
  sessionStarted,
  stopRequested,
  verified,
} from '../../workflows/transitions.js';

const input: BuildInput = { spec: '# Spec', projectDir: '/srv/project' };
const workspace: PreparedWorkspace = {
  buildId: 'project-0123456789ab',
  projectName: 'Project',
  listLocked: false,
  lastSession: 0,
  unfinishedSession: null,
  tally: EMPTY_TALLY,
  searchAttributes: [],
  sandbox: 'none (test)',
};
const ended: SessionOutcome = {
  kind: 'ended',
  reason: 'end_turn',
  usage: { ...NO_USAGE, modelCalls: 3 },
  turns: 3,
  commit: 'c1',
};

/** A build whose list is locked, with `passing` of `total` features. */
function coding(passing: number, total: number, extra: Partial<BuildState> = {}): BuildState {
  const tally = { ...EMPTY_TALLY, featuresTotal: total, featuresPassing: passing };
  return { ...prepared(initialState(input), { ...workspace, listLocked: true, lastSession: 1, tally }), ...extra };
}

describe('the next step of a build', () => {
  it('prepares the workspace before anything else', () => {
    expect(nextStep(initialState(input))).toEqual({ kind: 'prepare' });
  });

  it('is the initializer while no list is locked, under the same number after a crash', () => {
    const fresh = prepared(initialState(input), workspace);
    expect(nextStep(fresh)).toEqual({ kind: 'session', phase: 'initializer', session: 1 });
    const crashed = prepared(initialState(input), { ...workspace, lastSession: 1, unfinishedSession: 1 });
    expect(nextStep(crashed)).toEqual({ kind: 'session', phase: 'initializer', session: 1 });
  });

  it('verifies first what an earlier run ended and did not verify, in its own phase', () => {
    const stopped = prepared(initialState(input), { ...workspace, lastSession: 1, unverifiedSession: 1 });
    expect(nextStep(stopped)).toEqual({ kind: 'verify' });
    expect(stopped.session).toBe(1);
  });

  it('verifies after every ended session, then goes on with the next number', () => {
    const after = sessionReturned(sessionStarted(coding(0, 3), 2), ended);
    expect(nextStep(after)).toEqual({ kind: 'verify' });
    const tally = { ...EMPTY_TALLY, featuresTotal: 3, featuresPassing: 1 };
    const known = verified(after, {
      kind: 'verified',
      tally,
      newlyPassing: 1,
      regressed: 0,
      commit: 'c',
      listLocked: true,
      failures: [],
    });
    expect(nextStep(known)).toEqual({ kind: 'session', phase: 'coding', session: 3 });
  });

  it('finishes as done when every feature passes, whatever else is set', () => {
    expect(nextStep(coding(3, 3, { codingSessionsLeft: 0, noProgress: 9 }))).toEqual({
      kind: 'finish',
      ending: 'done',
    });
  });

  it('finishes as incomplete when the coding sessions of this command are used up', () => {
    expect(nextStep(coding(1, 3, { codingSessionsLeft: 0 }))).toEqual({ kind: 'finish', ending: 'incomplete' });
  });

  it('starts no offline session when only statements for a model are open', () => {
    const tally = { ...EMPTY_TALLY, featuresTotal: 3, featuresPassing: 2, needsModel: 1 };
    expect(nextStep({ ...coding(2, 3), tally })).toEqual({ kind: 'finish', ending: 'incomplete' });
    const live = coding(2, 3);
    const step = nextStep({ ...live, tally, settings: { ...live.settings, model: 'claude-sonnet-5-5' } });
    expect(step).toEqual({ kind: 'session', phase: 'coding', session: 2 });
  });

  it('starts and continues no session past a ceiling, counting runs before this one', () => {
    const spent = { ...NO_USAGE, costUsd: 30 };
    const over = prepared(initialState(input), { ...workspace, usage: spent });
    expect(nextStep(over)).toMatchObject({ kind: 'park', attention: { kind: 'budget' } });
    const inMid = prepared(initialState(input), {
      ...workspace,
      lastSession: 1,
      unfinishedSession: 1,
      sessionUsage: spent,
    });
    expect(nextStep(inMid)).toMatchObject({ kind: 'park', attention: { kind: 'budget' } });
    const raised = budgetRaised(parked(inMid, { kind: 'budget', problem: 'p', cure: 'c' }), { maxCostUsd: 60 }, 0);
    expect(nextStep(raised)).toEqual({ kind: 'session', phase: 'initializer', session: 1 });
    expect(nextStep({ ...over, verifyPending: true })).toEqual({ kind: 'verify' }); // measuring costs nothing
  });

  it('goes on with others when a feature is set aside, parks when only such are left, and tries them again on resume', () => {
    const begun = sessionReturned(sessionStarted(coding(0, 3, { noProgress: 2 }), 2), ended);
    const outcome = (passing: number) => ({
      ...({ kind: 'verified', newlyPassing: 0, regressed: 0, commit: 'c', listLocked: true, failures: [] } as const),
      tally: { ...EMPTY_TALLY, featuresTotal: 3, featuresPassing: passing, setAside: 1 },
      setAside: ['tasks-create: 3 sessions, last: got 500'],
    });
    const others = verified(begun, outcome(1));
    expect(others.noProgress).toBe(0);
    expect(nextStep(others)).toMatchObject({ kind: 'session', phase: 'coding' });
    const left = verified(begun, outcome(2));
    const step = nextStep(left);
    if (step.kind !== 'park') throw new Error(`expected park, got ${step.kind}`);
    expect(step.attention).toMatchObject({
      kind: 'set_aside',
      problem: expect.stringContaining('tasks-create: 3 sessions'),
    });
    const resumed = resumeRequested(parked(left, step.attention));
    expect(resumed.retrySetAside).toBe(true);
    expect(nextStep(resumed)).toEqual({ kind: 'session', phase: 'coding', session: 3 });
    expect(sessionStarted(resumed, 3).retrySetAside).toBe(false);
  });

  it('rests between two sessions when a drain is asked for, never in one, and finishes rather than rests', () => {
    const begun = drainRequested(sessionStarted(coding(0, 2), 2));
    expect(nextStep(begun)).toMatchObject({ kind: 'session', session: 2 });
    expect(nextStep(sessionReturned(begun, ended))).toEqual({ kind: 'verify' });
    const between = drainRequested(coding(1, 2));
    expect(nextStep(between)).toEqual({ kind: 'rest' });
    expect(statusOf(drained(between))).toBe('paused');
    expect(nextStep(resumeRequested(drained(between)))).toMatchObject({ kind: 'session' });
    expect(nextStep(resumeRequested(between))).toMatchObject({ kind: 'session' });
    expect(nextStep(drainRequested(coding(2, 2)))).toEqual({ kind: 'finish', ending: 'done' });
  });

  it('acknowledges by number what a session has read', () => {
    const two = noted(noted(coding(0, 2), 'use UUIDs'), 'no tabs');
    const read = sessionReturned(sessionStarted(two, 2), { ...ended, notesDelivered: 2 });
    expect(read).toMatchObject({
      notesDelivered: 2,
      events: expect.arrayContaining(['notes 1 to 2 read in session 2']),
    });
  });

  it('asks a person instead of waiting when the build was told not to wait', () => {
    const wait: SessionOutcome = { kind: 'wait', reason: 'rate limit', until: '2026-11-23T12:00:00Z', usage: NO_USAGE };
    const begun = sessionStarted(coding(0, 3), 2);
    expect(sessionReturned(begun, wait)).toMatchObject({ waitingUntil: wait.until, attention: null });
    const impatient = { ...begun, settings: { ...begun.settings, waitForLimits: false } };
    const parkedThere = sessionReturned(impatient, wait);
    expect(parkedThere).toMatchObject({ waitingUntil: null, attention: { kind: 'limit' } });
    expect(nextStep(resumeRequested(parkedThere))).toEqual({ kind: 'session', phase: 'coding', session: 2 });
  });

  it('parks when only questions are left, and an answer lifts it', () => {
    const tally = { ...EMPTY_TALLY, featuresTotal: 2, featuresPassing: 1, waitingForAnswer: 1 };
    const state = { ...coding(1, 2), tally };
    const step = nextStep(state);
    if (step.kind !== 'park') throw new Error(`expected park, got ${step.kind}`);
    const held = parked(state, step.attention);
    expect(nextStep(held)).toEqual({ kind: 'hold' });
    expect(nextStep(answered(held, { questionId: 'q1', text: 'yes' })).kind).toBe('session');
  });

  it('gives up offline after two sessions without progress, and asks a person when a live model stalls', () => {
    expect(nextStep(coding(1, 3, { noProgress: 2 }))).toEqual({ kind: 'finish', ending: 'incomplete' });
    const live = coding(1, 3, { noProgress: 5 });
    expect(nextStep({ ...live, settings: { ...live.settings, model: 'claude-sonnet-5-5' } }).kind).toBe('park');
  });

  it('holds while paused, parked or waiting, and ends on stop even then', () => {
    for (const held of [pauseRequested(coding(0, 1)), { ...coding(0, 1), waitingUntil: '2026-01-01T00:00:00Z' }]) {
      expect(nextStep(held)).toEqual({ kind: 'hold' });
      expect(nextStep(resumeRequested(held)).kind).toBe('session');
      expect(nextStep(stopRequested(held))).toEqual({ kind: 'end' });
    }
  });
});

describe('a typed input', () => {
  it.each([
    [undefined, 'input.spec is missing'],
    [{ spec: ' ', projectDir: '/srv/p' }, 'input.spec is missing'],
    [{ spec: 'x', projectDir: 'relative' }, '"relative"'],
    [{ spec: 'x' }, 'missing'],
    [{ spec: 'x'.repeat(300_000), projectDir: '/srv/p' }, '300000 characters'],
  ])('that cannot be built is refused with the field and the value (%#)', (typed, why) => {
    expect(inputProblem(typed)).toContain(why);
  });

  it('needs no more than a spec and a directory', () => {
    expect(inputProblem(input)).toBeUndefined();
  });
});

describe('sessions', () => {
  it('count against the iterations once, however often they are paused and continued', () => {
    const begun = sessionStarted(coding(0, 3, { codingSessionsLeft: 2 }), 2);
    const again = sessionStarted(sessionReturned(begun, { kind: 'paused', turn: 4, usage: NO_USAGE }), 2);
    expect(again.codingSessionsLeft).toBe(1);
    expect(nextStep({ ...again, running: null })).toEqual({ kind: 'session', phase: 'coding', session: 2 });
  });

  it('add their usage once, when they end', () => {
    const use = { ...NO_USAGE, modelCalls: 2 };
    const paused = sessionReturned(sessionStarted(coding(0, 3), 2), { kind: 'paused', turn: 2, usage: use });
    const done = sessionReturned(sessionStarted(paused, 2), ended);
    expect(done.usage.modelCalls).toBe(3);
    expect(done.sessionUsage).toEqual(NO_USAGE);
  });
});

describe('what a person sees and what is carried', () => {
  it('names each status by what is true now', () => {
    expect(statusOf(initialState(input))).toBe('preparing');
    expect(statusOf(prepared(initialState(input), workspace))).toBe('initializing');
    expect(statusOf(coding(0, 1))).toBe('coding');
    expect(statusOf(coding(0, 1, { running: 'verify' }))).toBe('verifying');
    expect(statusOf(pauseRequested(coding(0, 1)))).toBe('paused');
    expect(statusOf(pauseRequested(coding(0, 1, { running: 'session' })))).toBe('coding');
  });

  it('comes through continue-as-new complete', () => {
    const state = answered(pauseRequested(coding(1, 3, { codingSessionsLeft: 4 })), { questionId: 'q', text: 't' });
    const next = initialState({ ...input, settings: state.settings, carried: carry(state) });
    expect(carry(next)).toEqual(carry(state));
    expect(next.paused).toBe(true);
  });
});
