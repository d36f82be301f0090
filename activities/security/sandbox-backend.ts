/**
 * What a kind of sandbox must offer, and which one this system has. Bubblewrap on Linux is the only one: a system without
 * one says so and what to do; it never gets a weaker one in silence.
 */
import { openSandbox } from './bubblewrap.js';
import type { Sandbox, SandboxRequest } from './sandbox.js';
import { missingAbilities, probeSandbox, type SandboxProbe } from './sandbox-probe.js';

/**
 * The seam for other systems. A new one is finished when `runSelfTest(backend.open)` refuses every probe on it, started by
 * the most powerful user that may run a worker there.
 */
export interface SandboxBackend {
  /** Shown in progress, status and doctor. */
  readonly name: string;
  /** Can one start here now, and if not, why and what mends it. Never throws. */
  readonly probe: () => Promise<SandboxProbe>;
  /** Throws with cause and cure when none can start; leaves nothing behind then. */
  readonly open: (request: SandboxRequest) => Promise<Sandbox>;
}

export function sandboxBackend(platform: NodeJS.Platform = process.platform): SandboxBackend {
  if (platform === 'linux') return { name: 'bubblewrap', probe: () => probeSandbox(), open: openSandbox };
  const cause = `no sandbox is implemented for ${platform}`;
  const cure = 'run the worker on Linux (a VM or WSL 2 will do)';
  return {
    name: 'none',
    probe: async () => ({ available: false, cause, cure }),
    open: async () => {
      throw new Error(`No sandbox can start here: ${cause}. To mend it: ${cure}`);
    },
  };
}

/** `bubblewrap 0.8.0`, with what it does without on this machine; `none (why)` where there is none. */
export function sandboxLine({ name }: SandboxBackend, probe: SandboxProbe): string {
  if (!probe.available) return `none (${probe.cause})`;
  const missing = missingAbilities(probe.abilities);
  return `${name} ${probe.version}${missing.length === 0 ? '' : ` (${missing.join('; ')})`}`;
}
