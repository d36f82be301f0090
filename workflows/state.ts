/**
 * The build as one readonly object, and the one decision made from it: what to do next. Pure: no I/O and no clock.
 * How events change it is in transitions.ts.
 */
import {
  type Attention,
  type BuildInput,
  type BuildSettings,
  type BuildStatus,
  type CarriedState,
  CONTRACT_VERSION,
  DEFAULT_SETTINGS,
  EMPTY_TALLY,
  type GateResult,
  type HumanAnswer,
  MAX_SPEC_BYTES,
  NO_USAGE,
  type Phase,
  type PreparedWorkspace,
  type SteerNote,
  type Tally,
  type Usage,
} from './contract.js';
import { NO_PROGRESS_LIMIT } from './policies.js';
import { addUsage, ceilingReached } from './usage.js';

export interface BuildState {
  readonly settings: BuildSettings;
  readonly prepared: PreparedWorkspace | null;
  readonly session: number;
  readonly sessionOpen: boolean;
  readonly verifyPending: boolean;
  readonly codingSessionsLeft: number | null;
  readonly listLocked: boolean;
  readonly paused: boolean;
  /** A pause is asked for once the session under way is verified. */
  readonly draining: boolean;
  readonly stopping: boolean;
  readonly attention: Attention | null;
  /** ISO time until which a `wait` outcome holds the build. */
  readonly waitingUntil: string | null;
  /** ISO time after which no model is called (`maxHours`), or null. */
  readonly deadline: string | null;
  readonly notes: readonly SteerNote[];
  /** Number of the newest note that a session has read. */
  readonly notesDelivered: number;
  readonly answers: readonly HumanAnswer[];
  /** Of ended sessions; `sessionUsage` is the open one's. */
  readonly usage: Usage;
  readonly sessionUsage: Usage;
  readonly tally: Tally;
  /** One line a feature that is set aside, at most ten: what a person is asked about. */
  readonly setAside: readonly string[];
  /** A person said "go on" to them; the next session opens them again. */
  readonly retrySetAside: boolean;
  /** Coding sessions in a row that made no feature pass. */
  readonly noProgress: number;
  readonly gates: readonly GateResult[];
  readonly events: readonly string[];
  /** What runs right now, for the page. */
  readonly running: 'prepare' | 'session' | 'verify' | 'finish' | null;
  readonly ended: 'done' | 'incomplete' | 'stopped' | null;
}

export type Step =
  | { readonly kind: 'prepare' }
  | { readonly kind: 'hold' }
  | { readonly kind: 'session'; readonly phase: Phase; readonly session: number }
  /** Between two sessions, where a drain ends in a pause. */
  | { readonly kind: 'rest' }
  | { readonly kind: 'verify' }
  | { readonly kind: 'finish'; readonly ending: 'done' | 'incomplete' }
  | { readonly kind: 'park'; readonly attention: Attention }
  | { readonly kind: 'end' };

/** Why a typed input cannot be built at all (the `temporal` CLI checks nothing), or undefined. */
export function inputProblem(input: Partial<BuildInput> | undefined): string | undefined {
  if (typeof input?.spec !== 'string' || input.spec.trim() === '')
    return 'input.spec is missing: give the text of the spec';
  if (input.spec.length > MAX_SPEC_BYTES)
    return `input.spec has ${input.spec.length} characters; at most ${MAX_SPEC_BYTES} are read`;
  if (typeof input.projectDir !== 'string' || !input.projectDir.startsWith('/')) {
    return `input.projectDir is ${JSON.stringify(input.projectDir) ?? 'missing'}: give an absolute path on the worker's machine`;
  }
  return undefined;
}

export function initialState(input: BuildInput): BuildState {
  const settings = { ...DEFAULT_SETTINGS, ...input.settings };
  const carried: Partial<CarriedState> = input.carried ?? {};
  return {
    settings,
    prepared: null,
    session: carried.session ?? 0,
    sessionOpen: carried.sessionOpen ?? false,
    verifyPending: carried.verifyPending ?? false,
    codingSessionsLeft: carried.codingSessionsLeft === undefined ? settings.maxIterations : carried.codingSessionsLeft,
    listLocked: carried.listLocked ?? false,
    paused: carried.paused ?? false,
    draining: carried.draining ?? false,
    stopping: false,
    attention: null,
    waitingUntil: null,
    deadline: carried.deadline ?? null,
    notes: carried.notes ?? [],
    notesDelivered: carried.notesDelivered ?? 0,
    answers: carried.answers ?? [],
    usage: carried.usage ?? NO_USAGE,
    sessionUsage: carried.sessionUsage ?? NO_USAGE,
    tally: carried.tally ?? EMPTY_TALLY,
    setAside: carried.setAside ?? [],
    retrySetAside: carried.retrySetAside ?? false,
    noProgress: carried.noProgress ?? 0,
    gates: [],
    events: carried.events ?? [],
    running: null,
    ended: null,
  };
}

