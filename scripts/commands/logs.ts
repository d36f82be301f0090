/** `logs`: what a build did, line by line with its time, or the log of one of the background processes. */
import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventLogFile, type StampedEvent } from '../../activities/event-log.js';
import { buildFolder, chosenBuild } from '../build-folder.js';
import { eventLines } from '../build-view.js';
import type { CommandContext } from '../command-context.js';
import { EventTail } from '../event-tail.js';
import { EXIT, UsageError } from '../exit-codes.js';
import { type Redact, redactorOf } from '../redaction.js';
import { logDirectory } from '../supervisor/run-file.js';
import { printable } from '../terminal-text.js';
import type { TargetOptions } from './control.js';

export interface LogsOptions extends TargetOptions {
  readonly follow?: boolean;
  readonly lines?: string;
  readonly process?: string;
}

const DEFAULT_LINES = 200;
const LOOK_MS = 300;
/** Read from the end of a process's log. */
const TAIL_BYTES = 256 * 1024;

export async function logs(options: LogsOptions, context: CommandContext): Promise<number> {
  const count = Number(options.lines ?? DEFAULT_LINES);
  if (!Number.isInteger(count) || count < 0) throw new UsageError(`--lines ${options.lines} is no number of lines`);
  return options.process === undefined ? ofBuild(options, count, context) : ofProcess(options.process, count, context);
}

async function ofBuild(options: LogsOptions, count: number, { config, terminal }: CommandContext): Promise<number> {
  const { buildId } = await chosenBuild(config, options.projectDir);
  const folder = buildFolder(config, buildId);
  const redact = redactorOf(config, folder);
  const tail = new EventTail(eventLogFile(folder));
  const show = (lines: readonly string[]): void => {
    for (const line of lines) terminal.line(line);
  };
  const before = await new EventTail(`${eventLogFile(folder)}.1`).next();
  const all = [...before, ...(await tail.next())].flatMap((event) => stampedLines(event, redact));
  show(count === 0 ? [] : all.slice(-count));
  let interrupted = options.follow !== true;
  terminal.onInterrupt(() => {
    interrupted = true;
  });
  while (!interrupted) {
    await sleep(LOOK_MS);
    show((await tail.next()).flatMap((event) => stampedLines(event, redact)));
  }
  return EXIT.ok;
}

/** The first line of an event carries its time (UTC), the others stand below it. */
export function stampedLines(event: StampedEvent, redact: Redact): string[] {
  const stamp = event.at.slice(11, 19);
  return eventLines(event).map((line, index) => `${index === 0 ? stamp : ' '.repeat(8)}  ${redact(line)}`);
}

async function ofProcess(name: string, count: number, { config, terminal }: CommandContext): Promise<number> {
  const directory = logDirectory(config);
  const names = (await readdir(directory).catch(() => [])).filter((file) => file.endsWith('.log'));
  if (!names.includes(`${name}.log`)) {
    const choices = names.map((file) => file.replace(/\.log$/, '')).join(', ') || 'none: nothing ever ran here';
    throw new UsageError(`There is no log of a process ${name}; there are: ${choices}`);
  }
  const redact = redactorOf(config, directory);
  const lines = (await endOf(path.join(directory, `${name}.log`))).trimEnd().split('\n');
  for (const line of count === 0 ? [] : lines.slice(-count)) terminal.line(printable(redact(line)));
  return EXIT.ok;
}

async function endOf(file: string): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await handle.close();
  }
}
