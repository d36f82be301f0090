/**
 * What is wrong with a build's spec or directory, said before anything is started: the worker would refuse the same,
 * minutes later. Looks only.
 */
import { readSpec } from '../activities/scaffold/reader/spec-reader.js';
import { inspectProjectDirectory } from '../activities/workspace/project-directory.js';
import type { Config } from '../config/config.js';
import { packageRoot } from '../config/locations.js';
import type { BuildRequest } from './build-request.js';

/** Problems of the spec shown at once; `plan` shows all. */
const SHOWN = 5;

/** One message for a person, or undefined. */
export async function inputProblem({ input, specFile }: BuildRequest, config: Config): Promise<string | undefined> {
  return specProblem(input.spec, specFile) ?? (await directoryProblem(input.projectDir, config));
}

/** `FILE:LINE: what; what to do` for each problem. */
export function specProblem(text: string, file: string): string | undefined {
  const reading = readSpec(text);
  if (reading.kind === 'read') return undefined;
  const lines = reading.problems.map(({ line, message, cure }) => `${file}:${line}: ${message} ${cure}`);
  const more = lines.length > SHOWN ? [`… and ${lines.length - SHOWN} more`] : [];
  return [...lines.slice(0, SHOWN), ...more].join('\n');
}

async function directoryProblem(projectDir: string, { environment, locations }: Config): Promise<string | undefined> {
  const home = environment['HOME'] ?? '/root';
  const verdict = await inspectProjectDirectory(projectDir, { home, packageRoot, state: locations.state });
  return verdict.kind === 'refused' ? `${verdict.problem}: ${verdict.cure}` : undefined;
}
