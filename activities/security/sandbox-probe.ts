/**
 * Can a sandbox start here, and if not, why and what to do: bubblewrap's message matched against the known causes.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { NAMESPACE_FLAGS } from './bubblewrap-arguments.js';
import { SANDBOX_UID } from './project-ownership.js';

export type SandboxProbe =
  | { readonly available: true; readonly version: string; readonly disableNestedNamespaces: boolean }
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
  if (process.platform !== 'linux') {
    return {
      available: false,
      cause: `no sandbox is implemented for ${process.platform}`,
      cure: 'run the worker on Linux (a VM or WSL 2 will do)',
    };
  }
  const bwrap = bubblewrapPath();
  if (bwrap === null) {
    return {
      available: false,
      cause: 'bubblewrap (bwrap) is not installed',
      cure: 'sudo apt-get install bubblewrap (Debian, Ubuntu) · sudo dnf install bubblewrap (Fedora) · sudo pacman -S bubblewrap (Arch)',
    };
  }
  const version = (await execute([bwrap, '--version'])).output.replace(/^bubblewrap\s*/, '').trim();
  const full = await tryStart(bwrap, runAs, true);
  if (full.ok) return { available: true, version, disableNestedNamespaces: true };
  const reduced = await tryStart(bwrap, runAs, false);
  if (reduced.ok) return { available: true, version, disableNestedNamespaces: false };
  return explain(full.output);
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

function tryStart(bwrap: string, uid: number, nested: boolean): Promise<{ ok: boolean; output: string }> {
  const flags = [...NAMESPACE_FLAGS, ...(nested ? ['--disable-userns'] : [])];
  const view = ['--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev'];
  return execute([...dropArguments(uid), bwrap, ...flags, ...view, '/bin/true']);
}

function execute(argv: readonly string[]): Promise<{ ok: boolean; output: string }> {
  const [file = '', ...args] = argv;
  return new Promise((resolve) => {
    execFile(file, args, { env: {}, cwd: '/', timeout: PROBE_TIMEOUT_MS }, (error, stdout, stderr) => {
      resolve({ ok: error === null, output: stdout + stderr + (error && !stderr ? error.message : '') });
    });
  });
}
