/** What people see of a build: the answer of the `progress` query, and the live values in heartbeats. Shapes only. */
import type { Attention, BuildSettings, BuildStatus, GateResult, Phase, Tally, Usage } from './contract.js';

/** Answer of the `progress` query and result of the workflow. */
export interface Progress {
  readonly contractVersion: number;
  readonly status: BuildStatus;
  readonly projectName: string;
  readonly projectDir: string;
  readonly model: string;
  readonly settings: BuildSettings;
  readonly session: number;
  readonly phase: Phase | null;
  readonly tally: Tally;
  readonly usage: Usage;
  readonly codingSessionsLeft: number | null;
  /** Why the build waits or is parked, and the cure; null while it works. */
  readonly attention: Attention | null;
  readonly waitingUntil: string | null;
  /** ISO time after which no model is called (`maxHours`), or null. */
  readonly deadline: string | null;
  readonly notes: number;
  /** Number of the newest note that a session has read. */
  readonly notesDelivered: number;
  /** A pause after the session under way is asked for. */
  readonly draining: boolean;
  readonly sandbox: string;
  readonly gates: readonly GateResult[];
  /** Newest last, at most 20 lines. */
  readonly events: readonly string[];
}

/** Live values in heartbeat details: a hint for `status` and `watch`, never the checkpoint of record. < 1 kB. */
export interface Heartbeat {
  readonly session: number;
  readonly activity: 'session' | 'verify' | 'finish';
  readonly turn: number;
  readonly lastTool: string;
  /** Number of the newest note that the session has read. */
  readonly notesDelivered?: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly casesPassing: number;
  readonly casesTotal: number;
  readonly at: string;
}
