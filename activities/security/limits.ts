/**
 * What a session may use. Defaults are generous for a FastAPI project and small enough that a fork bomb or a runaway
 * allocation ends in one clear tool result.
 */
import type { SandboxLimits } from './sandbox.js';

const MIB = 1024 * 1024;

export const DEFAULT_LIMITS: SandboxLimits = {
  memoryBytes: 2048 * MIB,
  processes: 512,
  fileBytes: 512 * MIB,
  tmpfsBytes: 512 * MIB,
  projectBytes: 4096 * MIB,
  cpuSeconds: 1800,
  openFiles: 4096,
};

export function completeLimits(limits: Partial<SandboxLimits> | undefined): SandboxLimits {
  const complete = { ...DEFAULT_LIMITS, ...limits };
  for (const [name, value] of Object.entries(complete)) {
    if (!Number.isSafeInteger(value) || value <= 0) {
      throw new RangeError(`sandbox limit ${name} is ${value}; it must be a whole number above 0`);
    }
  }
  return complete;
}

/**
 * `prlimit` arguments. Not `--as`: V8 reserves more address space than it ever uses. Not `--cpu`: the exec server lives as
 * long as the session and limits each command itself.
 */
export function rlimitArguments(limits: SandboxLimits): string[] {
  return [
    `--data=${limits.memoryBytes}`,
    `--nproc=${limits.processes}`,
    `--fsize=${limits.fileBytes}`,
    `--nofile=${limits.openFiles}`,
    '--core=0',
  ];
}
