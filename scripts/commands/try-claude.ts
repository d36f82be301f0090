/**
 * `try-claude`: the smallest real build with a live model (one resource, at most 10 minutes and 1 USD), and a redacted
 * evidence file of what the provider answered.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import path from 'node:path';
import { readJournal } from '../../activities/agent/journal.js';
import { journalSessions } from '../../activities/agent/journal-file.js';
import { packageRoot } from '../../config/locations.js';
import type { Progress } from '../../workflows/progress.js';
import { buildFolder } from '../build-folder.js';
import { followBuild } from '../build-follow.js';
import { closing } from '../build-view.js';
import { type CommandContext, shellPath } from '../command-context.js';
import { evidenceText } from '../evidence.js';
import { EXIT, UsageError } from '../exit-codes.js';
import { DEFAULT_LIVE_MODEL } from '../live-model.js';
import { redactorOf } from '../redaction.js';
import { startOrAttach } from './build.js';

export interface TryOptions {
  readonly model?: string;
  /** Where the evidence file goes; default `evidence/` of Nightshift. */
  readonly evidence?: string;
}

/** Ceilings of the try: enough for one resource, small enough to type without a thought. */
const LIMITS = { maxCost: '1', maxHours: String(10 / 60), maxIterations: '3', testCount: '5-25', wait: false } as const;

/** Exit code as `build`'s; the evidence file is written however the build ends. */
export async function tryClaude(options: TryOptions, context: CommandContext): Promise<number> {
  const { config, terminal, self } = context;
  if (!config.hasProviderKey)
    throw new UsageError(`try-claude calls a live model: ANTHROPIC_API_KEY=… ${self} try-claude`);
  if (options.model === undefined && !terminal.canAsk)
    throw new UsageError(
      `Without a terminal nobody can be asked; name the model: try-claude --model ${DEFAULT_LIVE_MODEL}`,
    );
  const startedAt = new Date();
  const spec = path.join(packageRoot, 'prompts', 'specs', 'try.txt');
  const asked = { ...LIMITS, spec, projectDir: freeDirectory(config.callerDirectory) };
  const { handle, request, tail } = await startOrAttach(
    options.model === undefined ? asked : { ...asked, model: options.model },
    context,
  );
  terminal.line('at most 10 minutes and 1 USD; Ctrl+C ends it at once');
  const { exitCode, progress } = await followBuild(handle, tail, terminal, { quiet: false, interrupt: 'pause' });
  // Parked or paused, it would wait for a word that nobody will say.
  if (exitCode === EXIT.attention || exitCode === EXIT.paused || exitCode === EXIT.detached) await handle.stop();
  const last = progress ?? (await handle.progress());
  if (last === null)
    throw new UsageError('The try ended without a result, so there is no evidence file; give it again');
  const place = shellPath(request.input.projectDir, config.callerDirectory);
  for (const line of ending(last, self, place)) terminal.line(line);
  terminal.line(`Evidence: ${await writeEvidence(options, context, last, request.buildId, startedAt)}`);
  terminal.line('It holds no key, prompt or path; look at it, then hand it on or commit it.');
  return exitCode;
}

/** A try that parked is stopped: what to mend, then another try. */
function ending(progress: Progress, self: string, place: string): string[] {
  if (progress.attention === null) return closing(progress, self, place);
  const { problem, cure } = progress.attention;
  return [`The try ended early: ${problem}`, `What to do: ${cure}`, `Then try again: ${self} try-claude`];
}

async function writeEvidence(
  { evidence }: TryOptions,
  { config }: CommandContext,
  progress: Progress,
  buildId: string,
  startedAt: Date,
): Promise<string> {
  const folder = buildFolder(config, buildId);
  const sessions = await journalSessions(folder);
  const journals = await Promise.all(
    sessions.map(async (session) => ({ session, entries: await readJournal(folder, session) })),
  );
  const source = {
    ...{ progress, journals, startedAt, endedAt: new Date(), versions: versions() },
    ownServer: Boolean(config.environment['ANTHROPIC_BASE_URL']),
  };
  const text = evidenceText(source, redactorOf(config, folder), {
    [progress.projectDir]: 'PROJECT',
    [config.locations.state]: 'STATE',
    [config.locations.cache]: 'CACHE',
    [config.callerDirectory]: 'DIRECTORY',
    [packageRoot]: 'NIGHTSHIFT',
    [homedir()]: 'HOME',
    [hostname()]: 'HOST',
    [userName()]: 'USER',
  });
  const directory =
    evidence === undefined ? path.join(packageRoot, 'evidence') : path.resolve(config.callerDirectory, evidence);
  mkdirSync(directory, { recursive: true });
  const stamp = startedAt.toISOString().slice(0, 16).replace(/[-:]/g, '');
  const file = path.join(directory, `${stamp}-${progress.model.replace(/[^\w.-]+/g, '_')}.json`);
  writeFileSync(file, text);
  return file;
}

/** A directory that is not there yet, beside where the command was typed. */
function freeDirectory(base: string): string {
  for (let number = 1; ; number += 1) {
    const directory = path.join(base, number === 1 ? 'try_claude' : `try_claude_${number}`);
    if (!existsSync(directory)) return directory;
  }
}

function versions(): Record<string, string> {
  const versionIn = (...names: string[]): string => {
    const manifest = readFileSync(path.join(packageRoot, ...names, 'package.json'), 'utf8');
    return (JSON.parse(manifest) as { version: string }).version;
  };
  return {
    nightshift: versionIn(),
    sdk: versionIn('node_modules', '@anthropic-ai', 'sdk'),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  };
}

/** '' for a user id without a name (containers); short names would take letters out of words. */
function userName(): string {
  try {
    const { username } = userInfo();
    return username.length > 4 ? username : '';
  } catch {
    return '';
  }
}
