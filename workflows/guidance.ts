/**
 * What people say to a build: notes, answers, budgets. Pure functions from state and message to the next state, and for
 * each message why it is refused (`…Problem`), so that validator, signal and CLI share one rule.
 */
import type { HumanAnswer } from './contract.js';
import type { BudgetRequest } from './messages.js';
import type { BuildState } from './state.js';
import { log } from './transitions.js';

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
