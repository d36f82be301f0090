/** `check-command`: the command policy as a filter, JSON lines in and out; a stable interface for tests and tools. */
import { createInterface } from 'node:readline';
import { checkCommandLine } from '../../activities/security/command-check.js';
import { realProjectDir } from '../../config/project-path.js';
import type { CommandContext } from '../command-context.js';
import { EXIT } from '../exit-codes.js';
import type { TargetOptions } from './control.js';

/** Exit 0 whatever the verdicts: they are the output. */
export async function checkCommand(options: TargetOptions, { config, terminal }: CommandContext): Promise<number> {
  const directory =
    options.projectDir === undefined ? null : await realProjectDir(options.projectDir, config.callerDirectory);
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() !== '') terminal.line(await checkCommandLine(line, directory ?? config.callerDirectory));
  }
  return EXIT.ok;
}
