/** Tells when a file was saved, however an editor does that (in place, or a new file in its place). Reads nothing. */
import { type FSWatcher, watch } from 'node:fs';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { EnvironmentError } from './exit-codes.js';

/** A save is several events; the file is whole when they have been over for this long (milliseconds). */
const DEBOUNCE_MS = 150;

/**
 * Calls `saved` after each change of `file` until the returned function is called. The directory is watched, so a file
 * that was removed is noticed when it comes back. Throws EnvironmentError where nothing can be watched.
 */
export async function watchFile(file: string, saved: () => void): Promise<() => void> {
  const real = await realpath(file).catch(() => file);
  let timer: NodeJS.Timeout | undefined;
  const changed = (_event: string, name: string | null): void => {
    if (name !== null && name !== path.basename(real)) return;
    clearTimeout(timer);
    timer = setTimeout(saved, DEBOUNCE_MS);
  };
  const watcher = watcherOf(path.dirname(real), changed);
  // A directory that goes away ends the events, not the command: Ctrl+C still ends it.
  watcher.on('error', () => watcher.close());
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}

function watcherOf(directory: string, changed: (event: string, name: string | null) => void): FSWatcher {
  try {
    return watch(directory, changed);
  } catch (error) {
    // Not the system's own words: ENOSPC means here that too many files are watched, not that the disk is full.
    const { code } = error as NodeJS.ErrnoException;
    throw new EnvironmentError(
      `${directory} cannot be watched (${code}); give the command without --watch after a save`,
    );
  }
}
