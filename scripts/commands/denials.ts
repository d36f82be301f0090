/** `denials`: what the policy refused in a build, how often, and the line that would allow it where one can. */
import { readFile } from 'node:fs/promises';
import { eventLogFile, parseEvents } from '../../activities/event-log.js';
import { type Denial, denialsOf } from '../../activities/security/denials.js';
import { keptPolicy } from '../../activities/workspace/kept-policy.js';
import { buildFolder, chosenBuild } from '../build-folder.js';
import type { CommandContext } from '../command-context.js';
import { EXIT, UsageError } from '../exit-codes.js';
import type { TargetOptions } from './control.js';

export interface DenialsOptions extends TargetOptions {
  readonly json?: boolean;
}

export async function denials(options: DenialsOptions, { config, terminal, self }: CommandContext): Promise<number> {
  const build = await chosenBuild(config, options.projectDir);
  const log = eventLogFile(buildFolder(config, build.buildId));
  const texts = await Promise.all([`${log}.1`, log].map(textOf));
  const logged = texts.flatMap((text) =>
    parseEvents(text).events.flatMap((event) => (event.kind === 'denied' ? [event] : [])),
  );
  const project = await keptPolicy(buildFolder(config, build.buildId)).catch((error: Error) => {
    throw new UsageError(error.message);
  });
  const found = await denialsOf(logged, build.projectDir, project);
  if (options.json === true) terminal.line(JSON.stringify(found, null, 2));
  else if (found.length === 0) terminal.line('The policy has refused nothing in this build.');
  else for (const denial of found) for (const line of linesOf(denial)) terminal.line(line);
  if (options.json !== true && found.some(({ line }) => line !== null)) {
    terminal.line(`Put the lines under "allow" of a file, then: ${self} policy --use FILE`);
  }
  return EXIT.ok;
}

function linesOf({ count, command, reason, line, whyNot }: Denial): readonly string[] {
  return [
    `${String(count).padStart(4)} x ${command.replaceAll('\n', '\\n').slice(0, 120)}`,
    `       ${reason}`,
    line === null ? `       no file can allow it: ${whyNot}` : `       would allow it: ${JSON.stringify(line)}`,
  ];
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
