/**
 * Finds the one interpreter (Python >= 3.11) for generated projects: NIGHTSHIFT_PYTHON, what uv knows, then PATH. Never
 * downloads one.
 */
import type { Environment } from '../../config/environment.js';
import { run } from '../host-process.js';
import { PYTHON_MINIMUM } from './pins.js';
import { type Chain, type Found, isReachableByAll, onPath, type Resolution } from './resolution.js';
import { installLine, PYTHON } from './system-package.js';

const NAMES = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python'];

export interface Interpreter {
  /** The interpreter itself, no shim and no link. */
  readonly path: string;
  /** Installation prefix: what a sandbox must let a process read. */
  readonly prefix: string;
  readonly version: string;
}

export async function resolvePython(chain: Chain, uv: string | null): Promise<Resolution> {
  const named = chain.environment.NIGHTSHIFT_PYTHON;
  const candidates = named ? [] : await findInterpreters(chain.environment, uv);
  const own = named ? await inspect(named) : null;
  if (own) return answer(own, 'environment', `NIGHTSHIFT_PYTHON (${own.path})`);
  const best = candidates[0];
  if (best) return answer(best, 'machine', `interpreter on this machine (${best.path})`);
  return {
    found: false,
    what: 'Python >= 3.11',
    tried: [named ? `NIGHTSHIFT_PYTHON=${named}: is no Python >= 3.11` : `${uv ? 'uv python list, ' : ''}PATH: none`],
    ways: [
      `install it (Debian 12, Ubuntu 24.04 or later have it): ${installLine(PYTHON) ?? 'the package python3 of your system'}`,
      'set NIGHTSHIFT_PYTHON=/path/to/python3 to name one',
    ],
  };
}

function answer(interpreter: Interpreter, kind: string, how: string): Found {
  return { found: true, kind, path: interpreter.path, how, version: interpreter.version };
}

/**
 * Interpreters that are recent enough, best first. As root, one that every user can read comes first: the agent's
 * processes run as another user, who cannot look into root's home.
 */
export async function findInterpreters(environment: Environment, uv: string | null = null): Promise<Interpreter[]> {
  const files = uv ? await known(uv) : [];
  files.push(...NAMES.flatMap((name) => onPath(environment, name)));
  const found = new Map<string, Interpreter>();
  for (const file of new Set(files)) {
    const interpreter = await inspect(file);
    if (interpreter && !found.has(interpreter.path)) found.set(interpreter.path, interpreter);
  }
  const all = [...found.values()];
  if (process.getuid?.() !== 0) return all;
  return [...all.filter((one) => isReachableByAll(one.path)), ...all.filter((one) => !isReachableByAll(one.path))];
}

async function known(uv: string): Promise<string[]> {
  const args = ['python', 'list', '--only-installed', '--no-python-downloads', '--output-format', 'json', '--offline'];
  const { exitCode, stdout } = await run(uv, args, { timeoutMs: 20_000 });
  const rows = (exitCode === 0 && parsed(stdout)) as { path: string | null; implementation: string }[] | false;
  if (!Array.isArray(rows)) return [];
  return rows.flatMap((row) => (row.path && row.implementation === 'cpython' ? [row.path] : []));
}

const PROBE = [
  'import json, platform, sys, os',
  'print(json.dumps([os.path.realpath(getattr(sys, "_base_executable", sys.executable)), sys.base_prefix, platform.python_version(), sys.version_info[:2], sys.version_info.releaselevel]))',
].join('\n');

/** Asks the interpreter itself, so that shims and links are seen through. Null when too old or none. */
export async function inspect(file: string): Promise<Interpreter | null> {
  const { exitCode, stdout } = await run(file, ['-I', '-c', PROBE], { timeoutMs: 20_000 });
  const answer = exitCode === 0 && parsed(stdout);
  if (!Array.isArray(answer) || answer.length !== 5) return null;
  const [real, prefix, version, [major, minor], level] = answer as [string, string, string, [number, number], string];
  const recent = major > PYTHON_MINIMUM[0] || (major === PYTHON_MINIMUM[0] && minor >= PYTHON_MINIMUM[1]);
  return recent && level === 'final' ? { path: real, prefix, version } : null;
}

/** A program of that name may be anything: what it says counts only when it is what was asked for. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