/** What continue-as-new hands on: complete, so that nothing a person said or the build spent is lost. */
export function carry(state: BuildState): CarriedState {
  const { session, sessionOpen, verifyPending, codingSessionsLeft, listLocked, paused } = state;
  const { notes, answers, usage, sessionUsage, tally, noProgress, events, deadline } = state;
  const { setAside, retrySetAside, draining, notesDelivered } = state;
  return {
    contractVersion: CONTRACT_VERSION,
    ...{ session, sessionOpen, verifyPending, codingSessionsLeft, listLocked, paused },
    ...{ notes, answers, usage, sessionUsage, tally, noProgress, events, deadline },
    ...{ setAside, retrySetAside, draining, notesDelivered },
  };
}

/** The one decision of the build. Order matters: a person's word first, then unfinished work, then what is left. */
export function nextStep(state: BuildState): Step {
  const step = decided(state);
  return state.draining && step.kind === 'session' && !state.sessionOpen ? { kind: 'rest' } : step;
}

function decided(state: BuildState): Step {
  if (state.ended !== null || state.stopping) return { kind: 'end' };
  if (state.paused || state.attention !== null || state.waitingUntil !== null) return { kind: 'hold' };
  if (state.prepared === null) return { kind: 'prepare' };
  if (state.verifyPending) return { kind: 'verify' };
  if (state.sessionOpen) return spentUp(state) ?? { kind: 'session', phase: phaseOf(state), session: state.session };
  if (!state.listLocked)
    return stuck(state) ?? spentUp(state) ?? { kind: 'session', phase: 'initializer', session: state.session + 1 };
  return nextCodingStep(state);
}

function nextCodingStep(state: BuildState): Step {
  const { featuresTotal, featuresPassing, needsModel, waitingForAnswer, setAside = 0 } = state.tally;
  const open = featuresTotal - featuresPassing;
  const offline = state.settings.model === 'offline';
  if (open === 0) return { kind: 'finish', ending: 'done' };
  if (offline && open === needsModel) return { kind: 'finish', ending: 'incomplete' };
  if (open === waitingForAnswer + (offline ? needsModel : 0))
    return { kind: 'park', attention: questionsLeft(waitingForAnswer) };
  if (setAside > 0 && open === setAside + waitingForAnswer + (offline ? needsModel : 0))
    return { kind: 'park', attention: setAsideLeft(setAside, state.setAside) };
  if (state.codingSessionsLeft === 0) return { kind: 'finish', ending: 'incomplete' };
  return stuck(state) ?? spentUp(state) ?? { kind: 'session', phase: 'coding', session: state.session + 1 };
}

/** No session starts, or goes on, past a ceiling: the session itself checks it before each model call. */
function spentUp({ usage, sessionUsage, settings }: BuildState): Step | undefined {
  const reached = ceilingReached(addUsage(usage, sessionUsage), settings);
  return reached === null ? undefined : { kind: 'park', attention: { kind: 'budget', ...reached } };
}

/** Session after session without progress: the rule-based model would do the same again, a live one asks a person. */
function stuck({ settings, noProgress: count }: BuildState): Step | undefined {
  const offline = settings.model === 'offline';
  const limit = offline ? NO_PROGRESS_LIMIT.offline : NO_PROGRESS_LIMIT.live;
  if (count < limit) return undefined;
  return offline ? { kind: 'finish', ending: 'incomplete' } : { kind: 'park', attention: noProgress(limit) };
}

export function phaseOf(state: BuildState): Phase {
  return state.listLocked ? 'coding' : 'initializer';
}

export function statusOf(state: BuildState): BuildStatus {
  if (state.ended !== null) return state.ended;
  if (state.stopping) return 'stopped';
  if (state.running === null) {
    if (state.paused) return 'paused';
    if (state.attention !== null) return 'needs_attention';
    if (state.waitingUntil !== null) return 'waiting';
  }
  if (state.running === 'finish') return 'finishing';
  if (state.running === 'verify') return 'verifying';
  if (state.prepared === null) return 'preparing';
  return phaseOf(state) === 'initializer' ? 'initializing' : 'coding';
}

function questionsLeft(count: number): Attention {
  return {
    kind: 'questions',
    problem: `${count} feature${count === 1 ? ' waits' : 's wait'} for your answer; nothing else is left to do`,
    cure: 'nightshift status lists the questions; nightshift answer ID "…" goes on',
  };
}

function setAsideLeft(count: number, lines: readonly string[]): Attention {
  return {
    kind: 'set_aside',
    problem:
      `${count} feature${count === 1 ? '' : 's'} set aside after sessions without progress, and nothing else is left to do: ${lines.join('; ')}`.slice(
        0,
        2_000,
      ),
    cure: 'nightshift steer "…" with a hint, then nightshift resume tries them again; or nightshift stop',
  };
}

function noProgress(sessions: number): Attention {
  return {
    kind: 'no_progress',
    problem: `${sessions} coding sessions in a row made no further feature pass`,
    cure: 'nightshift steer "…" with a hint, then nightshift resume; or nightshift stop',
  };
}
