/**
 * How events change a build: functions from state and event to the next state. Pure; the workflow applies them.
 * Rules for what people may send (`…Problem`) live here too, so that validator, signal and CLI share one.
 */
import {
  type Attention,
  type HumanAnswer,
  NO_USAGE,
  type PreparedWorkspace,
  type SessionOutcome,
  type VerifyOutcome,
} from './contract.js';
import type { BudgetRequest } from './messages.js';
import { type BuildState, phaseOf } from './state.js';
import { addUsage } from './usage.js';

/** Lines kept for the progress page. */
const MAX_EVENTS = 20;

export function prepared(state: BuildState, workspace: PreparedWorkspace): BuildState {
  const unfinished = workspace.unfinishedSession;
  return log(
    {
      ...state,
      prepared: workspace,
      listLocked: workspace.listLocked,
      tally: workspace.tally,
      setAside: workspace.setAside ?? [],
      usage: workspace.usage ?? state.usage,
      sessionUsage: workspace.sessionUsage ?? state.sessionUsage,
      session: Math.max(state.session, workspace.lastSession),
      sessionOpen: unfinished !== null,
      verifyPending: workspace.unverifiedSession != null,
    },
    unfinished === null ? `workspace ready, sandbox: ${workspace.sandbox}` : `session ${unfinished} continues`,
  );
}

export function sessionStarted(state: BuildState, session: number): BuildState {
  const fresh = session !== state.session;
  const counts = fresh && phaseOf(state) === 'coding' && state.codingSessionsLeft !== null;
  return {
    ...state,
    session,
    sessionOpen: true,
    running: 'session',
    retrySetAside: fresh ? false : state.retrySetAside,
    codingSessionsLeft: counts ? Math.max(0, (state.codingSessionsLeft ?? 0) - 1) : state.codingSessionsLeft,
  };
}

export function sessionReturned(state: BuildState, outcome: SessionOutcome): BuildState {
  // an attempt that ended before it opened its journal knows of no usage
  const known = outcome.usage.modelCalls >= state.sessionUsage.modelCalls;
  const next = { ...state, running: null, sessionUsage: known ? outcome.usage : state.sessionUsage };
  switch (outcome.kind) {
    case 'ended':
      return log(
        {
          ...next,
          sessionOpen: false,
          verifyPending: true,
          usage: addUsage(state.usage, outcome.usage),
          sessionUsage: NO_USAGE,
        },
        `session ${state.session} (${phaseOf(state)}) ended after ${outcome.turns} turns: ${outcome.reason}`,
      );
    case 'wait':
      if (!state.settings.waitForLimits) return parked(next, limitReached(outcome));
      return log({ ...next, waitingUntil: outcome.until }, `waiting until ${outcome.until}: ${outcome.reason}`);
    case 'paused':
      return log(next, `session ${state.session} paused at turn ${outcome.turn}`);
    case 'needs_attention':
      return parked(next, outcome.attention);
  }
}

/** With `waitForLimits` off a person decides whether to wait. */
function limitReached({ reason, until }: SessionOutcome & { kind: 'wait' }): Attention {
  return {
    kind: 'limit',
    problem: `${reason}; it is said to pass at ${until}, and this build was told not to wait`,
    cure: 'nightshift resume goes on with the same session (after that time, or with another key)',
  };
}

export function verified(state: BuildState, outcome: VerifyOutcome): BuildState {
  const next = { ...state, running: null };
  if (outcome.kind === 'paused') return next;
  if (outcome.kind === 'needs_attention') return parked(next, outcome.attention);
  const { tally, newlyPassing, regressed } = outcome;
  const wasCoding = state.listLocked;
  const aside = tally.setAside ?? 0;
  // setting a feature aside is a step too: the next session works on another
  const stood = wasCoding ? newlyPassing === 0 && aside <= (state.tally.setAside ?? 0) : !outcome.listLocked;
  // `of`, because the Web UI shows 5/10 as a fraction
  const line = `session ${state.session} verified: ${tally.featuresPassing} of ${tally.featuresTotal} features, ${tally.casesPassing} of ${tally.casesTotal} test cases`;
  return log(
    {
      ...next,
      verifyPending: false,
      tally,
      setAside: outcome.setAside ?? [],
      listLocked: outcome.listLocked,
      noProgress: stood ? state.noProgress + 1 : 0,
    },
    [line, regressed > 0 ? `; ${regressed} regressed` : '', aside > 0 ? `; ${aside} set aside` : ''].join(''),
  );
}

export function parked(state: BuildState, attention: Attention): BuildState {
  return log({ ...state, running: null, attention }, `needs attention: ${attention.problem}`);
}

export function pauseRequested(state: BuildState): BuildState {
  return state.paused || state.ended !== null ? state : log({ ...state, paused: true }, 'pause requested');
}

/** Resume lifts a pause, a wait and a need for attention alike: the person says "go on". */
export function resumeRequested(state: BuildState): BuildState {
  const holds = state.paused || state.attention !== null || state.waitingUntil !== null;
  if (!holds) return state;
  const retry = state.attention?.kind === 'set_aside';
  const tried = retry ? { retrySetAside: true, setAside: [], tally: { ...state.tally, setAside: 0 } } : {};
  return log({ ...state, ...tried, paused: false, attention: null, waitingUntil: null, noProgress: 0 }, 'resumed');
}

export function stopRequested(state: BuildState): BuildState {
  return state.stopping ? state : log({ ...state, stopping: true }, 'stop requested');
}

export function waitOver(state: BuildState): BuildState {
  return { ...state, waitingUntil: null };
}

