/** A clock that is plainly wrong: earlier than the code that runs. Certificates, waits and ceilings would all fail by it. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../config/locations.js';

/** A clock may be set back by a correction; not by more than this, in milliseconds. */
const TOLERANCE_MS = 60 * 60_000;

/** One sentence, or undefined. `compiledAt`: when this code was compiled on this machine, ms since the epoch. */
export function clockProblem(now: number = Date.now(), compiledAt: number = compilation()): string | undefined {
  if (now >= compiledAt - TOLERANCE_MS) return undefined;
  const [says, was] = [now, compiledAt].map((time) => new Date(time).toISOString().slice(0, 16).replace('T', ' '));
  return (
    `The clock of this machine says ${says} UTC, but this code was compiled at ${was}: set it right ` +
    '(timedatectl set-ntp true), then give the same command again'
  );
}

function compilation(): number {
  return statSync(path.join(packageRoot, 'dist', 'workflow-bundle.js')).mtimeMs;
}
