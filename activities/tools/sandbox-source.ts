/**
 * The session's sandbox as tools see it: made at first use, replaced when it was lost or the model asks for a restart.
 * One at a time.
 */
import { type Sandbox, SandboxLost } from '../security/sandbox.js';

export interface SandboxSource {
  /** The live sandbox; opens one when there is none. */
  current(): Promise<Sandbox>;
  /** Ends the old one, with everything that runs in it, and opens another. */
  renew(): Promise<Sandbox>;
  /** Ends it for good. Rejects when something of it may be left running. */
  close(): Promise<void>;
}

/** `open` also records the new sandbox with the lease, before anything runs in it. */
export function sandboxSource(open: () => Promise<Sandbox>): SandboxSource {
  let opened: Promise<Sandbox> | null = null;
  const close = async (): Promise<void> => {
    const old = opened;
    opened = null;
    const sandbox = await old?.catch(() => undefined); // one that could not start has nothing to end
    await sandbox?.close();
  };
  const current = (): Promise<Sandbox> => {
    if (opened === null) {
      const opening = open();
      opened = opening;
      // A sandbox that could not start is tried again at the next call.
      opening.catch(() => {
        if (opened === opening) opened = null;
      });
    }
    return opened;
  };
  return {
    current,
    close,
    renew: async () => {
      await close().catch(() => undefined); // a lost one cannot be asked any more
      return current();
    },
  };
}

/** Does something that may safely be done twice; when the sandbox is lost under it, once more in a new one. */
export async function inSandbox<T>(source: SandboxSource, action: (sandbox: Sandbox) => Promise<T>): Promise<T> {
  try {
    return await action(await source.current());
  } catch (error) {
    if (!(error instanceof SandboxLost)) throw error;
    return action(await source.renew());
  }
}