/** Why a note is refused, or undefined: one rule for the validator, the signal and the CLI. */
export function noteProblem(state: BuildState, note: unknown): string | undefined {
  if (typeof note !== 'string' || note.trim() === '') return 'the note is empty; say what the agent should do';
  if (note.length > 4_000) return `the note has ${note.length} characters; at most 4,000`;
  if (held(state) + note.length > MAX_HELD_CHARACTERS)
    return 'this build holds as many notes and answers as it can; put standing instructions into the spec';
  if (state.notes.length >= 200) return 'this build already holds 200 notes; put standing instructions into the spec';
  return undefined;
}

/** The same words twice in a row are one message: an update that nobody answered in time is sent again as a signal. */
export function noted(state: BuildState, note: string): BuildState {
  if (state.notes.at(-1)?.note === note) return state;
  const number = state.notes.length + 1;
  return log({ ...state, notes: [...state.notes, { number, note }] }, `note ${number} received`);
}

/** Characters of every note and answer: they travel in each session's input, which must stay far below 512 kB. */
const MAX_HELD_CHARACTERS = 200_000;

function held({ notes, answers }: BuildState): number {
  const texts = [...notes.map(({ note }) => note), ...answers.map(({ text }) => text)];
  return texts.reduce((sum, text) => sum + text.length, 0);
}

export function answerProblem(
  state: BuildState,
  answer: { questionId?: unknown; text?: unknown } | undefined,
): string | undefined {
  if (typeof answer?.questionId !== 'string' || answer.questionId === '' || answer.questionId.length > 200)
    return 'questionId is missing or no id; `status` lists open questions';
  if (typeof answer.text !== 'string' || answer.text.trim() === '') return 'the answer is empty';
  if (answer.text.length > 4_000) return `the answer has ${answer.text.length} characters; at most 4,000`;
  if (held(state) + answer.text.length > MAX_HELD_CHARACTERS || state.answers.length >= 400)
    return 'this build holds as many notes and answers as it can';
  return undefined;
}

/** An answer also lifts the parking that only questions caused. One that is here already changes nothing. */
export function answered(state: BuildState, answer: HumanAnswer): BuildState {
  const known = state.answers.some(({ questionId, text }) => questionId === answer.questionId && text === answer.text);
  if (known) return state;
  const attention = state.attention?.kind === 'questions' ? null : state.attention;
  const tally = { ...state.tally, waitingForAnswer: Math.max(0, state.tally.waitingForAnswer - 1) };
  return log(
    { ...state, tally, attention, answers: [...state.answers, answer] },
    `answer to ${answer.questionId} received`,
  );
}

/** `now` in ms: hours count from the moment they are given. A raise lifts the parking that a ceiling caused. */
export function budgetRaised(state: BuildState, budget: BudgetRequest, now: number): BuildState {
  const { maxIterations, maxHours, ...ceilings } = budget;
  const given = Object.fromEntries(Object.entries(ceilings).filter(([, value]) => value !== undefined));
  const next = {
    ...state,
    settings: { ...state.settings, ...given, ...(maxHours === undefined ? {} : { maxHours }) },
    codingSessionsLeft: maxIterations === undefined ? state.codingSessionsLeft : maxIterations,
    deadline: maxHours === undefined ? state.deadline : deadlineOf(maxHours, now),
    attention: state.attention?.kind === 'budget' ? null : state.attention,
  };
  return log(next, `budget changed: ${JSON.stringify(budget)}`);
}

/** ISO time at which so many hours from `now` (ms) are over. */
export const deadlineOf = (hours: number | null, now: number): string | null =>
  hours === null ? null : new Date(now + hours * 3_600_000).toISOString();

/** Why a budget is refused, or undefined. */
export function budgetProblem(
  budget: { readonly [name in keyof BudgetRequest]?: unknown } | undefined,
): string | undefined {
  const { maxIterations, ...amounts } = budget ?? {};
  const given = Object.entries({
    maxCostUsd: amounts.maxCostUsd,
    maxTokens: amounts.maxTokens,
    maxHours: amounts.maxHours,
  });
  if (maxIterations === undefined && given.every(([, value]) => value === undefined))
    return 'give maxIterations, maxCostUsd, maxTokens or maxHours';
  if (maxIterations != null && !(Number.isInteger(maxIterations) && Number(maxIterations) >= 0))
    return `maxIterations is ${JSON.stringify(maxIterations)}; give a whole number from 0, or null for no limit`;
  for (const [name, value] of given) {
    if (value != null && !(typeof value === 'number' && value > 0 && value <= 1e12))
      return `${name} is ${JSON.stringify(value)}; give an amount above 0, or null for no limit`;
  }
  return undefined;
}

/** A running session's word that a feature turned green: a hint for the page until `verify` measures it. */
export function checkpointed(
  state: BuildState,
  report: { readonly session: number; readonly casesPassing: number } | undefined,
): BuildState {
  if (report?.session !== state.session) return state; // people can send this one too, with anything in it
  return log(state, `session ${report.session}: ${report.casesPassing} test cases pass on the work tree`);
}

export function ended(state: BuildState, ending: 'done' | 'incomplete' | 'stopped'): BuildState {
  const { featuresPassing, featuresTotal } = state.tally;
  return log({ ...state, ended: ending }, `${ending}: ${featuresPassing} of ${featuresTotal} features pass`);
}

export function log(state: BuildState, event: string): BuildState {
  return { ...state, events: [...state.events, event.slice(0, 300)].slice(-MAX_EVENTS) };
}
