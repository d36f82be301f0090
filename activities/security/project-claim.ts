/**
 * Which sandboxes of this worker use a project: the first one hands the tree to the sandbox's uid, the last one gives it
 * back. In between nobody walks the tree, because what runs inside could swap directories under the walk.
 */
import { giveBack, handOver, type Owner, originalOwner } from './project-ownership.js';

export interface ProjectClaim {
  /** The owner it goes back to; null for a worker that isn't root. */
  readonly owner: Owner | null;
  take(): Promise<void>;
  release(): Promise<void>;
}

interface Holding {
  users: number;
  readonly owner: Owner;
  taken: Promise<void> | null;
  /** A release in progress; the next claim waits for it. */
  released: Promise<void> | null;
}

const holdings = new Map<string, Holding>();

export async function claimProject(projectDir: string, uid: number): Promise<ProjectClaim> {
  if (process.getuid?.() !== 0) {
    return { owner: null, take: async () => undefined, release: async () => undefined };
  }
  const holding = await hold(projectDir, uid);
  return {
    owner: holding.owner,
    take: () => {
      holding.taken ??= handOver(projectDir, uid);
      return holding.taken;
    },
    release: () => letGo(projectDir, holding, uid),
  };
}

async function hold(projectDir: string, uid: number): Promise<Holding> {
  for (;;) {
    const existing = holdings.get(projectDir);
    if (existing?.released) {
      await existing.released.catch(() => undefined);
      continue;
    }
    if (existing) {
      existing.users++;
      return existing;
    }
    const owner = await originalOwner(projectDir, uid);
    if (holdings.has(projectDir)) continue;
    const holding: Holding = { users: 1, owner, taken: null, released: null };
    holdings.set(projectDir, holding);
    return holding;
  }
}

async function letGo(projectDir: string, holding: Holding, uid: number): Promise<void> {
  holding.users--;
  if (holding.users > 0) return;
  holding.released = giveBack(projectDir, holding.owner, uid).finally(() => holdings.delete(projectDir));
  await holding.released;
}
