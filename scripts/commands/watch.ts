/** `watch`: the live view of any build, from any terminal. Only looks: Ctrl+C leaves, the build goes on. */
import { eventLogFile } from '../../activities/event-log.js';
import { buildFolder, chosenBuild } from '../build-folder.js';
import { followBuild } from '../build-follow.js';
import { buildHandle } from '../build-handle.js';
import { closing } from '../build-view.js';
import { type CommandContext, shellPath } from '../command-context.js';
import { EventTail } from '../event-tail.js';
import { EXIT } from '../exit-codes.js';
import type { TargetOptions } from './control.js';

/** Exit code of the build's end when it ends or parks under watch, 0 when a person leaves. */
export async function watch(options: TargetOptions, context: CommandContext): Promise<number> {
  const { config, terminal, self } = context;
  const chosen = await chosenBuild(config, options.projectDir);
  const place = shellPath(chosen.projectDir, config.callerDirectory);
  const client = await context.connect();
  const handle = buildHandle(client, chosen.workflowId);
  const tail = new EventTail(eventLogFile(buildFolder(config, chosen.buildId)));
  if (!(await handle.running())) {
    terminal.line(`The build of ${chosen.projectDir} does not run. What it did: ${self} logs --project-dir ${place}`);
    terminal.line(`Go on: ${self} build --project-dir ${place}`);
    return EXIT.ok;
  }
  await tail.skipToEnd();
  terminal.problem(`watching ${chosen.projectDir}; Ctrl+C leaves, the build goes on`);
  const { exitCode, progress } = await followBuild(handle, tail, terminal, { quiet: false, interrupt: 'leave' });
  if (exitCode === EXIT.detached) {
    terminal.line(`left; the build goes on; back: ${self} watch --project-dir ${place}`);
    return EXIT.ok;
  }
  if (progress !== null) for (const line of closing(progress, self, place)) terminal.line(line);
  return exitCode;
}
