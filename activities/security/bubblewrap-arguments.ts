/**
 * The argument vector of bubblewrap, pure: what a sandbox sees, in the order that matters. Everything not listed here
 * does not exist inside.
 */
import path from 'node:path';

export interface Mount {
  /** Path on the host (or in the staging area). */
  readonly source: string;
  /** Path inside. */
  readonly target: string;
  readonly writable: boolean;
}

export interface HostView {
  /** Entries of / that are symlinks on the host, e.g. `/bin` -> `usr/bin`; the others are real directories. */
  readonly rootLinks: Readonly<Record<string, string>>;
  readonly rootDirectories: readonly string[];
  /** Files and directories of /etc and the like that exist on the host. */
  readonly systemFiles: readonly string[];
  /** Directory below /usr that must not show (the worker's own package), or null. */
  readonly mask: string | null;
}

export interface View {
  readonly host: HostView;
  readonly mounts: readonly Mount[];
  readonly links: Readonly<Record<string, string>>;
  readonly projectDir: string;
  readonly tmpfsBytes: number;
  /** Without it nested user namespaces stay possible; some containers refuse the flag. */
  readonly nestedNamespacesOff: boolean;
  /** Descriptor that bubblewrap reads the seccomp program from; null without one. */
  readonly filterDescriptor: number | null;
}

/** Candidates for `HostView.systemFiles`; never all of /etc/ssl, whose private/ holds keys. */
export const SYSTEM_FILES = [
  '/etc/ssl/certs',
  '/etc/ssl/openssl.cnf',
  '/etc/pki',
  '/etc/ca-certificates',
  '/etc/ld.so.cache',
  '/etc/ld.so.conf',
  '/etc/ld.so.conf.d',
  '/etc/alternatives',
  '/etc/localtime',
  '/etc/mime.types',
  '/etc/crypto-policies',
];
export const SYNTHETIC_FILES = ['passwd', 'group', 'hosts', 'nsswitch.conf', 'resolv.conf', 'gitconfig'];
export const HOME_INSIDE = '/home/agent';
export const RUN_INSIDE = '/run/nightshift';
const WRITABLE_ROOTS = ['/dev/shm', '/tmp', HOME_INSIDE, '/run'];

export const NAMESPACE_FLAGS = [
  '--unshare-user',
  '--unshare-pid',
  '--unshare-ipc',
  '--unshare-uts',
  '--unshare-net',
  '--unshare-cgroup-try',
  '--hostname',
  'sandbox',
  '--uid',
  '1000',
  '--gid',
  '1000',
  '--new-session',
  '--die-with-parent',
  '--cap-drop',
  'ALL',
  '--cap-add',
  'CAP_WAKE_ALARM',
];

/** Arguments up to, not including, the command. */
export function bubblewrapArguments(view: View): string[] {
  const mounts = [...view.mounts].sort((a, b) => a.target.length - b.target.length);
  const parents = sealedParents([...mounts.map((mount) => mount.target), ...Object.keys(view.links)]);
  return [
    ...NAMESPACE_FLAGS,
    ...(view.nestedNamespacesOff ? ['--disable-userns'] : []),
    ...(view.filterDescriptor === null ? [] : ['--seccomp', String(view.filterDescriptor)]),
    ...systemArguments(view.host),
    ...WRITABLE_ROOTS.flatMap((root) => ['--size', String(view.tmpfsBytes), '--tmpfs', root]),
    ...parents.flatMap((parent) => ['--tmpfs', parent]),
    ...mounts.flatMap(({ source, target, writable }) => [writable ? '--bind' : '--ro-bind', source, target]),
    ...SYNTHETIC_FILES.flatMap((name) => ['--symlink', `${RUN_INSIDE}/etc/${name}`, `/etc/${name}`]),
    ...Object.entries(view.links).flatMap(([link, target]) => ['--symlink', target, link]),
    ...parents.flatMap((parent) => ['--remount-ro', parent]),
    ...['/', '/dev', '/run'].flatMap((root) => ['--remount-ro', root]),
    '--chdir',
    view.projectDir,
  ];
}

function systemArguments(host: HostView): string[] {
  return [
    '--ro-bind',
    '/usr',
    '/usr',
    ...host.rootDirectories.flatMap((directory) => ['--ro-bind', directory, directory]),
    ...Object.entries(host.rootLinks).flatMap(([link, target]) => ['--symlink', target, link]),
    ...host.systemFiles.flatMap((file) => ['--ro-bind', file, file]),
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    ...(host.mask === null ? [] : ['--tmpfs', host.mask, '--remount-ro', host.mask]),
  ];
}

/**
 * Directories that bubblewrap would make on a writable tmpfs on the way to a mount, e.g. /tmp/work for /tmp/work/app:
 * each becomes a read-only mount of its own, so that a write beside the project fails instead of vanishing.
 */
function sealedParents(targets: readonly string[]): string[] {
  const parents = new Set<string>();
  for (const target of targets) {
    const root = WRITABLE_ROOTS.find((candidate) => target.startsWith(`${candidate}/`));
    if (root === undefined || root === '/run') continue;
    const [first = '', ...rest] = target.slice(root.length + 1).split('/');
    const parent = path.posix.join(root, first);
    if (rest.length > 0 && !targets.includes(parent)) parents.add(parent);
  }
  return [...parents];
}
