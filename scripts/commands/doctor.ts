/** `doctor`: what this machine offers, how each part was found, what is missing and the command that mends it. */
import type { Config } from '../../config/config.js';
import { freeMegabytes, megabytes } from '../disk-space.js';
import { EXIT } from '../exit-codes.js';
import { isAlive } from '../host-process.js';
import { missingParts, resolveMachine } from '../resolvers/machine.js';
import type { Machine } from '../resolvers/machine-stamp.js';
import { missingMessage, type Resolution, silentStep } from '../resolvers/resolution.js';
import { type SandboxView, sandboxView } from '../sandbox-view.js';
import { type ChildRecord, type RunFile, readRunFile } from '../supervisor/run-file.js';
import type { Terminal } from '../terminal.js';

const TITLES: Readonly<Record<keyof Machine, string>> = {
  temporal: 'Temporal',
  postgres: 'PostgreSQL',
  uv: 'uv',
  python: 'Python',
  git: 'git',
  bubblewrap: 'bubblewrap',
};

/** What set-up fetches by itself when it is missing, with the next command that builds. */
const FETCHED: readonly (keyof Machine)[] = ['temporal', 'postgres', 'uv'];

export interface DoctorOptions {
  readonly json?: boolean;
}

/** Looks only, installs nothing. Exit 0 when every required part is there, else 5. */
export async function doctor(
  options: DoctorOptions,
  { config, terminal }: { readonly config: Config; readonly terminal: Terminal },
): Promise<number> {
  const machine = await resolveMachine(config, silentStep, false);
  const sandbox = await sandboxView();
  const runFile = readRunFile(config);
  if (options.json === true) {
    const children = runFile?.children ?? [];
    terminal.line(JSON.stringify({ node: process.version, machine, sandbox, children }, null, 2));
  } else {
    for (const line of report(config, machine, sandbox, runFile)) terminal.line(line);
  }
  return missingParts(machine).length === 0 ? EXIT.ok : EXIT.environment;
}

function report(config: Config, machine: Machine, sandbox: SandboxView, runFile: RunFile | null): string[] {
  const { state, cache } = config.locations;
  const free = (directory: string): string => `${directory} (${megabytes(freeMegabytes(directory))} of disk free)`;
  const running = runFile && isAlive(runFile.supervisor);
  return [
    row('Node', `${process.version} (${process.execPath})`),
    ...(Object.keys(TITLES) as (keyof Machine)[]).flatMap((part) => partLines(part, machine[part])),
    ...sandboxLines(sandbox),
    row('state', free(state)),
    row('cache', free(cache)),
    row('supervisor', running ? `runs (pid ${runFile.supervisor.pid})` : 'does not run; build starts it'),
    ...(runFile?.children ?? []).map(childLine),
    verdict(machine),
  ];
}

const row = (title: string, text: string): string => `${title.padEnd(11)} ${text}`;
const indented = (line: string): string => `            ${line}`;

function partLines(part: keyof Machine, resolution: Resolution): string[] {
  if (resolution.found) return [row(TITLES[part], `${resolution.version}: ${resolution.how}`)];
  const [first = '', ...rest] = missingMessage(resolution).split('\n');
  const fetched = FETCHED.includes(part) ? ['fetched by the next build where this machine can reach it; else'] : [];
  return [row(TITLES[part], `MISSING: ${first}`), ...[...fetched, ...rest].map(indented)];
}

const WITHOUT = 'the offline model builds without one; a live model does not start';

function sandboxLines({ available, cause, cure }: SandboxView): string[] {
  if (available) return [row('sandbox', 'starts')];
  return [row('sandbox', `NONE: ${cause}`), indented(WITHOUT), indented(`to have one: ${cure}`)];
}

function verdict(machine: Machine): string {
  const missing = missingParts(machine);
  if (missing.length === 0) return 'everything that a build needs is here';
  return `missing: ${missing.map(({ what }) => what).join(', ')}`;
}

function childLine(child: ChildRecord): string {
  const ports = Object.entries(child.ports).map(([name, port]) => `${name} 127.0.0.1:${port}`);
  const process = child.process && isAlive(child.process) ? `pid ${child.process.pid}` : 'no process';
  const trouble = child.lastError ? `; last error: ${child.lastError.split('\n')[0]}; log ${child.logFile}` : '';
  return `  ${child.name.padEnd(14)} ${[child.state, process, ...ports, `${child.restarts} restarts`].join(', ')}${trouble}`;
}
