/**
 * The contract between clients, the workflow and the activities: plain JSON shapes, bounded, versioned.
 * Imported by everyone; imports only settings.ts and usage.ts. The `temporal` CLI and the Web UI speak it too, so every message takes at
 * most one object and every field is something a person can type.
 */
import type { BuildSettings } from './settings.js';
import type { Usage } from './usage.js';

export { type BuildSettings, DEFAULT_SETTINGS } from './settings.js';
export { NO_USAGE, type Usage } from './usage.js';

/** Raised whenever a shape below changes so that an older worker or CLI would misread it. */
export const CONTRACT_VERSION = 1;

/** Workflows and short activities. The name is public: `temporal workflow start --task-queue nightshift`. */
export const BUILD_TASK_QUEUE = 'nightshift';
/** Sessions and verifications: minutes to hours each, so they must not starve the short ones. */
export const SESSION_TASK_QUEUE = 'nightshift-sessions';

/** Longest spec accepted, in UTF-8 bytes: leaves room under Temporal's payload warning of 512 kB. */
export const MAX_SPEC_BYTES = 256 * 1024;

/** Input of `buildBackend`. Only `spec` and `projectDir` are required. */
export interface BuildInput {
  readonly spec: string;
  /** Absolute path of the project directory on the worker's machine. */
  readonly projectDir: string;
  readonly settings?: Partial<BuildSettings>;
  /** Carried across continue-as-new; never typed by a person. */
  readonly carried?: CarriedState;
}

export type BuildStatus =
  | 'preparing'
  | 'initializing'
  | 'coding'
  | 'verifying'
  | 'waiting'
  | 'paused'
  | 'needs_attention'
  | 'finishing'
  | 'done'
  | 'incomplete'
  | 'stopped';

/** Counts that progress, search attributes and exit codes are made of. */
export interface Tally {
  readonly featuresTotal: number;
  readonly featuresPassing: number;
  readonly casesTotal: number;
  readonly casesPassing: number;
  /** Features that only a model can do (state `needs_model`). */
  readonly needsModel: number;
  /** Features with an unanswered `ask_human` question. */
  readonly waitingForAnswer: number;
  /** Features that sessions brought no further, left for a person (activities/workspace/stalls.ts). */
  readonly setAside?: number;
}

export const EMPTY_TALLY: Tally = {
  featuresTotal: 0,
  featuresPassing: 0,
  casesTotal: 0,
  casesPassing: 0,
  needsModel: 0,
  waitingForAnswer: 0,
};

/** A person's note to the agent, numbered in order of arrival. */
export interface SteerNote {
  readonly number: number;
  readonly note: string;
}

/** A person's answer to an `ask_human` question. */
export interface HumanAnswer {
  readonly questionId: string;
  readonly text: string;
}

export type Phase = 'initializer' | 'coding';

/** What the workflow hands on when it continues as new. */
export interface CarriedState {
  readonly contractVersion: number;
  readonly session: number;
  /** True while `session` is begun and not ended: it continues under the same number. */
  readonly sessionOpen: boolean;
  readonly verifyPending: boolean;
  readonly codingSessionsLeft: number | null;
  readonly listLocked: boolean;
  readonly paused: boolean;
  readonly notes: readonly SteerNote[];
  readonly answers: readonly HumanAnswer[];
  readonly usage: Usage;
  readonly sessionUsage: Usage;
  readonly tally: Tally;
  readonly noProgress: number;
  readonly events: readonly string[];
  /** ISO time of `maxHours`, or null. */
  readonly deadline?: string | null;
  readonly setAside?: readonly string[];
  readonly retrySetAside?: boolean;
  readonly draining?: boolean;
  readonly notesDelivered?: number;
}

// ---- activities -----------------------------------------------------------------------------------------------

/** Everything an activity needs to find a build again; small, and the same on every call. */
export interface BuildReference {
  readonly workflowId: string;
  readonly projectDir: string;
  readonly settings: BuildSettings;
}

export interface PrepareRequest extends BuildReference {
  readonly spec: string;
}

