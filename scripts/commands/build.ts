/** `nightshift build` and `start`: start or attach to a build; `build` follows it to its end, `start` returns at once. */

import { eventLogFile } from '../../activities/event-log.js';
import type { BuildSettings } from '../../workflows/contract.js';
import type { BudgetRequest } from '../../workflows/messages.js';
import type { Progress } from '../../workflows/progress.js';
import { buildFolder, specConflict } from '../build-folder.js';
import { followBuild } from '../build-follow.js';
import { type BuildHandle, buildHandle } from '../build-handle.js';
import { type BuildOptions, type BuildRequest, readBuildRequest, withModel } from '../build-request.js';
import { closing } from '../build-view.js';
import { clockProblem } from '../clock-check.js';
import { type CommandContext, shellPath } from '../command-context.js';
import { EventTail } from '../event-tail.js';
import { EnvironmentError, EXIT, UsageError } from '../exit-codes.js';
import { inputProblem } from '../input-check.js';
import { chooseModel } from '../live-model.js';
import { sandboxView } from '../sandbox-view.js';

export async function build(options: BuildOptions, context: CommandContext): Promise<number> {
  const { handle, request, tail } = await startOrAttach(options, context);
  const { exitCode, progress } = await followBuild(handle, tail, context.terminal, {
    quiet: options.json === true,
    interrupt: 'pause',
  });
  report(progress, exitCode, options, context, request);
  return exitCode;
}

export async function start(options: BuildOptions, context: CommandContext): Promise<number> {
  const { request, started, handle } = await startOrAttach(options, context);
  const { terminal, self, config } = context;
  const place = shellPath(request.input.projectDir, config.callerDirectory);
  if (options.json === true) {
    terminal.line(JSON.stringify({ workflowId: handle.workflowId, buildId: request.buildId, started }));
    return EXIT.ok;
  }
  terminal.line(`${started ? 'Started' : 'Goes on'}: workflow ${handle.workflowId}`);
  terminal.line(`Follow: ${self} build --project-dir ${place}`);
  terminal.line(`Look: ${self} status --project-dir ${place} · pause: ${self} pause --project-dir ${place}`);
  return EXIT.ok;
}

interface Attached {
  readonly handle: BuildHandle;
  readonly request: BuildRequest;
  readonly started: boolean;
  /** What comes from here on: neither an earlier run of this build nor the night so far. */
  readonly tail: EventTail;
}

/** Everything before the first look: input, model, servers, workflow. */
export async function startOrAttach(options: BuildOptions, context: CommandContext): Promise<Attached> {
  const { config, terminal } = context;
  const clock = clockProblem();
  if (clock !== undefined) throw new EnvironmentError(clock);
  const asked = await readBuildRequest(options, config, options.model ?? 'offline');
  const problem = (await specConflict(config, asked)) ?? (await inputProblem(asked, config));
  if (problem !== undefined) throw new UsageError(problem);
  const { maxCostUsd } = asked.typed;
  const unasked = options.model === undefined && config.hasProviderKey;
  const running = unasked ? await runningModel(asked, context) : null;
  const model = await chooseModel({ typed: options.model, maxCostUsd, running }, context);
  const request = withModel(asked, model);
  for (const warning of request.warnings) terminal.problem(`warning: ${warning}`);
  await sayWithoutSandbox(request, context);
  const client = await context.connect();
  const handle = buildHandle(client, request.buildId);
  const tail = new EventTail(eventLogFile(buildFolder(config, request.buildId)));
  await tail.skipToEnd();
  const started = await handle.startUnlessRunning(request.input, `Nightshift: ${request.input.projectDir}`);
  if (!started) await attach(handle, request, context);
  return { handle, request, started, tail };
}

