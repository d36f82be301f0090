/** `transcript [SESSION]`: what the agent said, called and was told in a session, from its journal; needs no server. */
import { journalSessions, readSession } from '../../activities/agent/journal-file.js';
import { buildFolder, chosenBuild } from '../build-folder.js';
import type { CommandContext } from '../command-context.js';
import { EXIT, UsageError } from '../exit-codes.js';
import { redactorOf } from '../redaction.js';
import { transcriptLines } from '../transcript-view.js';
import type { TargetOptions } from './control.js';

export interface TranscriptCommandOptions extends TargetOptions {
  readonly full?: boolean;
  readonly json?: boolean;
}

/** Lines of a tool's answer that are shown without --full. */
const ANSWER_LINES = 12;

/** The newest session when none is named. */
export async function transcript(
  session: string | undefined,
  options: TranscriptCommandOptions,
  { config, terminal }: CommandContext,
): Promise<number> {
  const { buildId, projectDir } = await chosenBuild(config, options.projectDir);
  const folder = buildFolder(config, buildId);
  const sessions = await journalSessions(folder);
  const wanted = session === undefined ? sessions.at(-1) : Number(session);
  if (wanted === undefined) throw new UsageError(`The build of ${projectDir} has had no session yet`);
  if (!sessions.includes(wanted)) {
    throw new UsageError(`The build of ${projectDir} has no session ${session}; it has ${sessions.join(', ')}`);
  }
  const records = await readSession(folder, wanted);
  const redact = redactorOf(config, folder);
  if (options.json === true) {
    for (const record of records) terminal.line(redact(JSON.stringify(record)));
    return EXIT.ok;
  }
  const answerLines = options.full === true ? 0 : ANSWER_LINES;
  for (const line of transcriptLines(records, { answerLines, redact })) terminal.line(line);
  return EXIT.ok;
}
