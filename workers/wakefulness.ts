/**
 * Keeps the machine from falling asleep while activities of a build run: one inhibitor process for all of them, ended
 * soon after the last. It reads a pipe of ours, so it ends with this worker, however that dies.
 */
import type { PipedProcess } from '../scripts/host-process.js';

/** Between two activities of a build lies less than this, in milliseconds: the inhibitor is not restarted for it. */
const LINGER_MS = 20_000;

export interface Wakefulness {
  /** Runs `work` with the machine kept awake, where it can be. */
  during<T>(work: () => Promise<T>): Promise<T>;
}

/** The command that inhibits sleep until its input ends, or null where none is known. */
export function inhibitorCommand(platform: NodeJS.Platform, pid: number): readonly [string, ...string[]] | null {
  switch (platform) {
    case 'linux':
      return ['systemd-inhibit', '--what=sleep:idle', '--who=Nightshift', '--why=a build runs', '--mode=block', 'cat'];
    case 'darwin':
      return ['caffeinate', '-i', '-w', String(pid)];
    default:
      return null;
  }
}

/** `start` starts a program with a pipe as its input; one that ends at once means that sleep cannot be inhibited here. */
export function wakefulness(
  start: () => PipedProcess | null,
  log: (line: string) => void,
  lingerMs = LINGER_MS,
): Wakefulness {
  let busy = 0;
  let inhibitor: PipedProcess | null = null;
  let refused = false;
  let timer: NodeJS.Timeout | undefined;
  const hold = (): void => {
    clearTimeout(timer);
    if (inhibitor !== null || refused) return;
    inhibitor = start();
    const mine = inhibitor;
    mine?.ended.then((problem) => {
      if (inhibitor !== mine) return;
      inhibitor = null;
      refused = true;
      log(`sleep is not inhibited here (${problem}): keep the machine awake while builds run`);
    });
  };
  const letGo = (): void => {
    const mine = inhibitor;
    inhibitor = null;
    mine?.end();
  };
  return {
    during: async (work) => {
      busy += 1;
      hold();
      try {
        return await work();
      } finally {
        busy -= 1;
        if (busy === 0) timer = setTimeout(letGo, lingerMs).unref();
      }
    },
  };
}
