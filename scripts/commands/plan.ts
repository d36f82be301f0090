/** `plan`: how a spec is read, statement by statement, before anything runs or costs. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { planOf, renderPlan } from '../../activities/scaffold/plan.js';
import { readSpec } from '../../activities/scaffold/reader/spec-reader.js';
import { packageRoot } from '../../config/locations.js';
import type { CommandContext } from '../command-context.js';
import { EXIT, UsageError } from '../exit-codes.js';

export interface PlanOptions {
  readonly spec?: string;
  readonly json?: boolean;
}

/** Exit 0 when the spec can be read, 2 with every problem and its line when not. */
export async function plan(options: PlanOptions, { config, terminal }: CommandContext): Promise<number> {
  const sample = path.join(packageRoot, 'prompts', 'app_spec.txt');
  const file = options.spec === undefined ? sample : path.resolve(config.callerDirectory, options.spec);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`The spec ${file} cannot be read (${error.code}); give a text file with --spec FILE`);
  });
  const reading = readSpec(text);
  if (reading.kind === 'unusable') {
    throw new UsageError(reading.problems.map((problem) => `${file}:${problem.line}: ${problem.message}`).join('\n'));
  }
  terminal.line(options.json === true ? JSON.stringify(planOf(reading.model), null, 2) : renderPlan(reading.model));
  return EXIT.ok;
}
