/**
 * How events change a build: functions from state and event to the next state. Pure; the workflow applies them.
 * What people say to it (notes, answers, budgets) is in guidance.ts.
 */
import {
  type Attention,
  NO_USAGE,
  type PreparedWorkspace,
  type SessionOutcome,
  type VerifyOutcome,
} from './contract.js';
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
  const sessionUsage = known ? outcome.usage : state.sessionUsage;
  const next = acknowledged({ ...state, running: null, sessionUsage }, outcome.notesDelivered ?? 0);
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

/** Notes up to this number have been read by a session. */
function acknowledged(state: BuildState, delivered: number): BuildState {
  if (delivered <= state.notesDelivered) return state;
  const which =
    delivered === state.notesDelivered + 1 ? `note ${delivered}` : `notes ${state.notesDelivered + 1} to ${delivered}`;
  return log({ ...state, notesDelivered: delivered }, `${which} read in session ${state.session}`);
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

/** A graceful drain: the session under way ends and is verified, then the build pauses. */
export function drainRequested(state: BuildState): BuildState {
  const known = state.paused || state.draining || state.ended !== null;
  return known ? state : log({ ...state, draining: true }, 'pause after this session requested');
}

/** The drain is through: between two sessions. */
export function drained(state: BuildState): BuildState {
  return log({ ...state, draining: false, paused: true }, `paused after session ${state.session}`);
}

/** Resume lifts a pause, a wait and a need for attention alike: the person says "go on". */
export function resumeRequested(state: BuildState): BuildState {
  const holds = state.paused || state.draining || state.attention !== null || state.waitingUntil !== null;
  if (!holds) return state;
  const retry = state.attention?.kind === 'set_aside';
  const tried = retry ? { retrySetAside: true, setAside: [], tally: { ...state.tally, setAside: 0 } } : {};
  return log(
    { ...state, ...tried, paused: false, draining: false, attention: null, waitingUntil: null, noProgress: 0 },
    'resumed',
  );
}

export function stopRequested(state: BuildState): BuildState {
  return state.stopping ? state : log({ ...state, stopping: true }, 'stop requested');
}

export function waitOver(state: BuildState): BuildState {
  return { ...state, waitingUntil: null };
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
