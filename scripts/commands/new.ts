/** `new NAME`: a short, commented spec in the caller's directory, or a copy of a shipped one. Never writes over a file. */
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { quote } from 'shell-quote';
import { caseCount } from '../../activities/features/proposal.js';
import { planFeatures } from '../../activities/scaffold/feature-plan.js';
import { readSpec } from '../../activities/scaffold/reader/spec-reader.js';
import { inspectProjectDirectory } from '../../activities/workspace/project-directory.js';
import { packageRoot } from '../../config/locations.js';
import { DEFAULT_SETTINGS } from '../../workflows/contract.js';
import type { CommandContext } from '../command-context.js';
import { EXIT, UsageError } from '../exit-codes.js';

export interface NewOptions {
  /** Name of one of `prompts/specs/*.txt`, without the ending. */
  readonly example?: string;
}

const EXAMPLES = path.join(packageRoot, 'prompts', 'specs');
const TEMPLATE = path.join(packageRoot, 'prompts', 'new_spec.txt');

/** Letters, digits, - and _: a file, a directory and a word of a shell without quotes. */
const NAME = /^[a-z][a-z0-9_-]{0,59}$/i;

/** Exit 0 with the commands that come next; 2 for a bad name, an unknown example or a file that is there already. */
export async function newSpec(typed: string, options: NewOptions, context: CommandContext): Promise<number> {
  const name = typed.replace(/\.txt$/i, '');
  if (!NAME.test(name)) {
    throw new UsageError(
      `${JSON.stringify(typed)} is no name for a spec: give 1 to 60 letters, digits, - or _, a letter first, such as my-shop`,
    );
  }
  const text =
    options.example === undefined ? await fromTemplate(name, context.self) : await fromExample(options.example);
  await writeNew(name, text, options, context);
  for (const line of await nextLines(name, text, context)) context.terminal.line(line);
  return EXIT.ok;
}

async function fromTemplate(name: string, self: string): Promise<string> {
  const values: Readonly<Record<string, string>> = { title: titleFrom(name), self, file: `${name}.txt` };
  const template = await readFile(TEMPLATE, 'utf8');
  return template.replace(/%%(title|self|file)%%/g, (_match, key: string) => values[key] ?? '');
}

/** `my-shop` and `my_shop_api` -> `My Shop API`. */
function titleFrom(name: string): string {
  const words = name.split(/[-_]+/).filter((word) => word !== '');
  const own = words.length > 1 && words.at(-1)?.toLowerCase() === 'api' ? words.slice(0, -1) : words;
  return [...own.map((word) => word.charAt(0).toUpperCase() + word.slice(1)), 'API'].join(' ');
}

async function fromExample(example: string): Promise<string> {
  const files = (await readdir(EXAMPLES)).filter((file) => file.endsWith('.txt')).sort();
  const file = files.find((known) => known === example || known === `${example}.txt`);
  if (file !== undefined) return readFile(path.join(EXAMPLES, file), 'utf8');
  const names = files.map((known) => known.slice(0, -'.txt'.length)).join(', ');
  throw new UsageError(`There is no example ${JSON.stringify(example)}; there are: ${names}`);
}

async function writeNew(name: string, text: string, { example }: NewOptions, context: CommandContext): Promise<void> {
  const { callerDirectory } = context.config;
  const file = path.join(callerDirectory, `${name}.txt`);
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') {
      const other = ['new', freeName(name, callerDirectory), ...(example === undefined ? [] : ['--example', example])];
      throw new UsageError(
        `${file} is there already and stays as it is; another name: ${context.self} ${quote(other)}`,
      );
    }
    if (code === undefined || !['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR'].includes(code)) throw error;
    throw new UsageError(`${file} cannot be written (${code}); go to a directory of yours and give the command again`);
  }
}

function freeName(name: string, directory: string): string {
  const stem = name.slice(0, 50);
  let number = 2;
  while (existsSync(path.join(directory, `${stem}-${number}.txt`))) number += 1;
  return `${stem}-${number}`;
}

/** What was written, and the commands that come next, as they may be pasted. */
async function nextLines(name: string, text: string, context: CommandContext): Promise<string[]> {
  const { self } = context;
  const reading = readSpec(text);
  if (reading.kind === 'unusable') throw new Error(`a spec of Nightshift's own cannot be read: ${name}`);
  const { resources, statements } = reading.model;
  const { min, max } = DEFAULT_SETTINGS.testCount;
  const cases = caseCount(planFeatures(reading.model, { min, max }));
  const open = statements.filter((statement) => statement.class === 'UNRESOLVED').length;
  const count = cases < min ? ` --test-count ${Math.ceil(cases / 2)}-${max}` : '';
  const directory = await projectName(name, context);
  return [
    `${name}.txt: ${resources.length} resource${resources.length === 1 ? '' : 's'}, ${statements.length} statements, ${cases} test cases`,
    ...(open === 0
      ? []
      : [`Left to a live model: ${open} of the statements; the offline one ends with exit code 3 there`]),
    'How each line is read (--watch: again at every save):',
    `  ${self} plan --spec ${name}.txt`,
    'Build it:',
    `  ${self} build --spec ${name}.txt --project-dir ${directory}${count}`,
  ];
}

/** A directory that `build` takes: named after the spec where that is free. */
async function projectName(name: string, { config }: CommandContext): Promise<string> {
  const places = { home: config.environment['HOME'] ?? '/root', packageRoot, state: config.locations.state };
  for (const candidate of [name, `${name}-api`, `${name}-2`, `${name}-3`]) {
    const verdict = await inspectProjectDirectory(path.join(config.callerDirectory, candidate), places);
    if (verdict.kind === 'usable' && verdict.mark === 'new') return candidate;
  }
  return name;
}
