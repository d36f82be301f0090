/**
 * Python environments that verify and the agent start from: built once from a requirements text, keyed by its hash,
 * never changed after, readable by every user. Hard links are forbidden in them: one project could edit another's.
 */
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { lock } from 'proper-lockfile';
import { unsafeRequirement } from './requirements-text.js';

/** Runs a trusted program; the worker passes `run` of scripts/host-process. */
export type ProgramRunner = (
  file: string,
  args: readonly string[],
  options: { readonly environment: Readonly<Record<string, string>>; readonly timeoutMs: number },
) => Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }>;

export interface EnvironmentRequest {
  /** The text of a requirements.txt: every package pinned with ==. */
  readonly requirementsText: string;
  /** Absolute path of the interpreter. */
  readonly python: string;
  readonly uv: string;
  /** Directory that holds `envs/` and uv's own cache; must be reachable by the user of the sandbox. */
  readonly cache: string;
  /** What uv needs of the environment: PATH, HOME, index and proxy variables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly run: ProgramRunner;
}

export interface PythonEnvironment {
  /** Root of the environment, to be mounted read-only at this very path. */
  readonly prefix: string;
  /** Its programs: python, pytest, uvicorn, alembic, ruff, mypy, coverage. */
  readonly bin: string;
  /** Installation prefix of the interpreter below it: must be readable too. */
  readonly pythonPrefix: string;
}

/** The packages could not be installed: a pin that does not exist, or no index in reach. */
export class EnvironmentBuildError extends Error {
  override readonly name = 'EnvironmentBuildError';
}

/** Installing the 60 packages of the template takes about 10 s from an index in reach. */
const INSTALL_LIMIT_MS = 5 * 60_000;
/** A builder that died is noticed after this many milliseconds. */
const LOCK_STALE_MS = 15_000;

/** Gives the environment, building it when it is not there; needs no network when uv's cache holds the packages. */
export async function ensureEnvironment(request: EnvironmentRequest): Promise<PythonEnvironment> {
  const unsafe = unsafeRequirement(request.requirementsText);
  if (unsafe !== null) {
    throw new EnvironmentBuildError(
      `requirements.txt: \`${unsafe}\` is not installed. Write a package by name and version (httpx==0.27.0); options, paths, editable installs and addresses are refused.`,
    );
  }
  const interpreter = await identify(request);
  const prefix = path.join(request.cache, 'envs', keyOf(request.requirementsText, interpreter));
  const environment = { prefix, bin: path.join(prefix, 'bin'), pythonPrefix: interpreter.prefix };
  if (isComplete(prefix)) return environment;
  mkdirSync(path.dirname(prefix), { recursive: true, mode: 0o755 });
  const release = await lock(prefix, {
    realpath: false,
    stale: LOCK_STALE_MS,
    // A machine that slept in mid-build: the default would end the whole worker. At worst it is built twice.
    onCompromised: () => undefined,
    retries: { retries: 600, factor: 1, minTimeout: 500, maxTimeout: 500 },
  });
  try {
    if (!isComplete(prefix)) await build(request, prefix);
  } finally {
    await release();
  }
  return environment;
}

interface Interpreter {
  readonly version: string;
  readonly prefix: string;
}

async function identify(request: EnvironmentRequest): Promise<Interpreter> {
  const probe = 'import sys, platform; print(platform.python_version()); print(sys.base_prefix)';
  const { exitCode, stdout, stderr } = await request.run(request.python, ['-I', '-c', probe], {
    environment: request.environment,
    timeoutMs: 20_000,
  });
  const [version, prefix] = stdout.trim().split('\n');
  if (exitCode !== 0 || !version || !prefix) {
    throw new EnvironmentBuildError(`${request.python} does not start: ${stderr.trim() || `exit ${exitCode}`}`);
  }
  return { version, prefix };
}

function keyOf(requirements: string, interpreter: Interpreter): string {
  const parts = [requirements, interpreter.version, interpreter.prefix, process.platform, process.arch];
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 24);
}

/** The stamp is written last: an environment without it is the rest of a crash. */
function isComplete(prefix: string): boolean {
  return existsSync(path.join(prefix, '.complete'));
}

/** A venv holds its own path, so it is built at its final place, under the lock. */
async function build(request: EnvironmentRequest, prefix: string): Promise<void> {
  rmSync(prefix, { recursive: true, force: true });
  const requirements = `${prefix}.requirements.txt`;
  writeFileSync(requirements, request.requirementsText, { mode: 0o644 });
  const uv = (args: readonly string[], offline: boolean): ReturnType<ProgramRunner> =>
    request.run(request.uv, [...args, '--no-config', ...(offline ? ['--offline'] : [])], {
      environment: uvVariables(request),
      timeoutMs: INSTALL_LIMIT_MS,
    });
  const venv = await uv(['venv', '--quiet', '--python', request.python, '--no-python-downloads', prefix], true);
  if (venv.exitCode !== 0) throw new EnvironmentBuildError(`uv venv: ${venv.stderr.trim()}`);
  const install = ['pip', 'install', '--quiet', '--python', path.join(prefix, 'bin', 'python')];
  install.push('--only-binary', ':all:', '--link-mode', 'copy', '--requirements', requirements);
  const cached = await uv(install, true);
  const result = cached.exitCode === 0 ? cached : await uv(install, false);
  rmSync(requirements, { force: true });
  if (result.exitCode !== 0) throw new EnvironmentBuildError(`uv pip install: ${result.stderr.trim().slice(-2_000)}`);
  await compile(request, prefix);
  // Whatever the umask here: the sandbox's user must read it.
  chmodSync(path.dirname(prefix), 0o755);
  await request.run('chmod', ['-R', 'a+rX', prefix], { environment: request.environment, timeoutMs: 60_000 });
  writeFileSync(path.join(prefix, '.complete'), '', { mode: 0o644 });
}

/**
 * By the interpreter below the environment and without its packages (-I -S): the environment's own python would run every
 * .pth file that a wheel brought, on the host. A package with a file that doesn't compile is none of our business.
 */
async function compile({ python, run, environment }: EnvironmentRequest, prefix: string): Promise<void> {
  const command = ['-I', '-S', '-m', 'compileall', '-qq', '-j', '0', path.join(prefix, 'lib')];
  await run(python, command, { environment, timeoutMs: INSTALL_LIMIT_MS });
}

function uvVariables(request: EnvironmentRequest): Record<string, string> {
  return { ...request.environment, UV_CACHE_DIR: path.join(request.cache, 'uv'), UV_LINK_MODE: 'copy' };
}
