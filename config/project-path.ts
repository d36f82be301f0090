/** From what a person types to the one real path of a project, whether or not the directory exists yet. */
import { realpath } from 'node:fs/promises';
import path from 'node:path';

/** Absolute path with the symbolic links of the existing part resolved: input of `buildIdFor`. */
export async function realProjectDir(directory: string, base: string): Promise<string> {
  const absolute = path.resolve(base, directory);
  const missing: string[] = [];
  for (let existing = absolute; ; existing = path.dirname(existing)) {
    try {
      return path.join(await realpath(existing), ...missing);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || existing === path.dirname(existing)) throw error;
      missing.unshift(path.basename(existing));
    }
  }
}
