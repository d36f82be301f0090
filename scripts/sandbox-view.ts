/** What a person is told of the sandbox on this machine: the line at a build's start, in `status` and in `doctor`. */
import { bubblewrapPath, probeSandbox, type SandboxProbe } from '../activities/security/sandbox-probe.js';
import { BUBBLEWRAP, installLine } from './resolvers/system-package.js';

export interface SandboxView {
  readonly available: boolean;
  /** One line: which sandbox, or why none and what that means. */
  readonly line: string;
  /** Why none starts, and what makes one start here; null when it does. */
  readonly cause: string | null;
  readonly cure: string | null;
}

/** Tries one (some 20 ms): an installed bubblewrap that may not start is no sandbox. */
export async function sandboxView(): Promise<SandboxView> {
  const installs = process.platform === 'linux' && bubblewrapPath() === null ? installLine(BUBBLEWRAP) : null;
  return viewOf(await probeSandbox(), installs);
}

/** `installs` is the command that brings bubblewrap where it is missing. */
export function viewOf(probe: SandboxProbe, installs: string | null = null): SandboxView {
  if (probe.available) {
    return { available: true, line: `sandbox: bubblewrap ${probe.version}`, cause: null, cure: null };
  }
  // What bwrap itself printed stands in brackets behind the cause: for a report, not for a glance.
  const cause = probe.cause.replace(/ \(bwrap: [\s\S]*$/, '');
  const line = `no sandbox here: ${cause}. The offline model builds without one; a live model does not start`;
  return { available: false, line, cause, cure: installs ?? probe.cure };
}
