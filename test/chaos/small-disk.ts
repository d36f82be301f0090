/** A disk of a few megabytes under one directory, that can be filled and freed: a tmpfs, which only root may mount. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';

export const canMount = process.getuid?.() === 0 && process.platform === 'linux';

export interface SmallDisk {
  /** Takes every byte that is left. */
  fill(): void;
  free(): void;
  unmount(): void;
}

export function smallDisk(directory: string, megabytes: number): SmallDisk {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', directory]);
  const ballast = path.join(directory, 'ballast');
  return {
    fill: () => {
      const block = Buffer.alloc(4_096);
      for (;;) {
        try {
          appendFileSync(ballast, block);
        } catch {
          return; // full
        }
      }
    },
    free: () => rmSync(ballast, { force: true }),
    unmount: () => {
      execFileSync('umount', ['-l', directory]);
    },
  };
}
