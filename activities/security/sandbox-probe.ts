/**
 * Can a sandbox start here, and if not, why and what to do: bubblewrap's message matched against the known causes.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { NAMESPACE_FLAGS } from './bubblewrap-arguments.js';
import { SANDBOX_UID } from './project-ownership.js';
import { systemCallFilter } from './system-call-filter.js';

/** What not every machine offers; a sandbox is still one without it, and says so. */
export interface Abilities {
  /** User namespaces inside the sandbox's own can be turned off. */
  readonly nestedNamespacesOff: boolean;
  /** A seccomp program can be loaded. */
  readonly systemCallFilter: boolean;
}

export type SandboxProbe =
  | { readonly available: true; readonly version: string; readonly abilities: Abilities }
  | { readonly available: false; readonly cause: string; readonly cure: string };

const PROBE_TIMEOUT_MS = 10_000;

/** Known refusals, most specific first. Sources: reference measurements and public threads, see docs/security.md. */
const CAUSES: readonly { readonly match: RegExp; readonly cause: string; readonly cure: string }[] = [
  {
    match: /No permissions to create new namespace|Operation not permitted.*namespace|clone.*Operation not permitted/i,
    cause:
      'user namespaces are refused, as by a container without them (seccomp) or kernel.unprivileged_userns_clone=0',
    cure: 'run the container with --security-opt seccomp=<a profile that allows user namespaces> (or unconfined), or run the worker on the host or a VM',
  },
  {
    match: /Can't mount proc/i,
    cause: 'the container masks parts of /proc, so no fresh /proc can be mounted',
    cure: 'docker: --security-opt systempaths=unconfined; podman: --security-opt unmask=ALL',
  },
  {
    match: /max_\*?_?namespaces exceeded|ENOSPC|No space left on device/i,
    cause: 'the number of user namespaces is used up or set to 0',
    cure: 'sudo sysctl user.max_user_namespaces=15000',
  },
  {
    match: /setting up uid map: Permission denied|RTM_NEWADDR: Operation not permitted/i,
    cause:
      'AppArmor restricts user namespaces (Ubuntu 23.10 and later: kernel.apparmor_restrict_unprivileged_userns=1)',
    cure: 'load an AppArmor profile for bwrap with `userns,` (bwrap-userns-restrict in apparmor-profiles), or as a last resort: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0',
  },
  {
    match: /setpriv|unshare/i,
    cause: 'the worker is root but may not drop to an unprivileged user or make a private mount namespace',
    cure: 'run the worker as an ordinary user, or give its container SYS_ADMIN, SETUID and SETGID',
  },
];

export async function probeSandbox(runAs: number = SANDBOX_UID): Promise<SandboxProbe> {
  const bwrap = bubblewrapPath();
  if (bwrap === null) {
    return {
      available: false,
      cause: 'bubblewrap (bwrap) is not installed',
      cure: 'sudo apt-get install bubblewrap (Debian, Ubuntu) · sudo dnf install bubblewrap (Fedora) · sudo pacman -S bubblewrap (Arch)',
    };
  }
  const version = (await execute([bwrap, '--version'], null)).output.replace(/^bubblewrap\s*/, '').trim();
  let refusal = '';
  for (const abilities of WAYS) {
    const { ok, output } = await tryStart(bwrap, runAs, abilities);
    if (ok) return { available: true, version, abilities };
    refusal ||= output;
  }
  return explain(refusal);
}

/** What is tried, best first. */
const WAYS: readonly Abilities[] = [
  { nestedNamespacesOff: true, systemCallFilter: true },
  { nestedNamespacesOff: true, systemCallFilter: false },
  { nestedNamespacesOff: false, systemCallFilter: true },
  { nestedNamespacesOff: false, systemCallFilter: false },
];

/** For the `notes` of a sandbox: what it does without. */
export function missingAbilities({ nestedNamespacesOff, systemCallFilter }: Abilities): string[] {
  return [
    ...(nestedNamespacesOff ? [] : ['nested user namespaces stay possible inside']),
    ...(systemCallFilter ? [] : ['no system-call filter (seccomp): every system call stays possible inside']),
  ];
}

/** The cause and cure for what bubblewrap printed. */
export function explain(output: string): { available: false; cause: string; cure: string } {
  const text = output.trim();
  const known = CAUSES.find(({ match }) => match.test(text));
  if (known) return { available: false, cause: `${known.cause} (${text})`, cure: known.cure };
  return {
    available: false,
    cause: `bubblewrap does not start: ${text || 'no message'}`,
    cure: 'run `bwrap --unshare-all --ro-bind / / true` in a shell and mend what it names',
  };
}

export function bubblewrapPath(): string | null {
  return ['/usr/bin/bwrap', '/usr/local/bin/bwrap', '/bin/bwrap'].find((file) => existsSync(file)) ?? null;
}

/** How a root worker becomes the unprivileged user; empty for others. */
export function dropArguments(uid: number): string[] {
  if (process.getuid?.() !== 0) return [];
  return ['/usr/bin/setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
}

function tryStart(bwrap: string, uid: number, abilities: Abilities): Promise<{ ok: boolean; output: string }> {
  const filter = abilities.systemCallFilter ? systemCallFilter(process.arch, { memoryFiles: true }) : null;
  if (abilities.systemCallFilter && filter === null) {
    return Promise.resolve({ ok: false, output: `no system-call filter is known for ${process.arch}` });
  }
  const flags = [...NAMESPACE_FLAGS, ...(abilities.nestedNamespacesOff ? ['--disable-userns'] : [])];
  const view = ['--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev'];
  const seccomp = filter === null ? [] : ['--seccomp', '3'];
  return execute([...dropArguments(uid), bwrap, ...flags, ...view, ...seccomp, '/bin/true'], filter);
}

/** `input`: what the program reads from descriptor 3. */
function execute(argv: readonly string[], input: Buffer | null): Promise<{ ok: boolean; output: string }> {
  const [file = '', ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      env: {},
      cwd: '/',
      timeout: PROBE_TIMEOUT_MS,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)));
    const descriptor = child.stdio[3] as Writable;
    descriptor.on('error', () => undefined); // it ended without reading
    descriptor.end(input ?? '');
    child.once('error', (error) => resolve({ ok: false, output: error.message }));
    child.once('close', (code, signal) => {
      const silent = output === '' && code !== 0 ? `ended with ${signal ?? `status ${code}`}` : output;
      resolve({ ok: code === 0, output: silent });
    });
  });
}
