/**
 * `bundle`: one directory with what a bug report needs: versions, doctor, processes and their logs, the build's record,
 * events, ledger and history. Every text goes through redaction; specs, code and journals stay at home.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { eventLogFile } from '../../activities/event-log.js';
import { packageRoot } from '../../config/locations.js';
import { buildFolder, chosenBuild, type KnownBuild } from '../build-folder.js';
import type { CommandContext } from '../command-context.js';
import { EXIT } from '../exit-codes.js';
import { redactorOf } from '../redaction.js';
import { logDirectory, readRunFile } from '../supervisor/run-file.js';
import type { Terminal } from '../terminal.js';
import type { TargetOptions } from './control.js';
import { doctor } from './doctor.js';

/** Of each log, its end: a bug is told by its last words. */
const LOG_BYTES = 512 * 1024;

export interface BundleOptions extends TargetOptions {
  readonly output?: string;
}

export async function bundle(options: BundleOptions, context: CommandContext): Promise<number> {
  const { config, terminal } = context;
  const build = await chosenBuild(config, options.projectDir);
  const folder = buildFolder(config, build.buildId);
  const redact = redactorOf(config, folder);
  const target = path.resolve(config.callerDirectory, options.output ?? `nightshift-bundle-${build.buildId}`);
  mkdirSync(target, { recursive: true, mode: 0o700 });
  const parts = await partsOf(build, folder, context);
  for (const [name, text] of parts) writeFileSync(path.join(target, name), redact(text), { mode: 0o600 });
  terminal.line(`${parts.length} files in ${target}; secrets are taken out, spec, code and journals are not in it`);
  terminal.line('read them before you hand them on');
  return EXIT.ok;
}

async function partsOf(build: KnownBuild, folder: string, context: CommandContext): Promise<[string, string][]> {
  const { config } = context;
  const logs = logDirectory(config);
  const files: [string, string][] = [
    ['build.json', path.join(folder, 'build.json')],
    ['ledger.json', path.join(folder, 'ledger.json')],
    ['stalls.json', path.join(folder, 'stalls.json')],
    ['events.jsonl', eventLogFile(folder)],
    ...['supervisor', 'worker', 'temporal', 'postgres', 'offline-model'].map((name): [string, string] => [
      `${name}.log`,
      path.join(logs, `${name}.log`),
    ]),
  ];
  const parts: [string, string][] = [
    ['versions.json', await versions()],
    ['doctor.txt', await doctorText(context)],
    ['processes.json', JSON.stringify(readRunFile(config), null, 2)],
    ['history.json', await historyOf(await context.connectIfRunning(), build.workflowId)],
  ];
  for (const [name, file] of files) {
    const text = await endOf(file);
    if (text !== null) parts.push([name, text]);
  }
  return parts;
}

async function versions(): Promise<string> {
  const { version } = JSON.parse(await readFile(path.join(packageRoot, 'package.json'), 'utf8')) as { version: string };
  const { platform, arch, versions: of } = process;
  return JSON.stringify({ nightshift: version, node: of.node, platform, arch }, null, 2);
}

async function doctorText({ config }: CommandContext): Promise<string> {
  const lines: string[] = [];
  const line = (text: string): void => void lines.push(text);
  await doctor({}, { config, terminal: { line, problem: line } as Partial<Terminal> as Terminal });
  return lines.join('\n');
}

/** The workflow's history as it can be replayed, without payloads' contents: the spec is in the first of them. */
async function historyOf(client: Client | null, workflowId: string): Promise<string> {
  if (client === null) return 'nothing runs: no history could be read';
  try {
    const text = historyToJSON(await client.workflow.getHandle(workflowId).fetchHistory());
    return text.replace(/"data":\s*"[^"]*"/g, '"data": "(left out)"');
  } catch (error) {
    return `no history: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function endOf(file: string): Promise<string | null> {
  try {
    const bytes = await readFile(file);
    return bytes.subarray(Math.max(0, bytes.length - LOG_BYTES)).toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