/** Where no sandbox starts, the offline model builds and says so; a live model is refused before anything is started. */
async function sayWithoutSandbox({ input }: BuildRequest, { terminal }: CommandContext): Promise<void> {
  const { available, line, cure } = await sandboxView();
  if (available) return;
  const { model, allowUnsandboxed } = input.settings ?? {};
  if (model === 'offline' || allowUnsandboxed === true) terminal.problem(`${line}; to have one: ${cure}`);
  else throw new EnvironmentError(`${line}. To mend it: ${cure}; or build with --model offline`);
}

/** The model of the build when its workflow runs now, whatever is typed. */
async function runningModel({ buildId }: BuildRequest, context: CommandContext): Promise<string | null> {
  const client = await context.connectIfRunning();
  if (client === null) return null;
  const handle = buildHandle(client, buildId);
  const running = await handle.running().catch(() => false);
  return running ? ((await handle.progress().catch(() => null))?.model ?? null) : null;
}

/** Any flag that differs from what runs is applied by update or refused by name, never ignored. */
async function attach(handle: BuildHandle, request: BuildRequest, context: CommandContext): Promise<void> {
  const { typed } = request;
  const running = await handle.progress();
  const problem = running === null ? undefined : differingFlag(typed, running);
  if (problem !== undefined) throw new UsageError(problem);
  const budget = typedBudget(typed);
  if (budget !== null) {
    const { how, text } = await handle.raiseBudget(budget);
    if (how === 'refused') throw new UsageError(text);
  }
  await handle.resume();
  const verb =
    running?.status === 'paused' || running?.status === 'needs_attention' ? 'resumed the' : 'attached to the running';
  context.terminal.problem(`${verb} build ${handle.workflowId}`);
}

/** The ceilings that were typed, or null. */
function typedBudget({ maxIterations, maxCostUsd, maxTokens, maxHours }: Partial<BuildSettings>): BudgetRequest | null {
  const given = Object.entries({ maxIterations, maxCostUsd, maxTokens, maxHours }).filter(
    ([, value]) => value !== undefined,
  );
  return given.length === 0 ? null : Object.fromEntries(given);
}

/** The model and the test count of a running build are what its prompts and list were made with. */
function differingFlag(typed: Partial<BuildSettings>, running: Progress): string | undefined {
  const fixed = "can't change while the build runs; stop it first: nightshift stop";
  if (typed.model !== undefined && typed.model !== running.model)
    return `--model: the build runs with ${running.model}; it ${fixed}`;
  const { testCount } = running.settings;
  if (
    typed.testCount !== undefined &&
    (typed.testCount.min !== testCount.min || typed.testCount.max !== testCount.max)
  ) {
    return `--test-count: the build runs with ${testCount.min}-${testCount.max}; it ${fixed}`;
  }
  const instructions = running.settings.extraInstructions;
  if (typed.extraInstructions !== undefined && typed.extraInstructions !== instructions) {
    return `--instructions ${fixed}; to tell the agent something now: nightshift steer "…"`;
  }
  if (typed.allowUnsandboxed === true && running.settings.allowUnsandboxed !== true)
    return `--allow-unsandboxed ${fixed}`;
  if (typed.waitForLimits === false && running.settings.waitForLimits !== false) return `--no-wait ${fixed}`;
  return undefined;
}

function report(
  progress: Progress | null,
  exitCode: number,
  options: BuildOptions,
  context: CommandContext,
  request: BuildRequest,
): void {
  const { terminal, self, config } = context;
  const place = shellPath(request.input.projectDir, config.callerDirectory);
  if (options.json === true) {
    terminal.line(JSON.stringify({ exitCode, buildId: request.buildId, progress }));
    return;
  }
  if (exitCode === EXIT.detached) {
    terminal.line(`detached; the build goes on; look: ${self} status --project-dir ${place}`);
    return;
  }
  if (progress === null) {
    terminal.problem(
      `the build ${request.buildId} ended without a result (cancelled or terminated); go on: ${self} build --project-dir ${place}`,
    );
    return;
  }
  for (const line of closing(progress, self, place)) terminal.line(line);
}
