/**
 * Faults that look like any other error and that no retry mends: a damaged state file, a full disk, a project that is
 * gone. Each becomes a refusal with its cure, so that the build parks at once instead of after minutes of retries.
 */
import { stat } from 'node:fs/promises';
import { StateDamaged } from '../config/damaged-state.js';
import { failure } from './failures.js';

/** Runs an activity's work over a project that exists already. */
export async function tellingUnmendable<T>(projectDir: string, work: () => Promise<T>): Promise<T> {
  try {
    return await tellingDamage(work);
  } catch (error) {
    if (await isThere(projectDir)) throw error;
    throw failure(
      'WorkspaceRefused',
      `the project directory ${projectDir} is gone (moved or deleted in mid-build): put it back where it was, then resume; or stop this build and start another`,
      error,
    );
  }
}

/** Runs an activity's work that may make the project. */
export async function tellingDamage<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StateDamaged) throw failure('StateRefused', error.message, error);
    const full = diskFull(error);
    if (full === null) throw error;
    throw failure('StateRefused', `the disk is full (${full}): free some, then resume; nothing is lost`, error);
  }
}

/** `ENOSPC at FILE`, or null; a sandbox's refusal may stand further down the chain of causes. */
function diskFull(error: unknown): string | null {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const { code, path } = cause as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') return path === undefined ? code : `${code} at ${path}`;
  }
  return null;
}

async function isThere(directory: string): Promise<boolean> {
  try {
    return (await stat(directory)).isDirectory();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}
