/**
 * A root worker drops its rights before bubblewrap looks at any path, and then can't pass a 0700 home. So, in a private
 * mount namespace, the sources are first bound to a reachable place; the binds vanish with the process.
 */
import type { Mount } from './bubblewrap-arguments.js';

export interface StagingPlan {
  /** Empty directory that becomes the mount point. */
  readonly stage: string;
  readonly joinFiles: readonly string[];
  readonly mounts: readonly Mount[];
  readonly links: Readonly<Record<string, string>>;
  /** How the rights are dropped; empty = the worker isn't root and nothing is staged. */
  readonly drop: readonly string[];
  readonly command: (mounts: readonly Mount[], links: Readonly<Record<string, string>>) => readonly string[];
}

/** $1 stage; then the control group files, `--`, the sources, `--`, the command. */
const STAGE_SCRIPT = `set -e
PATH=/usr/sbin:/usr/bin:/sbin:/bin
stage=$1; shift
while [ "$1" != -- ]; do echo $$ > "$1"; shift; done; shift
mount -t tmpfs -o mode=0711,size=1m nightshift "$stage"
n=0
while [ "$1" != -- ]; do
  if [ -d "$1" ]; then mkdir "$stage/$n"; else : > "$stage/$n"; fi
  mount --bind "$1" "$stage/$n"
  n=$((n+1)); shift
done; shift
exec env -i "$@"`;
const JOIN_SCRIPT = `set -e
while [ "$1" != -- ]; do echo $$ > "$1"; shift; done; shift
exec env -i "$@"`;

/** The whole argument vector: control group, staging, drop, bubblewrap. */
export function stagingCommand(plan: StagingPlan): string[] {
  if (plan.drop.length === 0) {
    const command = plan.command(plan.mounts, plan.links);
    if (plan.joinFiles.length === 0) return [...command];
    return ['/bin/sh', '-c', JOIN_SCRIPT, 'sh', ...plan.joinFiles, '--', ...command];
  }
  const staged = plan.mounts.map((mount, index) => ({ ...mount, source: `${plan.stage}/${index}` }));
  return [
    ...['/usr/bin/unshare', '--mount', '--propagation', 'private', '/bin/sh', '-c', STAGE_SCRIPT, 'sh', plan.stage],
    ...[...plan.joinFiles, '--'],
    ...[...plan.mounts.map((mount) => mount.source), '--'],
    ...plan.drop,
    ...plan.command(staged, plan.links),
  ];
}
