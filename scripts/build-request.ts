/**
 * From the words of the command line to a build's input: spec file, project directory, settings. Every mistake is one
 * `UsageError` sentence that names the value and what to give instead.
 */
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../config/config.js';
import { buildIdFor, packageRoot } from '../config/locations.js';
import { realProjectDir } from '../config/project-path.js';
import { type BuildInput, type BuildSettings, MAX_SPEC_BYTES } from '../workflows/contract.js';
import { UsageError } from './exit-codes.js';
import { modelWarnings } from './live-model.js';

/** As commander hands them over: all text. */
export interface BuildOptions {
  readonly spec?: string;
  readonly projectDir?: string;
  readonly model?: string;
  readonly maxIterations?: string;
  readonly maxCost?: string;
  readonly maxTokens?: string;
  readonly maxHours?: string;
  /** commander's form of `--no-wait`. */
  readonly wait?: boolean;
  readonly testCount?: string;
  readonly instructions?: string;
  readonly allowUnsandboxed?: boolean;
  readonly json?: boolean;
}

export interface BuildRequest {
  readonly buildId: string;
  readonly input: BuildInput;
  /** Only what was typed: what an attached build must apply or refuse by name. */
  readonly typed: Partial<BuildSettings>;
  readonly specFile: string;
  readonly warnings: readonly string[];
}

export async function readBuildRequest(options: BuildOptions, config: Config, model: string): Promise<BuildRequest> {
  const projectDir = await projectPath(options.projectDir ?? 'autonomous_demo_project', config);
  const specFile =
    options.spec === undefined ? unnamedSpec(config, projectDir) : path.resolve(config.callerDirectory, options.spec);
  const spec = await readSpec(specFile);
  const typed = typedSettings(options);
  return {
    buildId: buildIdFor(projectDir),
    input: { spec, projectDir, settings: { ...typed, model } },
    typed,
    specFile,
    warnings: modelWarnings(model),
  };
}

/** The same request with the model that was chosen meanwhile. */
export function withModel(request: BuildRequest, model: string): BuildRequest {
  const settings = { ...request.input.settings, model };
  return { ...request, input: { ...request.input, settings }, warnings: modelWarnings(model) };
}

async function projectPath(typed: string, { callerDirectory }: Config): Promise<string> {
  try {
    return await realProjectDir(typed, callerDirectory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOTDIR' ? 'a file stands in its way' : `it cannot be reached (${code})`;
    throw new UsageError(`--project-dir ${typed}: ${why}; give the path of an empty or a new directory`);
  }
}

/** Settings that were typed, parsed. */
export function typedSettings(options: BuildOptions): Partial<BuildSettings> {
  return {
    ...(options.model === undefined ? {} : { model: options.model }),
    ...(options.maxIterations === undefined
      ? {}
      : { maxIterations: wholeNumber('--max-iterations', options.maxIterations, 0) }),
    ...(options.maxCost === undefined ? {} : { maxCostUsd: amount('--max-cost', options.maxCost, 'in USD') }),
    ...(options.maxTokens === undefined ? {} : { maxTokens: wholeNumber('--max-tokens', options.maxTokens, 1) }),
    ...(options.maxHours === undefined ? {} : { maxHours: amount('--max-hours', options.maxHours, 'of hours') }),
    ...(options.wait === false ? { waitForLimits: false } : {}),
    ...(options.testCount === undefined ? {} : { testCount: range('--test-count', options.testCount) }),
    ...(options.instructions === undefined ? {} : { extraInstructions: instructions(options.instructions) }),
    ...(options.allowUnsandboxed === true ? { allowUnsandboxed: true } : {}),
  };
}

/** A build goes on with its own spec, which lies in its project; a new one takes the sample. */
function unnamedSpec(config: Config, projectDir: string): string {
  const own = path.join(projectDir, 'app_spec.txt');
  const known = existsSync(path.join(config.locations.builds, buildIdFor(projectDir), 'build.json'));
  return known && existsSync(own) ? own : path.join(packageRoot, 'prompts', 'app_spec.txt');
}

async function readSpec(file: string): Promise<string> {
  let bytes: Buffer;
  try {
    const { size } = await stat(file);
    if (size > MAX_SPEC_BYTES) throw new UsageError(tooLarge(file, size));
    bytes = await readFile(file);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EISDIR') throw new UsageError(`The spec ${file} is a directory; give a text file with --spec FILE`);
    if (code === 'ENOENT') throw new UsageError(`There is no spec at ${file}; give one with --spec FILE`);
    throw new UsageError(`The spec ${file} cannot be read (${code}); give a readable text file with --spec FILE`);
  }
  // What is no file of a fixed size (a pipe) tells its size only now.
  if (bytes.byteLength > MAX_SPEC_BYTES) throw new UsageError(tooLarge(file, bytes.byteLength));
  const text = bytes.toString('utf8');
  if (text.includes('\u0000') || text.includes('\ufffd')) {
    throw new UsageError(`The spec ${file} is not UTF-8 text; give a plain text file with --spec FILE`);
  }
  if (text.trim() === '')
    throw new UsageError(`The spec ${file} is empty; prompts/app_spec.txt shows what one looks like`);
  return text;
}

function tooLarge(file: string, bytes: number): string {
  const size = bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  return `The spec ${file} has ${size}; at most 256 kB are read: shorten it, or split it into several projects`;
}

function wholeNumber(flag: string, text: string, min: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min)
    throw new UsageError(`${flag} takes a whole number from ${min}, not "${text}"`);
  return value;
}

function amount(flag: string, text: string, unit: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0)
    throw new UsageError(`${flag} takes an amount ${unit} above 0, not "${text}"`);
  return value;
}

function range(flag: string, text: string): { min: number; max: number } {
  const match = /^(\d{1,4})-(\d{1,4})$/.exec(text);
  const [min, max] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || min < 1 || min > max)
    throw new UsageError(`${flag} takes MIN-MAX such as 100-200, not "${text}"`);
  return { min, max };
}

function instructions(text: string): string {
  if (text.length > 8_000) throw new UsageError(`--instructions has ${text.length} characters; at most 8,000`);
  return text;
}