export interface PreparedWorkspace {
  /** `<slug>-<12 hex>`; also the name of the build's folder in the state directory. */
  readonly buildId: string;
  readonly projectName: string;
  /** True when the list is locked and its initializer's session is recorded: the initializer is not repeated. */
  readonly listLocked: boolean;
  /** Highest session number in the state directory, 0 when none. */
  readonly lastSession: number;
  /** Session number that was begun and not ended (crash, terminate), if any: it continues. */
  readonly unfinishedSession: number | null;
  /** Session number that ended and was not verified (stop, terminate), if any: it is verified first. */
  readonly unverifiedSession?: number | null;
  readonly tally: Tally;
  /** Of every session that ended, and of the one that did not, as their journals tell: runs before this one included. */
  readonly usage?: Usage;
  readonly sessionUsage?: Usage;
  /** One line a feature that is set aside, at most ten. */
  readonly setAside?: readonly string[];
  /** Names of the search attributes that exist on this server; only these may be upserted. */
  readonly searchAttributes: readonly string[];
  /** One line: which sandbox runs the agent's commands, e.g. `bubblewrap 0.8.0` or `none (reason)`. */
  readonly sandbox: string;
}

export interface SessionRequest extends BuildReference {
  readonly session: number;
  readonly phase: Phase;
  readonly notes: readonly SteerNote[];
  readonly answers: readonly HumanAnswer[];
  /** What the sessions before this one have spent. */
  readonly spent: Usage;
  /** ISO time after which no model is called, or null. */
  readonly deadline: string | null;
  /** A person said "go on" to features that were set aside: they are open again. */
  readonly retrySetAside?: boolean;
}

/** Why and how to mend: shown to the person, never parsed. */
export interface Attention {
  readonly kind: string;
  /** What happened, to which value. */
  readonly problem: string;
  /** What to do now. */
  readonly cure: string;
}

/**
 * How a session's activity can end. Infrastructure faults are thrown instead (activities/failures.ts).
 * `usage` is the whole session's so far, crashed attempts and earlier stretches included.
 */
export type SessionOutcome = (
  | {
      readonly kind: 'ended';
      readonly reason: SessionEnd;
      readonly usage: Usage;
      readonly turns: number;
      readonly commit: string;
    }
  | { readonly kind: 'wait'; readonly reason: string; readonly until: string; readonly usage: Usage }
  /** Cancelled by the workflow (pause, stop or cancel: the workflow knows which); continues at the next turn. */
  | { readonly kind: 'paused'; readonly turn: number; readonly usage: Usage }
  | { readonly kind: 'needs_attention'; readonly attention: Attention; readonly usage: Usage }
) & {
  /** Number of the newest steer note in the session's journal, 0 when none. */
  readonly notesDelivered?: number;
};

export type SessionEnd = 'end_turn' | 'turn_limit' | 'token_limit' | 'time_limit' | 'refusal';

export interface VerifyRequest extends BuildReference {
  readonly session: number;
}

export type VerifyOutcome =
  | {
      readonly kind: 'verified';
      readonly tally: Tally;
      readonly newlyPassing: number;
      readonly regressed: number;
      readonly commit: string;
      readonly listLocked: boolean;
      /** At most ten lines a person reads: what failed first. */
      readonly failures: readonly string[];
      /** One line a feature that is set aside, at most ten. */
      readonly setAside?: readonly string[];
    }
  | { readonly kind: 'paused' }
  | { readonly kind: 'needs_attention'; readonly attention: Attention };

export type FinishRequest = BuildReference;

/** A gate measured once at finish: coverage, ruff, mypy, migrations. */
export interface GateResult {
  readonly name: string;
  readonly passed: boolean;
  readonly detail: string;
}

export type FinishOutcome =
  | { readonly kind: 'finished'; readonly tally: Tally; readonly gates: readonly GateResult[]; readonly commit: string }
  | { readonly kind: 'paused' };

/** The activities as the workflow sees them. */
export interface BuildActivities {
  prepareWorkspace(request: PrepareRequest): Promise<PreparedWorkspace>;
  runSession(request: SessionRequest): Promise<SessionOutcome>;
  verify(request: VerifyRequest): Promise<VerifyOutcome>;
  finishBuild(request: FinishRequest): Promise<FinishOutcome>;
}
