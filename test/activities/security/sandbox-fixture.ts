/**
 * Real sandboxes for tests: a project directory of its own and everything closed afterwards. Where this machine can't
 * start one, the tests are skipped by name, with the cause.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe } from '@jest/globals';
import { openSandbox } from '../../../activities/security/bubblewrap.js';
import type { CommandResult, Sandbox, SandboxRequest } from '../../../activities/security/sandbox.js';
import { sandboxBackend } from '../../../activities/security/sandbox-backend.js';

const probe = await sandboxBackend().probe();

/** `describe`, or a skipped one that says why. */
export function describeSandboxed(title: string, body: () => void): void {
  if (probe.available) describe(title, body);
  else describe.skip(`${title} (no sandbox here: ${probe.cause}; ${probe.cure})`, body);
}

export interface Place {
  directory(below?: string): string;
  open(request?: Partial<SandboxRequest>): Promise<Sandbox>;
}

/** Call it in a describe block. */
export function places(): Place {
  const directories: string[] = [];
  const sandboxes: Sandbox[] = [];
  afterEach(async () => {
    for (const sandbox of sandboxes.splice(0)) await sandbox.close();
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
  });
  const directory = (below = '/tmp'): string => {
    const made = mkdtempSync(path.join(below, 'security-test-'));
    directories.push(made);
    return made;
  };
  return {
    directory,
    open: async (request = {}) => {
      const sandbox = await openSandbox(sandboxRequest(request.projectDir ?? directory(), request));
      sandboxes.push(sandbox);
      return sandbox;
    },
  };
}

export function sandboxRequest(projectDir: string, more: Partial<SandboxRequest> = {}): SandboxRequest {
  return { readOnly: [], environment: {}, path: [], ...more, projectDir };
}

export function shell(sandbox: Sandbox, text: string, timeoutMs = 20_000): Promise<CommandResult> {
  return sandbox.run({ command: { shell: text }, timeoutMs });
}

/** Polls a fact that another process brings about; fails loudly after 10 s. */
export async function eventually<T>(look: () => Promise<T | null> | T | null, what: string): Promise<T> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > deadline) throw new Error(`not within 10 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
