/**
 * The environment and the command form of a project's process: only what the request names, plus HOME, PATH, LANG and
 * TMPDIR. The worker's own environment never flows in.
 */
import path from 'node:path';
import type { CommandSpec } from './inside/command.mjs';
import type { CommandRequest, SandboxRequest } from './sandbox.js';

const SYSTEM_PATH = ['/usr/local/bin', '/usr/bin', '/bin'];
const DEFAULT_OUTPUT_BYTES = 60_000;
/** Between TERM and KILL. */
export const GRACE_MS = 2_000;

export interface Surroundings {
  readonly home: string;
  readonly temporary: string;
  /** Directory of node, when it isn't on the system's path. */
  readonly nodeDirectory: string;
  readonly proxyPort: number | null;
}

export function baseEnvironment(request: SandboxRequest, around: Surroundings): Record<string, string> {
  const directories = [...request.path, ...SYSTEM_PATH, around.nodeDirectory];
  return {
    ...(around.proxyPort === null ? {} : proxyEnvironment(around.proxyPort)),
    ...request.environment,
    HOME: around.home,
    PATH: [...new Set(directories)].join(':'),
    LANG: 'C.UTF-8',
    TMPDIR: around.temporary,
    // Bash takes a socket on its standard input for rshd and reads ~/.bashrc unless a shell level is set.
    SHLVL: '1',
  };
}

/** `shell: true`: the text is in SANDBOX_COMMAND and the runner makes the shell. */
export function commandSpec(
  command: Omit<CommandRequest, 'timeoutMs' | 'signal'>,
  timeoutMs: number | null,
  projectDir: string,
  base: Readonly<Record<string, string>>,
): { readonly spec: CommandSpec; readonly shell: boolean } {
  const shell = 'shell' in command.command ? command.command.shell : null;
  const environment = { ...base, ...command.environment };
  return {
    shell: shell !== null,
    spec: {
      argv: 'shell' in command.command ? [] : command.command,
      cwd: path.resolve(projectDir, command.cwd ?? '.'),
      environment: shell === null ? environment : { ...environment, SANDBOX_COMMAND: shell },
      stdin: command.stdin ?? null,
      timeoutMs,
      graceMs: GRACE_MS,
      outputBytes: command.outputBytes ?? DEFAULT_OUTPUT_BYTES,
    },
  };
}

function proxyEnvironment(port: number): Record<string, string> {
  const url = `http://127.0.0.1:${port}`;
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy', 'PIP_PROXY', 'npm_config_proxy'];
  const direct = 'localhost,127.0.0.1,::1';
  return {
    ...Object.fromEntries([...names, 'npm_config_https_proxy'].map((name) => [name, url])),
    NO_PROXY: direct,
    no_proxy: direct,
  };
}
