/** `report`: one HTML file about a build, for reading anywhere: no server, no internet, no script. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../../config/atomic-file.js';
import { buildFolder, chosenBuild } from '../build-folder.js';
import { type CommandContext, shellPath } from '../command-context.js';
import { EXIT, UsageError } from '../exit-codes.js';
import { redactorOf } from '../redaction.js';
import { reportPage } from '../report/page.js';
import { gatherFacts } from '../report/report-facts.js';
import type { TargetOptions } from './control.js';

export interface ReportOptions extends TargetOptions {
  readonly out?: string;
}

export async function report(options: ReportOptions, { config, terminal }: CommandContext): Promise<number> {
  const { buildId, projectDir } = await chosenBuild(config, options.projectDir);
  const facts = await gatherFacts(config, buildId);
  if (facts === null) throw new UsageError(`There is no build of ${projectDir}; nightshift status lists the builds`);
  const file = path.resolve(config.callerDirectory, options.out ?? `${path.basename(projectDir)}-report.html`);
  if ((await stat(file).catch(() => null))?.isDirectory()) throw new UsageError(`${file} is a directory; give a file`);
  const redact = redactorOf(config, buildFolder(config, buildId));
  await writeFileAtomic(file, reportPage(facts, { redact, now: new Date() }), 0o644);
  terminal.line(`Report: ${shellPath(file, config.callerDirectory)} (one file; open it in any browser)`);
  return EXIT.ok;
}
