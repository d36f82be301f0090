/** `status`: where every build stands, from what answers within 3 s; says so when no worker or server does. */

import type { Client } from '@temporalio/client';
import { quote } from 'shell-quote';
import type { FleetProgress } from '../../workflows/fleet-contract.js';
import type { Heartbeat, Progress } from '../../workflows/progress.js';
import { spentText } from '../../workflows/usage.js';
import { buildFolder, chosenBuild, type KnownBuild, knownBuilds } from '../build-folder.js';
import { type BuildSnapshot, buildHandle } from '../build-handle.js';
import { tallyLine } from '../build-view.js';
import type { CommandContext } from '../command-context.js';
import { EXIT } from '../exit-codes.js';
import { FleetHandle, runningFleets } from '../fleet-handle.js';
import { fleetTable } from '../fleet-view.js';
import { ledgerTally, openQuestions } from '../ledger-view.js';
import { type Health, runtimeHealth } from '../runtime-health.js';
import { type UntrackedBuild, untrackedBuilds } from '../untracked-builds.js';
import type { TargetOptions } from './control.js';

export interface StatusOptions extends TargetOptions {
  readonly json?: boolean;
}

interface BuildStatusView {
  readonly build: KnownBuild;
  readonly snapshot: BuildSnapshot | null;
  /** From the state directory: there even when nothing runs. */
  readonly tally: string;
  readonly questions: readonly string[];
}

export async function status(options: StatusOptions, context: CommandContext): Promise<number> {
  const { config, terminal } = context;
  const builds =
    options.projectDir === undefined ? await knownBuilds(config) : [await chosenBuild(config, options.projectDir)];
  const client = await context.connectIfRunning();
  const health = await runtimeHealth(config);
  const views = await Promise.all(
    builds.map(async (build): Promise<BuildStatusView> => {
      const folder = buildFolder(config, build.buildId);
      const snapshot =
        client === null
          ? null
          : await buildHandle(client, build.workflowId)
              .snapshot()
              .catch(() => null);
      return { build, snapshot, tally: await ledgerTally(folder), questions: await openQuestions(folder) };
    }),
  );
  const fleets = client === null || options.projectDir !== undefined ? [] : await fleetViews(client);
  const known = new Set(builds.map(({ workflowId }) => workflowId));
  const untracked = client === null || options.projectDir !== undefined ? [] : await untrackedBuilds(client, known);
  if (options.json === true) terminal.line(JSON.stringify({ health, fleets, builds: views, untracked }, null, 2));
  else {
    print(views, fleets, health, context);
    for (const line of untracked.flatMap((build) => untrackedLines(build, context.self))) terminal.line(line);
  }
  return EXIT.ok;
}

/** A workflow without a project directory here takes messages by its id only. */
function untrackedLines({ workflowId, standing }: UntrackedBuild, self: string): string[] {
  const end = quote(['workflow', 'signal', '--name', 'stop', '-w', workflowId]);
  return ['', `workflow ${workflowId} (no state here)`, `  ${standing}`, `  end it: ${self} temporal ${end}`];
}

interface FleetStatusView {
  readonly fleetId: string;
  readonly progress: FleetProgress;
  readonly table: readonly string[];
}

/** The fleets that run, as their own rows and their builds tell. */
async function fleetViews(client: Client): Promise<FleetStatusView[]> {
  const ids = await runningFleets(client);
  const views = await Promise.all(
    ids.map(async (fleetId): Promise<FleetStatusView[]> => {
      const handle = new FleetHandle(client, fleetId);
      const progress = await handle.progress();
      if (progress === null) return [];
      return [{ fleetId, progress, table: fleetTable(fleetId, progress, await handle.answers(progress)) }];
    }),
  );
  return views.flat();
}

function print(
  views: readonly BuildStatusView[],
  fleets: readonly FleetStatusView[],
  health: Health,
  { terminal, self }: CommandContext,
): void {
  for (const line of health.lines) terminal.line(line);
  if (views.length === 0) terminal.line(`no build yet; start one: ${self} build`);
  for (const { table } of fleets) for (const line of ['', ...table]) terminal.line(line);
  for (const view of views) for (const line of viewLines(view)) terminal.line(line);
}

function viewLines({ build, snapshot, tally, questions }: BuildStatusView): string[] {
  const asked = questions.map((question) => `  question ${question}`);
  if (snapshot?.progress == null) {
    const why =
      snapshot === null
        ? 'the server does not answer'
        : snapshot.execution === null
          ? 'not running'
          : `no worker answers (${snapshot.execution})`;
    return ['', `${build.projectDir}`, `  ${why}; last verified: ${tally}`, ...asked];
  }
  const { progress, heartbeat, attempt } = snapshot;
  const live =
    heartbeat === null ? '' : `, turn ${heartbeat.turn}, last tool ${heartbeat.lastTool || 'none'} (${heartbeat.at})`;
  return [
    '',
    `${build.projectDir}`,
    `  ${progress.status.replaceAll('_', ' ')}, session ${progress.session}${live}${attempt > 1 ? `, attempt ${attempt}` : ''}`,
    `  ${tallyLine(progress)}, model ${progress.model}, sandbox ${progress.sandbox || 'not yet'}`,
    `  spent ${spentText(progress.model, progress.usage, progress.settings)}`,
    ...notesLine(progress, heartbeat),
    ...(progress.draining ? ['  will pause after this session'] : []),
    ...(progress.attention === null
      ? []
      : [`  needs attention: ${progress.attention.problem}`, `  what to do: ${progress.attention.cure}`]),
    ...(progress.waitingUntil === null ? [] : [`  waiting until ${progress.waitingUntil}`]),
    ...asked,
  ];
}

/** Notes by number, and up to which the agent has read them: live from the session, else from the last one that returned. */
function notesLine({ notes, notesDelivered }: Progress, heartbeat: Heartbeat | null): string[] {
  if (notes === 0) return [];
  const read = Math.max(notesDelivered, heartbeat?.notesDelivered ?? 0);
  return [`  notes: ${notes}, read by the agent: ${read === 0 ? 'none yet' : `up to ${read}`}`];
}
