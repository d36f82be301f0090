/** `doctor`: what this machine offers, how each part was found, what is missing and the command that mends it. */
import type { Config } from '../../config/config.js';
import { EXIT } from '../exit-codes.js';
import { isAlive } from '../host-process.js';
import { missingParts, resolveMachine } from '../resolvers/machine.js';
import type { Machine } from '../resolvers/machine-stamp.js';
import { missingMessage, type Resolution, silentStep } from '../resolvers/resolution.js';
import { type ChildRecord, readRunFile } from '../supervisor/run-file.js';
import type { Terminal } from '../terminal.js';

const TITLES: Readonly<Record<keyof Machine, string>> = {
  temporal: 'Temporal',
  postgres: 'PostgreSQL',
  uv: 'uv',
  python: 'Python',
  bubblewrap: 'bubblewrap',
};

export interface DoctorOptions {
  readonly json?: boolean;
}

/** Looks only, installs nothing. Exit 0 when every required part is there, else 5. */
export async function doctor(
  options: DoctorOptions,
  { config, terminal }: { readonly config: Config; readonly terminal: Terminal },
): Promise<number> {
  const machine = await resolveMachine(config, silentStep, false);
  const complete = missingParts(machine).length === 0;
  const runFile = readRunFile(config);
  if (options.json === true) {
    terminal.line(JSON.stringify({ node: process.version, machine, children: runFile?.children ?? [] }, null, 2));
    return complete ? EXIT.ok : EXIT.environment;
  }
  terminal.line(`Node        ${process.version} (${process.execPath})`);
  for (const part of Object.keys(TITLES) as (keyof Machine)[]) {
    for (const line of partLines(TITLES[part], machine[part])) terminal.line(line);
  }
  terminal.line(`state       ${config.locations.state}`);
  terminal.line(`cache       ${config.locations.cache}`);
  const running = runFile && isAlive(runFile.supervisor);
  terminal.line(`supervisor  ${running ? `runs (pid ${runFile.supervisor.pid})` : 'does not run; build starts it'}`);
  for (const child of runFile?.children ?? []) terminal.line(childLine(child));
  return complete ? EXIT.ok : EXIT.environment;
}

function partLines(title: string, part: Resolution): string[] {
  if (part.found) return [`${title.padEnd(11)} ${part.version}: ${part.how}`];
  const [first, ...rest] = missingMessage(part).split('\n');
  return [`${title.padEnd(11)} MISSING: ${first}`, ...rest.map((line) => `            ${line}`)];
}

function childLine(child: ChildRecord): string {
  const ports = Object.entries(child.ports).map(([name, port]) => `${name} 127.0.0.1:${port}`);
  const process = child.process && isAlive(child.process) ? `pid ${child.process.pid}` : 'no process';
  const trouble = child.lastError ? `; last error: ${child.lastError.split('\n')[0]}; log ${child.logFile}` : '';
  return `  ${child.name.padEnd(14)} ${[child.state, process, ...ports, `${child.restarts} restarts`].join(', ')}${trouble}`;
}
