/**
 * What no `nightshift.policy.json` can allow, as data with a reason each. Decides nothing about the built-in rules.
 */

export interface NeverGroup {
  readonly title: string;
  readonly why: string;
  readonly programs: readonly string[];
}

const list = (text: string): readonly string[] => text.split(' ');

export const NEVER: readonly NeverGroup[] = [
  {
    title: 'shells, and builtins that run text',
    why: 'they run commands that these rules never see',
    programs: list(
      'sh bash dash zsh ksh mksh fish csh tcsh ash rbash busybox toybox pwsh eval exec source . builtin trap alias enable hash bind complete coproc time',
    ),
  },
  {
    title: 'programs that run other programs',
    why: 'write the program itself, so that its own rules hold',
    programs: list(
      'env xargs setsid stdbuf nice ionice chrt taskset script expect parallel watch entr strace ltrace gdb flock unbuffer dbus-run-session systemd-run start-stop-daemon tmux screen',
    ),
  },
  {
    title: 'other rights',
    why: 'nothing of a project needs them',
    programs: list(
      'sudo su doas pkexec runuser setpriv capsh setcap chroot unshare nsenter bwrap mount umount chown chgrp passwd useradd usermod visudo ld.so',
    ),
  },
  {
    title: 'containers',
    why: 'whoever reaches docker.sock is root on the host',
    programs: list('podman nerdctl buildah ctr crictl runc kubectl lxc dockerd containerd'),
  },
  {
    title: 'other machines',
    why: 'nothing leaves the sandbox but through the package hosts',
    programs: list('ssh scp sftp rsync nc ncat netcat socat telnet ftp tftp wget ssh-add ssh-agent'),
  },
  {
    title: 'the machine itself',
    why: 'a project is a directory, not a machine',
    programs: list(
      'crontab at batch systemctl service reboot shutdown halt poweroff dd mkfs fdisk sysctl modprobe insmod',
    ),
  },
];

/** Programs with rules of their own that may be given further argument patterns: they run the project's code anyway. */
export const WIDENABLE: ReadonlySet<string> = new Set(
  list('python python3 python3.11 python3.12 python3.13 pytest coverage alembic uvicorn ruff black mypy node npm'),
);

/** Arguments that stay refused whatever a file says. */
const NEVER_ARGUMENTS: Readonly<Record<string, RegExp>> = {
  npm: /^(publish|unpublish|login|adduser|logout|token|owner|access|config|set|get|exec|x|-g|--global|--location|--registry|--prefix|--userconfig|--globalconfig|--script-shell)(=|$)|^--.*registry/,
};

/** Why no file can allow this program; null when one can. `ruled`: it has built-in rules. */
export function neverProgram(program: string, ruled: boolean): string | null {
  const group = NEVER.find(({ programs }) => programs.includes(program));
  if (group !== undefined) return `no file can allow ${program} (${group.title}): ${group.why}`;
  if (ruled && !WIDENABLE.has(program))
    return `${program} has rules of its own, which a file can tighten (deny) but not widen`;
  return null;
}

/** Why this argument stays refused, or null. */
export function neverArgument(program: string, text: string): string | null {
  if (NEVER_ARGUMENTS[program]?.test(text) === true) return `${program} ${text} publishes, or reaches another place`;
  const named = text.replace(/^.*[=/]/, '');
  const group = NEVER.slice(0, 3).find(({ programs }) => programs.includes(named) && named !== '.' && named !== 'time');
  return group === undefined ? null : `the argument ${text} names one of the ${group.title}`;
}
