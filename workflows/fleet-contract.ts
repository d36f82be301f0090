/**
 * The contract of `fleet`: many builds, a few at a time. Plain JSON, so that the `temporal` CLI can start one too.
 * A fleet only starts children and forwards messages: each build stays a build of its own, with its own id and page.
 */
import { defineQuery } from '@temporalio/workflow';
import type { BuildInput, BuildStatus, Tally } from './contract.js';

/** Longest input of a fleet in characters of its specs: below Temporal's limit of 2 MB a payload, with room for JSON. */
export const MAX_FLEET_CHARACTERS = 1_200_000;
const MAX_BUILDS = 200;
const MAX_CONCURRENCY = 32;

export interface FleetInput {
  readonly builds: readonly FleetBuild[];
  /** Builds that run at a time, 1 to 32. */
  readonly concurrency: number;
}

export interface FleetBuild {
  /** Workflow id of the child: the build's own id, so that `build`, `status` and `pause` find it as always. */
  readonly workflowId: string;
  readonly input: BuildInput;
}

/** `elsewhere`: a build with this id runs already, outside of the fleet, and is left alone. */
export type FleetState =
  | 'queued'
  | 'running'
  | 'failed'
  | 'elsewhere'
  | Extract<BuildStatus, 'done' | 'incomplete' | 'stopped'>;

export interface FleetRow {
  readonly workflowId: string;
  readonly projectDir: string;
  readonly state: FleetState;
  readonly tally: Tally | null;
  /** Why it failed; empty otherwise. */
  readonly problem: string;
}

export interface FleetProgress {
  readonly paused: boolean;
  readonly stopping: boolean;
  readonly concurrency: number;
  readonly rows: readonly FleetRow[];
}

export const fleetQuery = defineQuery<FleetProgress>('fleetProgress');

/** Why an input is no fleet, or undefined. A person may have typed it. */
export function fleetProblem(input: FleetInput | undefined): string | undefined {
  const builds = input?.builds;
  if (!Array.isArray(builds) || builds.length === 0)
    return 'builds is missing or empty: give [{"workflowId": …, "input": …}]';
  if (builds.length > MAX_BUILDS) return `${builds.length} builds; a fleet takes at most ${MAX_BUILDS}: split it`;
  const { concurrency } = input as FleetInput;
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > MAX_CONCURRENCY)
    return `concurrency is ${concurrency}; give a whole number from 1 to ${MAX_CONCURRENCY}`;
  const ids = (builds as readonly FleetBuild[]).map(({ workflowId }) => workflowId);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) return `the build ${twice} is listed twice: each needs a project directory of its own`;
  const characters = (builds as readonly FleetBuild[]).reduce(
    (sum, { input: build }) => sum + (build?.spec?.length ?? 0),
    0,
  );
  if (characters > MAX_FLEET_CHARACTERS)
    return `the specs have ${characters} characters together; a fleet takes ${MAX_FLEET_CHARACTERS}: split it`;
  return undefined;
}

/** `2 done, 1 running, 3 queued`: only the states that occur. */
export function fleetCounts(rows: readonly FleetRow[]): string {
  const counts = new Map<string, number>();
  for (const { state } of rows) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
}
