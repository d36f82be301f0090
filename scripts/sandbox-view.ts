/** What a person is told of the sandbox on this machine: the line at a build's start, in `status` and in `doctor`. */
import { sandboxBackend, sandboxLine } from '../activities/security/sandbox-backend.js';
import type { SandboxProbe } from '../activities/security/sandbox-probe.js';

export interface SandboxView {
  readonly available: boolean;
  /** One line: which sandbox, or why none and what that means. */
  readonly line: string;
  /** What makes one start here; null when it does. */
  readonly cure: string | null;
}

/** Tries one (some 20 ms): an installed bubblewrap that may not start is no sandbox. */
export async function sandboxView(): Promise<SandboxView> {
  return viewOf(await sandboxBackend().probe());
}

export function viewOf(probe: SandboxProbe): SandboxView {
  if (probe.available) return { available: true, line: `sandbox: ${sandboxLine(sandboxBackend(), probe)}`, cure: null };
  const line = `no sandbox here: ${probe.cause}. The offline model builds without one; a live model does not start`;
  return { available: false, line, cure: probe.cure };
}
