/**
 * The one door through which any process of a project runs: git, pytest, uvicorn, alembic, the agent's commands.
 * Interface only; `bubblewrap.ts` is the boundary, `unsandboxed.ts` the stated exception for the offline model.
 */
import type { Duplex } from 'node:stream';

export interface SandboxLimits {
  /** Bytes of memory for the whole session. */
  readonly memoryBytes: number;
  readonly processes: number;
  /** Bytes of any one file written. */
  readonly fileBytes: number;
  /** Bytes of /tmp, /dev/shm and the home, each. */
  readonly tmpfsBytes: number;
  /** Bytes of the whole project directory on disk. */
  readonly projectBytes: number;
  /** Seconds of CPU time of any one process. */
  readonly cpuSeconds: number;
  /** Open files of any one process. */
  readonly openFiles: number;
}

export interface SandboxRequest {
  /** Absolute path, writable, visible inside at the same path; also the working directory. */
  readonly projectDir: string;
  /** Further absolute paths, readable inside at the same path (Python environment, interpreter prefix). */
  readonly readOnly: readonly string[];
  /** The whole environment inside, besides HOME, PATH, LANG, TMPDIR that the sandbox sets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Directories put before the system's on PATH inside. */
  readonly path: readonly string[];
  /** PostgreSQL on the host, reachable inside at 127.0.0.1:5432 through a relay; omitted = none. */
  readonly postgres?: { readonly host: string; readonly port: number } | { readonly socketPath: string };
  /** `host:port` list the egress proxy lets through; empty or omitted = no network at all. */
  readonly egress?: readonly string[];
  readonly limits?: Partial<SandboxLimits>;
  /** For a root worker: the unprivileged uid and gid that the sandbox runs as; default `SANDBOX_UID`. */
  readonly runAs?: number;
}

export interface CommandRequest {
  /** An argument vector, or the text of a shell command (already past the policy when a model wrote it). */
  readonly command: readonly string[] | { readonly shell: string };
  /** Relative to the project directory; default the project directory itself. */
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly timeoutMs: number;
  /** Bytes kept of the merged output, head and tail; default 60,000. */
  readonly outputBytes?: number;
  readonly signal?: AbortSignal;
}

/** Tool failure is data: a command that fails, times out or is killed is a result, never an exception. */
export interface CommandResult {
  /** Exit status; 128 + n for a signal; null when it timed out or was aborted. */
  readonly exitCode: number | null;
  /** stdout and stderr in order of arrival; cut head + tail with the cut stated in the text. */
  readonly output: string;
  /** stdout alone, cut the same way. */
  readonly stdout: string;
  readonly truncatedBytes: number;
  readonly timedOut: boolean;
  readonly durationMs: number;
  /** True when the command left background processes running. */
  readonly background: boolean;
  /** `host:port` pairs the egress proxy refused during the command. */
  readonly refusedHosts: readonly string[];
  /** Limits of the sandbox that the command ran into, in words; empty = none. */
  readonly limits: readonly string[];
}

export interface RunningProcess {
  /** Resolves with the exit status and the tail of the output when it ends. */
  readonly exited: Promise<{ readonly exitCode: number | null; readonly output: string }>;
  /** TERM, then KILL after the grace. Resolves when it is gone. */
  stop(): Promise<void>;
}

/** A process that a later epoch can find again and end: the pid alone may have been reused. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/<pid>/stat. */
  readonly startTime: string;
}

export interface Sandbox {
  /** `bubblewrap` or `none`: shown in status and progress. */
  readonly kind: 'bubblewrap' | 'none';
  /** Runs to its end. Throws only when the sandbox itself is gone (`SandboxLost`). */
  run(request: CommandRequest): Promise<CommandResult>;
  /** Starts a server. Dies with the sandbox. */
  start(request: Omit<CommandRequest, 'timeoutMs' | 'signal' | 'stdin'>): Promise<RunningProcess>;
  /** A port that a server inside may listen on (127.0.0.1). */
  freePort(): Promise<number>;
  /** A connection to 127.0.0.1:port inside. Rejects when nothing listens. */
  connect(port: number): Promise<Duplex>;
  /** The URL's host and port for PostgreSQL inside, e.g. `127.0.0.1:5432`. */
  readonly postgresAddress: string | null;
  /** Recorded with the lease, for `killHolder` of a later epoch; null without a sandbox. */
  readonly holder: ProcessIdentity | null;
  /** Limits that could not be applied on this machine, in words; empty = all. */
  readonly notes: readonly string[];
  /** Ends everything inside; 0 processes left. Idempotent. */
  close(): Promise<void>;
}

/** The sandbox died under a command (killed from inside, out of memory): make a new one and tell the model. */
export class SandboxLost extends Error {
  override readonly name = 'SandboxLost';
}
