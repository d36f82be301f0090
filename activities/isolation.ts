/**
 * Which isolation a build gets on this machine. A live model runs only in a sandbox that has just proved itself; the
 * offline model may run without one, and it is said in progress.
 */
import type { BuildReference } from '../workflows/contract.js';
import { failure } from './failures.js';
import type { Sandbox, SandboxRequest } from './security/sandbox.js';
import { type SandboxBackend, sandboxBackend, sandboxLine } from './security/sandbox-backend.js';
import { allRefused, runSelfTest } from './security/self-test.js';
import { openUnsandboxed } from './security/unsandboxed.js';

export interface Isolation {
  readonly sandboxed: boolean;
  readonly open: (request: SandboxRequest) => Promise<Sandbox>;
  /** One line for progress: `bubblewrap 0.8.0`, or `none (why)`. */
  readonly line: string;
}

/** Throws `WorkspaceRefused` with cause and cure when a live model would run without a sandbox that holds. */
export async function isolationOf(
  { settings }: Pick<BuildReference, 'settings'>,
  backend: SandboxBackend = sandboxBackend(),
): Promise<Isolation> {
  const live = settings.model !== 'offline';
  const probe = await backend.probe();
  const line = sandboxLine(backend, probe);
  if (probe.available) {
    if (live) await proveSandbox(backend);
    return { sandboxed: true, open: backend.open, line };
  }
  if (!live || settings.allowUnsandboxed) return { sandboxed: false, open: openUnsandboxed, line };
  throw failure(
    'WorkspaceRefused',
    `no sandbox can start here (${probe.cause}), and a live model never runs without one. To mend it: ${probe.cure}; or start again with --allow-unsandboxed`,
  );
}

const proofs = new Map<string, Promise<void>>();

/** The attacks of the self-test, once per worker process; a failed proof is tried again, because a cure may follow. */
function proveSandbox(backend: SandboxBackend): Promise<void> {
  const known = proofs.get(backend.name);
  if (known) return known;
  const proof = attack(backend).catch((error: unknown) => {
    proofs.delete(backend.name);
    throw error;
  });
  proofs.set(backend.name, proof);
  return proof;
}

async function attack({ open: openSandbox }: SandboxBackend): Promise<void> {
  const results = await runSelfTest(openSandbox);
  if (allRefused(results)) return;
  const open = results
    .filter(({ refused }) => !refused)
    .map(({ probe, detail }) => `${probe}: ${detail}`.slice(0, 200));
  throw failure(
    'WorkspaceRefused',
    `the sandbox does not hold on this machine, so no live model starts. Open: ${open.join('; ') || 'not every probe ran'}`,
  );
}
