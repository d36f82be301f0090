/** `pause`, `resume`, `stop`, `steer`, `answer`: one message to one build, from any terminal. */

import { buildFolder, chosenBuild } from '../build-folder.js';
import { type BuildHandle, buildHandle } from '../build-handle.js';
import { type CommandContext, shellPath } from '../command-context.js';
import { EnvironmentError, EXIT, UsageError } from '../exit-codes.js';
import { openQuestionIds } from '../ledger-view.js';

export interface TargetOptions {
  readonly projectDir?: string;
}

export interface PauseOptions extends TargetOptions {
  /** Let the session under way end and be verified first. */
  readonly afterSession?: boolean;
}

export async function pause(options: PauseOptions, context: CommandContext): Promise<number> {
  const { handle, place } = await target(options, context);
  if (options.afterSession === true) {
    await handle.pauseAfterSession();
    context.terminal.line(
      `will pause after this session; resume takes it back: ${context.self} resume --project-dir ${place}`,
    );
    return EXIT.ok;
  }
  await handle.pause();
  context.terminal.line(`pausing; nothing is lost; resume: ${context.self} resume --project-dir ${place}`);
  return EXIT.ok;
}

export async function resume(options: TargetOptions, context: CommandContext): Promise<number> {
  const { handle, place } = await target(options, context);
  await handle.resume();
  context.terminal.line(`resumed; follow: ${context.self} build --project-dir ${place}`);
  return EXIT.ok;
}

export async function stop(options: TargetOptions, context: CommandContext): Promise<number> {
  const { handle, place } = await target(options, context);
  await handle.stop();
  context.terminal.line(`stopping; go on later: ${context.self} build --project-dir ${place}`);
  return EXIT.ok;
}

export async function steer(note: string, options: TargetOptions, context: CommandContext): Promise<number> {
  const { handle } = await target(options, context);
  return tell(context, await handle.steer(note));
}

export async function answer(
  questionId: string,
  text: string,
  options: TargetOptions,
  context: CommandContext,
): Promise<number> {
  const { handle, buildId } = await target(options, context);
  const open = await openQuestionIds(buildFolder(context.config, buildId));
  if (open !== null && !open.includes(questionId)) {
    const which = open.length === 0 ? 'no question is open' : `open: ${open.join(', ')}`;
    throw new UsageError(
      `There is no open question ${questionId} (${which}); ${context.self} status shows their texts`,
    );
  }
  return tell(context, await handle.answer(questionId, text));
}

function tell(context: CommandContext, delivery: Awaited<ReturnType<BuildHandle['steer']>>): number {
  if (delivery.how === 'refused') throw new UsageError(delivery.text);
  context.terminal.line(delivery.text);
  return EXIT.ok;
}

async function target(
  options: TargetOptions,
  context: CommandContext,
): Promise<{ handle: BuildHandle; buildId: string; place: string }> {
  const chosen = await chosenBuild(context.config, options.projectDir);
  const place = shellPath(chosen.projectDir, context.config.callerDirectory);
  const client = await context.connectIfRunning();
  const again = `${context.self} build --project-dir ${place}`;
  if (client === null)
    throw new EnvironmentError(`Nothing of Nightshift runs right now; start it and the build with: ${again}`);
  const handle = buildHandle(client, chosen.workflowId);
  if (!(await handle.running()))
    throw new UsageError(`The build of ${chosen.projectDir} does not run; start it again with: ${again}`);
  return { handle, buildId: chosen.buildId, place };
}
