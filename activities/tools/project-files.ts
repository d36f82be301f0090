/**
 * Files of the project as the editor reads and writes them: always through the sandbox, so that a link which the agent
 * made, or swaps in the middle, leads nowhere that its own commands couldn't go, and new files belong to whom they
 * should. Paths are resolved inside, and one that ends outside of the project is refused.
 */
import type { CommandResult } from '../security/sandbox.js';
import { inSandbox, type SandboxSource } from './sandbox-source.js';

/** What is at a path; `path` is the canonical one, relative to the project, `.` for the project itself. */
export type ProjectEntry =
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  /** A file that can't be edited as text: `why` says so. */
  | { readonly kind: 'unreadable'; readonly path: string; readonly why: string }
  /** Entries two levels deep, folders with a final slash, sorted. */
  | { readonly kind: 'folder'; readonly path: string; readonly entries: readonly string[] }
  | { readonly kind: 'absent'; readonly path: string }
  | { readonly kind: 'outside' };

export interface ProjectFiles {
  look(path: string): Promise<ProjectEntry>;
  /** Replaces the file at a canonical path (as `look` gave it) in one step; makes folders above. */
  write(path: string, text: string): Promise<void>;
}

/** Largest file that is read or written: a source file of more than this is a mistake. */
const MAX_FILE_BYTES = 2 * 1024 * 1024;
const TIMEOUT_MS = 20_000;
const STATUS = { outside: 41, folder: 42, other: 43, absent: 44, large: 45, unreadable: 46 } as const;

/** First line: the canonical path. Then the file's text, or the folder's entries. */
const RESOLVE = `root=$(pwd -P) && p=$(realpath -m -- "$1") || exit ${STATUS.outside}
case "$p/" in "$root/"*) ;; *) exit ${STATUS.outside};; esac`;
const SHOWN = `-mindepth 1 -maxdepth 2 -not -path '*/.*' -not -path '*/node_modules/*' -not -path '*/__pycache__*'`;
const LOOK = `${RESOLVE}
if [ "$p" = "$root" ]; then echo .; else printf '%s\\n' "\${p#"$root"/}"; fi
if [ -d "$p" ]; then cd -- "$p" && find . ${SHOWN} \\( -type d -printf '%P/\\n' -o -printf '%P\\n' \\) | LC_ALL=C sort; exit ${STATUS.folder}; fi
if [ -f "$p" ]; then
  [ -r "$p" ] || exit ${STATUS.unreadable}
  [ "$(stat -c %s -- "$p")" -le ${MAX_FILE_BYTES} ] || exit ${STATUS.large}
  cat -- "$p"; exit 0
fi
if [ -e "$p" ]; then exit ${STATUS.other}; fi
exit ${STATUS.absent}`;

/** Without a sandbox a root worker's files would be root's: they get the owner of the project instead. */
const WRITE = `set -e
${RESOLVE}
[ "$p" != "$root" ] && [ ! -d "$p" ] || exit ${STATUS.folder}
own() { if [ "$(id -u)" = 0 ]; then chown -h --reference="$root" -- "$1"; fi; }
made=$(dirname -- "$p"); new=; while [ ! -d "$made" ]; do new="$made
$new"; made=$(dirname -- "$made"); done
mkdir -p -- "$(dirname -- "$p")"
printf '%s' "$new" | while IFS= read -r folder; do own "$folder"; done
temporary="$p.nightshift-new"; rm -rf -- "$temporary"; cat > "$temporary"
if [ -e "$p" ]; then chmod --reference="$p" -- "$temporary"; else chmod 0644 -- "$temporary"; fi
own "$temporary"; mv -fT -- "$temporary" "$p"`;

export function projectFiles(source: SandboxSource): ProjectFiles {
  const run = (script: string, path: string, stdin?: string): Promise<CommandResult> =>
    inSandbox(source, (sandbox) =>
      sandbox.run({
        command: ['sh', '-c', script, 'sh', path],
        timeoutMs: TIMEOUT_MS,
        outputBytes: 2 * MAX_FILE_BYTES,
        ...(stdin === undefined ? {} : { stdin }),
      }),
    );
  return {
    look: async (path) => {
      const { exitCode, stdout, output } = await run(LOOK, path);
      const lineEnd = stdout.indexOf('\n');
      return entryOf(exitCode, stdout.slice(0, Math.max(0, lineEnd)), stdout.slice(lineEnd + 1), output);
    },
    write: async (path, text) => {
      const { exitCode, output } = await run(WRITE, path, text);
      if (exitCode !== 0) throw new Error(`${path} could not be written: ${output.trim().slice(-300)}`);
    },
  };
}

function entryOf(status: number | null, path: string, text: string, output: string): ProjectEntry {
  switch (status) {
    case 0:
      return textEntry(path, text);
    case STATUS.folder:
      return { kind: 'folder', path, entries: text.split('\n').filter((line) => line !== '') };
    case STATUS.absent:
      return { kind: 'absent', path };
    case STATUS.outside:
      return { kind: 'outside' };
    case STATUS.large:
      return {
        kind: 'unreadable',
        path,
        why: `it is larger than ${MAX_FILE_BYTES / 1024 / 1024} MB; use head, tail or grep`,
      };
    case STATUS.other:
      return { kind: 'unreadable', path, why: 'it is neither a file nor a folder' };
    case STATUS.unreadable:
      return { kind: 'unreadable', path, why: 'reading it is not permitted' };
    default:
      throw new Error(`the project's files could not be read: ${output.trim().slice(-300)}`);
  }
}

function textEntry(path: string, text: string): ProjectEntry {
  const isText = !text.includes('\u0000') && !text.includes('\ufffd');
  return isText ? { kind: 'file', path, text } : { kind: 'unreadable', path, why: 'it is not UTF-8 text' };
}
