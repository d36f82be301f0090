/** `plan`: how a spec is read, statement by statement, before anything runs or costs; with --watch, at every save. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { planOf, renderPlan } from '../../activities/scaffold/plan.js';
import { readSpec } from '../../activities/scaffold/reader/spec-reader.js';
import type { SpecModel } from '../../activities/scaffold/spec-model.js';
import { packageRoot } from '../../config/locations.js';
import { type CommandContext, shellPath } from '../command-context.js';
import { EXIT, UsageError } from '../exit-codes.js';
import { watchFile } from '../spec-watch.js';
import type { Terminal } from '../terminal.js';
import { printable } from '../terminal-text.js';

export interface PlanOptions {
  readonly spec?: string;
  readonly json?: boolean;
  /** Again at every save until Ctrl+C. */
  readonly watch?: boolean;
}

/** Exit 0 when the spec can be read, 2 with every problem and its line when not. Under --watch 0 with Ctrl+C. */
export async function plan(options: PlanOptions, context: CommandContext): Promise<number> {
  const { config, terminal } = context;
  const sample = path.join(packageRoot, 'prompts', 'app_spec.txt');
  const file = options.spec === undefined ? sample : path.resolve(config.callerDirectory, options.spec);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`The spec ${file} cannot be read (${error.code}); give a text file with --spec FILE`);
  });
  if (options.watch === true) return watchPlan(file, options, context);
  const reading = readSpec(text);
  if (reading.kind === 'unusable') throw new UsageError(problemLines(file, reading.problems).join('\n'));
  terminal.line(options.json === true ? JSON.stringify(planOf(reading.model), null, 2) : renderPlan(reading.model));
  return EXIT.ok;
}

type Problems = Extract<ReturnType<typeof readSpec>, { kind: 'unusable' }>['problems'];

function problemLines(file: string, problems: Problems): string[] {
  return problems.map(({ line, message, cure }) => `${file}:${line}: ${message} ${cure}`);
}

/** Shows the plan now and after each save that changes the text; a spec that is unusable or gone for a while ends nothing. */
async function watchPlan(file: string, options: PlanOptions, { terminal, config }: CommandContext): Promise<number> {
  const name = shellPath(file, config.callerDirectory);
  const interrupted = new Promise<void>((resolve) => terminal.onInterrupt(resolve));
  let shown: string | null = null;
  const look = async (): Promise<void> => {
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text === shown) return;
    shown = text;
    if (text === null) terminal.problem(`${name} is gone; it is read again when it is back`);
    else showReading(text, name, options.json === true, terminal);
  };
  let looking = Promise.resolve();
  const again = (): void => {
    looking = looking.then(look);
  };
  const close = await watchFile(file, again);
  again();
  await interrupted;
  close();
  await looking;
  return EXIT.ok;
}

function showReading(text: string, name: string, json: boolean, terminal: Terminal): void {
  const reading = readSpec(text);
  if (reading.kind === 'unusable') for (const line of problemLines(name, reading.problems)) terminal.problem(line);
  else if (json) terminal.line(JSON.stringify(planOf(reading.model)));
  else for (const line of [renderPlan(reading.model), ...openLines(reading.model)]) terminal.line(line);
  terminal.problem(`-- ${name} is read again at every save; Ctrl+C ends it`);
}

/** What is not understood, last and so next to the eye: each statement with what the reader says, uncut. Pure. */
export function openLines({ statements }: SpecModel): string[] {
  const open = statements.filter((statement) => statement.class === 'UNRESOLVED');
  if (open.length === 0) return ['', 'Every statement is understood.'];
  return [
    '',
    `Not understood: ${open.length}`,
    ...open.flatMap(({ line, text, note }) => [
      `  line ${line}: ${printable(text)}`,
      `    ${printable(note ?? 'docs/spec-format.md lists what is understood')}`,
    ]),
  ];
}
