/**
 * Reading and writing single files of the project directory, always through the sandbox: the agent may have put a
 * symbolic link where a file was, and only inside does such a link lead nowhere that the agent couldn't go itself.
 */
import type { Sandbox } from '../security/sandbox.js';

/** Largest project file that Nightshift itself reads or writes: a feature list of 200 cases is about 0.4 MB. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;
const FILE_TIMEOUT_MS = 20_000;
/** Exit status by which the read script says "no regular file there". */
const ABSENT = 44;

const READ = `[ -f "$1" ] && [ ! -L "$1" ] || exit ${ABSENT}; cat -- "$1"`;
const WRITE = `set -e
mkdir -p -- "$(dirname -- "$1")"
if [ -L "$1" ] || { [ -e "$1" ] && [ ! -f "$1" ]; }; then rm -rf -- "$1"; fi
temporary="$1.nightshift-new"; rm -rf -- "$temporary"
cat > "$temporary"; chmod "$2" "$temporary"; mv -fT -- "$temporary" "$1"`;

/** A project's file could not be read or written for another reason than its absence. */
export class ProjectFileFailed extends Error {
  override readonly name = 'ProjectFileFailed';
}

/** Text of a regular file below the project directory; null when there is none (a link counts as none). */
export async function readProjectFile(sandbox: Sandbox, file: string): Promise<string | null> {
  const result = await sandbox.run({
    command: ['sh', '-c', READ, 'sh', file],
    timeoutMs: FILE_TIMEOUT_MS,
    outputBytes: MAX_FILE_BYTES,
  });
  if (result.exitCode === ABSENT) return null;
  if (result.exitCode !== 0) throw failure('read', file, result.output);
  if (result.truncatedBytes > 0) throw failure('read', file, `it is larger than ${MAX_FILE_BYTES} bytes`);
  return result.stdout;
}

/** Replaces whatever is at `file` (a link or a folder too) by a regular file; makes the folders above. */
export async function writeProjectFile(sandbox: Sandbox, file: string, text: string, mode = '0644'): Promise<void> {
  const result = await sandbox.run({
    command: ['sh', '-c', WRITE, 'sh', file, mode],
    stdin: text,
    timeoutMs: FILE_TIMEOUT_MS,
  });
  if (result.exitCode !== 0) throw failure('write', file, result.output);
}

/** Writes only when the text differs; tells whether it did. */
export async function restoreProjectFile(sandbox: Sandbox, file: string, text: string): Promise<boolean> {
  if ((await readProjectFile(sandbox, file)) === text) return false;
  await writeProjectFile(sandbox, file, text);
  return true;
}

function failure(verb: string, file: string, why: string): ProjectFileFailed {
  return new ProjectFileFailed(`Could not ${verb} ${file} in the project directory: ${why.trim().slice(-400)}`);
}
