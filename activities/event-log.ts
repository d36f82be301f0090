/**
 * What a person sees scroll by: one JSON line an event in the build's folder, written by the activities, followed by
 * the CLI. A view, never state: losing it loses nothing. Bounded lines; rotated at 5 MB.
 */
import { appendFile, mkdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';

export type BuildEvent =
  | { readonly kind: 'session'; readonly session: number; readonly phase: string; readonly resumed: boolean }
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'tool';
      readonly name: string;
      readonly summary: string;
      readonly durationMs: number;
      readonly isError: boolean;
    }
  | { readonly kind: 'denied'; readonly command: string; readonly reason: string }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'verified'; readonly line: string; readonly failures: readonly string[] }
  | { readonly kind: 'gate'; readonly name: string; readonly passed: boolean; readonly detail: string };

export type StampedEvent = BuildEvent & { readonly at: string };

/** Rotation size in bytes: a night's events are well below it. */
const MAX_BYTES = 5 * 1024 * 1024;
const MAX_TEXT = 400;

export function eventLogFile(buildFolder: string): string {
  return path.join(buildFolder, 'logs', 'events.jsonl');
}

/** Appends in order. A failure to write is returned to `onFailure` once, never thrown into a session. */
export class EventLog {
  private tail: Promise<void> = Promise.resolve();
  private failed = false;

  constructor(
    private readonly file: string,
    private readonly onFailure: (error: Error) => void,
  ) {}

  append(event: BuildEvent): void {
    const line = `${JSON.stringify({ at: new Date().toISOString(), ...bounded(event) } satisfies StampedEvent)}\n`;
    this.tail = this.tail.then(() => this.write(line));
  }

  async flush(): Promise<void> {
    await this.tail;
  }

  private async write(line: string): Promise<void> {
    try {
      await mkdir(path.dirname(this.file), { recursive: true, mode: 0o700 });
      if ((await sizeOf(this.file)) > MAX_BYTES) await rename(this.file, `${this.file}.1`);
      await appendFile(this.file, line, { mode: 0o600 });
    } catch (error) {
      if (!this.failed) this.onFailure(error as Error);
      this.failed = true;
    }
  }
}

/** Events of whole lines in a piece of the log, and how many bytes they were; a torn last line waits for the next read. */
export function parseEvents(text: string): { events: StampedEvent[]; consumed: number } {
  const end = text.lastIndexOf('\n') + 1;
  const events = text
    .slice(0, end)
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => parseLine(line));
  return { events, consumed: Buffer.byteLength(text.slice(0, end)) };
}

function parseLine(line: string): StampedEvent[] {
  try {
    return [JSON.parse(line) as StampedEvent];
  } catch {
    return []; // a line cut by a crash: the log is a view, the journal holds the truth
  }
}

function bounded(event: BuildEvent): BuildEvent {
  const entries = Object.entries(event).map(([key, value]) => [
    key,
    typeof value === 'string' ? value.slice(0, MAX_TEXT) : value,
  ]);
  return Object.fromEntries(entries) as BuildEvent;
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
