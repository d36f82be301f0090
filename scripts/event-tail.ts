/** Follows a build's event log from a given point: pure reading, survives rotation and a file that is not there yet. */
import { open } from 'node:fs/promises';
import { parseEvents, type StampedEvent } from '../activities/event-log.js';

/** Bytes read at a time. */
const CHUNK = 256 * 1024;

export class EventTail {
  private offset: number | null = null;

  constructor(private readonly file: string) {}

  /** Starts after what is there now: an attached view shows what comes, not the whole night. */
  async skipToEnd(): Promise<void> {
    this.offset = await this.size();
  }

  /** Events since the last call, oldest first. */
  async next(): Promise<StampedEvent[]> {
    const size = await this.size();
    if (this.offset === null || size < this.offset) this.offset = 0; // rotated: begin the new file
    const events: StampedEvent[] = [];
    while (this.offset < size) {
      const { events: found, consumed } = parseEvents(await this.read(this.offset));
      if (consumed === 0) break;
      events.push(...found);
      this.offset += consumed;
    }
    return events;
  }

  private async read(from: number): Promise<string> {
    const handle = await open(this.file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(CHUNK), 0, CHUNK, from);
      return buffer.subarray(0, bytesRead).toString('utf8');
    } finally {
      await handle.close();
    }
  }

  private async size(): Promise<number> {
    try {
      const handle = await open(this.file, 'r');
      try {
        return (await handle.stat()).size;
      } finally {
        await handle.close();
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
      throw error;
    }
  }
}
