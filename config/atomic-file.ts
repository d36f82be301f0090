/**
 * Writing a file of the state directory so that a reader, and a power cut, see the old text or the new, never half.
 * For Nightshift's own files only: a path that an agent can write to goes through `project-file.ts`.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** Secret-free, but nobody else's business. */
const PRIVATE_FILE = 0o600;
const PRIVATE_DIRECTORY = 0o700;

/**
 * Replaces `file` by `text`: temporary file, fsync, rename, fsync of the directory. Makes the directories above
 * (0700). Concurrent writers leave one whole text; the last rename wins.
 */
export async function writeFileAtomic(file: string, text: string, mode: number = PRIVATE_FILE): Promise<void> {
  const directory = path.dirname(file);
  await mkdir(directory, { recursive: true, mode: PRIVATE_DIRECTORY });
  const temporary = path.join(directory, `.${path.basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await writeAndSync(temporary, text, mode);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(directory);
}

/** The file's text, or null when there is none; any other error is thrown. */
export async function readFileOrNull(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Makes a rename, a new entry or a removal in `directory` survive a power cut. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeAndSync(file: string, text: string, mode: number): Promise<void> {
  const handle = await open(file, 'wx', mode);
  try {
    await handle.writeFile(text, 'utf8');
    await handle.sync();
  } finally {
    await handle.close();
  }
}
