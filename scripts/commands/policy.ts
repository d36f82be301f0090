/** `policy`: the rules in force, an edited policy held against the corpus, and the one way to put it in force. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { NEVER } from '../../activities/security/never.js';
import { ownedFiles, POLICY_FILE } from '../../activities/security/owned-files.js';
import { createPolicy } from '../../activities/security/policy.js';
import { comparePolicies, type Difference } from '../../activities/security/policy-comparison.js';
import { NO_PROJECT_POLICY, type ProjectPolicy, readProjectPolicy } from '../../activities/security/project-policy.js';
import { deniedOptions, describePrograms } from '../../activities/security/rules/programs.js';
import { keepPolicy, keptPolicy } from '../../activities/workspace/kept-policy.js';
import { buildFolder, chosenBuild, knownBuilds } from '../build-folder.js';
import type { CommandContext } from '../command-context.js';
import { CORPUS_PROJECT, commandCorpus } from '../command-corpus.js';
import { EXIT, UsageError } from '../exit-codes.js';
import type { TargetOptions } from './control.js';

export interface PolicyCommandOptions extends TargetOptions {
  /** A file, or true: the project's own. */
  readonly check?: string | true;
  readonly use?: string | true;
  readonly json?: boolean;
}

/** Exit 0; 2 when a file is no policy, or one to be put in force lets hostile commands through. */
export async function policy(options: PolicyCommandOptions, context: CommandContext): Promise<number> {
  if (options.use !== undefined) return use(options.use, options, context);
  if (options.check !== undefined) return check(options.check, options, context);
  const project = await inForce(options, context);
  if (options.json === true) {
    const never = NEVER.map(({ title, why, programs }) => ({ title, why, programs }));
    const shown = { programs: describePrograms(), refusedOptions: deniedOptions(), ownedFiles, never, project };
    context.terminal.line(JSON.stringify(shown, null, 2));
  } else for (const line of rulesText(project)) context.terminal.line(line);
  return EXIT.ok;
}

async function check(file: string | true, options: PolicyCommandOptions, context: CommandContext): Promise<number> {
  const { project, source } = await offered(file, options, context);
  const difference = await differenceOf(project);
  if (options.json === true) context.terminal.line(JSON.stringify({ source, ...difference }, null, 2));
  else for (const line of differenceText(source, difference)) context.terminal.line(line);
  return isHarmful(difference) ? EXIT.usage : EXIT.ok;
}

async function use(file: string | true, options: PolicyCommandOptions, context: CommandContext): Promise<number> {
  const build = await chosenBuild(context.config, options.projectDir);
  const { project, source, text } = await offered(file, { ...options, projectDir: build.projectDir }, context);
  const difference = await differenceOf(project);
  for (const line of differenceText(source, difference)) context.terminal.line(line);
  if (isHarmful(difference)) {
    context.terminal.problem('Not put in force: narrow the lines above and try again.');
    return EXIT.usage;
  }
  await keepPolicy(buildFolder(context.config, build.buildId), text, source);
  context.terminal.line(
    `In force for ${build.projectDir} from the next session on; that project shows it as ${POLICY_FILE}.`,
  );
  return EXIT.ok;
}

async function inForce(options: PolicyCommandOptions, { config }: CommandContext): Promise<ProjectPolicy> {
  if (options.projectDir === undefined && (await knownBuilds(config)).length === 0) return NO_PROJECT_POLICY;
  const build = await chosenBuild(config, options.projectDir);
  return keptPolicy(buildFolder(config, build.buildId)).catch((error: Error) => {
    throw new UsageError(error.message);
  });
}

async function offered(
  file: string | true,
  options: PolicyCommandOptions,
  { config }: CommandContext,
): Promise<{ readonly project: ProjectPolicy; readonly source: string; readonly text: string }> {
  const directory = options.projectDir ?? '.';
  const source = path.resolve(config.callerDirectory, file === true ? path.join(directory, POLICY_FILE) : file);
  const text = await readFile(source, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`The policy ${source} cannot be read (${error.code}); name the file: --check FILE`);
  });
  const reading = readProjectPolicy(text);
  if (reading.kind === 'read') return { project: reading.policy, source, text };
  throw new UsageError(reading.problems.map((problem) => `${source}: ${problem}`).join('\n'));
}

async function differenceOf(project: ProjectPolicy): Promise<Difference> {
  const builtIn = await createPolicy({ projectDir: CORPUS_PROJECT });
  const edited = await createPolicy({ projectDir: CORPUS_PROJECT, project });
  return comparePolicies(await commandCorpus(), builtIn, edited, project);
}

const isHarmful = ({ opened, reached }: Difference): boolean =>
  reached.length > 0 || opened.some(({ expect }) => expect === 'block');

function differenceText(source: string, { opened, closed, reached }: Difference): readonly string[] {
  return [
    `${source}: a policy. Against the corpus it newly lets through ${opened.length}, newly refuses ${closed.length}.`,
    ...opened.map(
      ({ cmd, expect, why }) => `  lets through${expect === 'block' ? ' (HARMFUL)' : ''}: ${cmd}   [${why}]`,
    ),
    ...closed.map(({ cmd }) => `  refuses: ${cmd}`),
    ...reached.map((command) => `  lets through (HARMFUL): ${command}`),
  ];
}

function rulesText(project: ProjectPolicy): readonly string[] {
  return [
    'Programs that may run, and what is held back of each:',
    ...describePrograms().map(({ program, why }) => `  ${program.padEnd(15)} ${why}`),
    `Files that only Nightshift writes: ${ownedFiles.join(', ')}, .git; .venv is written by pip.`,
    'Nothing outside of the project directory is read or written; at most 40 commands, 8 kB, 50 ms to read one.',
    `For this project (${POLICY_FILE}):`,
    ...lines('allow', project.allow),
    ...lines('deny', project.deny),
    'What no file can allow:',
    ...NEVER.map(({ title, why, programs }) => `  ${title}: ${why} (${programs.join(' ')})`),
    '  reading or writing outside of the project, docker.sock; rewriting git history; other package indexes',
  ];
}

function lines(verb: string, entries: ProjectPolicy['deny']): readonly string[] {
  if (entries.length === 0) return [`  ${verb}: nothing`];
  return entries.map(({ program, arguments: pattern, why }) => {
    return `  ${verb}: ${[program, pattern].filter((part) => part).join(' ')}${why ? `   (${why})` : ''}`;
  });
}
