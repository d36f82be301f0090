/**
 * What a person may tell a build, with the defaults. Part of the contract: plain values, each something that can be typed.
 */

/** What a build may be told. All optional for the person who types it; `settingsWithDefaults` completes it. */
export interface BuildSettings {
  /** Model id, or `offline`. */
  readonly model: string;
  /** How many test cases the initializer must propose, inclusive. */
  readonly testCount: { readonly min: number; readonly max: number };
  /** Text appended to both prompts. */
  readonly extraInstructions: string;
  /** Further coding sessions allowed from now; null = until done. */
  readonly maxIterations: number | null;
  /** Ceiling in USD for the whole build, every run of it summed; null = none. */
  readonly maxCostUsd: number | null;
  /** Ceiling in tokens for models without a known price; null = none. */
  readonly maxTokens: number | null;
  /** Hours from the start of this run, waits included, after which no model is called; null = none. */
  readonly maxHours: number | null;
  /** Wait for rate and usage limits over 60 s to pass; false = park and ask a person instead. */
  readonly waitForLimits: boolean;
  /** Model calls in one session before it is ended and verified. */
  readonly maxTurns: number;
  /** Pause between sessions, in seconds: time for a person to read and interrupt. */
  readonly delaySeconds: number;
  /** A live model may run without a sandbox only when a person said so. */
  readonly allowUnsandboxed: boolean;
  /** Seconds without a heartbeat after which a session's worker counts as dead; 4 to 300. */
  readonly heartbeatSeconds: number;
}

export const DEFAULT_SETTINGS: BuildSettings = {
  model: 'offline',
  testCount: { min: 100, max: 200 },
  extraInstructions: '',
  maxIterations: null,
  maxCostUsd: 30,
  maxTokens: 20_000_000,
  maxHours: null,
  waitForLimits: true,
  maxTurns: 200,
  delaySeconds: 3,
  allowUnsandboxed: false,
  heartbeatSeconds: 30,
};
