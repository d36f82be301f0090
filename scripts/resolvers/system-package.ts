/** The command that installs a program with this system's own package manager, read from os-release. Runs nothing. */
import { readFileSync } from 'node:fs';

/** Name of one program's package on each family of systems. */
export interface SystemPackage {
  readonly debian: string;
  readonly fedora: string;
  readonly arch: string;
  readonly alpine: string;
  readonly mac?: string;
}

export const BUBBLEWRAP: SystemPackage = {
  ...{ debian: 'bubblewrap', fedora: 'bubblewrap' },
  ...{ arch: 'bubblewrap', alpine: 'bubblewrap' },
};
export const POSTGRESQL: SystemPackage = {
  ...{ debian: 'postgresql', fedora: 'postgresql-server' },
  ...{ arch: 'postgresql', alpine: 'postgresql', mac: 'postgresql' },
};
export const PYTHON: SystemPackage = {
  ...{ debian: 'python3', fedora: 'python3', arch: 'python', alpine: 'python3', mac: 'python' },
};
export const GIT: SystemPackage = { debian: 'git', fedora: 'git', arch: 'git', alpine: 'git', mac: 'git' };
/** What brings pip along: Debian keeps it apart from Python, and pip is what knows a package index. */
export const PIP: SystemPackage = {
  ...{ debian: 'python3-venv', fedora: 'python3-pip', arch: 'python-pip', alpine: 'py3-pip' },
};

/** Without questions and without what is only recommended. */
export const APT_INSTALL = 'apt-get install -y --no-install-recommends';

/** A line that works when pasted, with `sudo` where this user needs it. Null where no package manager is known. */
export function installLine(
  wanted: SystemPackage,
  release = osRelease(),
  isRoot = process.getuid?.() === 0,
): string | null {
  const sudo = isRoot ? '' : 'sudo ';
  if (/debian|ubuntu/.test(release)) return `${sudo}apt-get update && ${sudo}${APT_INSTALL} ${wanted.debian}`;
  if (/fedora|rhel|centos/.test(release)) return `${sudo}dnf install -y ${wanted.fedora}`;
  if (/arch/.test(release)) return `${sudo}pacman -S --noconfirm ${wanted.arch}`;
  if (/alpine/.test(release)) return `${sudo}apk add ${wanted.alpine}`;
  if (process.platform === 'darwin' && wanted.mac) return `brew install ${wanted.mac}`;
  return null;
}

/** `ID` and `ID_LIKE` of this system, '' where there is no os-release. */
function osRelease(): string {
  try {
    const text = readFileSync('/etc/os-release', 'utf8');
    return text.match(/^ID(_LIKE)?=.*$/gm)?.join(' ') ?? '';
  } catch {
    return '';
  }
}
