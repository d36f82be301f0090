/**
 * A session on a temporary directory with real parts: lease, journal and SDK against a scripted server. What is left
 * to a test is the script, the tools and what happens in between.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ToolUnion } from '@anthropic-ai/sdk/resources/messages';
import type { Clock } from '../../activities/agent/clock.js';
import { type Journal, openJournal } from '../../activities/agent/journal.js';
import type { JournalEntry } from '../../activities/agent/journal-entry.js';
import { sealJournals } from '../../activities/agent/journal-file.js';
import type { SessionDeps } from '../../activities/agent/loop.js';
import { createModel } from '../../activities/agent/model.js';
import type { SessionEvent } from '../../activities/agent/session-event.js';
import { ok, type Tool, type ToolContext, type ToolResult } from '../../activities/tools/tool.js';
import { takeLease } from '../../activities/workspace/lease.js';

/** Remembers how long it was asked to sleep, and doesn't. */
export class InstantClock implements Clock {
  readonly slept: number[] = [];
  readonly #start = Date.UTC(2026, 10, 23);

  now(): number {
    return this.#start + this.slept.reduce((sum, ms) => sum + ms, 0);
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.slept.push(ms);
  }
}

/** A tool that records its inputs and answers with `behave`. */
export function recordingTool(
  name: string,
  behave: (input: unknown, context: ToolContext) => Promise<ToolResult> = async () => ok(`${name} done`),
): Tool & { readonly inputs: unknown[] } {
  const inputs: unknown[] = [];
  const definition: ToolUnion = { name, description: `the tool ${name}`, input_schema: { type: 'object' } };
  return {
    name,
    definition,
    inputs,
    describe: (input) => JSON.stringify(input),
    run: async (input, context) => {
      inputs.push(input);
      return behave(input, context);
    },
  };
}

export interface SessionBench {
  readonly buildDir: string;
  readonly clock: InstantClock;
  readonly events: SessionEvent[];
  /** Takes the lease anew, as every attempt does, and opens the journal of session 1. */
  journal(): Promise<Journal>;
  /** Dependencies for one attempt at session 1. */
  attempt(url: string, overrides?: Partial<SessionDeps>): Promise<SessionDeps>;
  close(): Promise<void>;
}

export async function sessionBench(): Promise<SessionBench> {
  const buildDir = await mkdtemp(path.join(tmpdir(), 'nightshift-session-'));
  const clock = new InstantClock();
  const events: SessionEvent[] = [];
  const opened: Journal[] = [];
  const journal = async (): Promise<Journal> => {
    const lease = await takeLease({ buildDir, owner: 'test', seal: (range) => sealJournals(buildDir, range) });
    const journal = await openJournal(buildDir, 1, lease);
    opened.push(journal);
    return journal;
  };
  const attempt = async (url: string, overrides: Partial<SessionDeps> = {}): Promise<SessionDeps> => ({
    phase: 'coding',
    model: createModel({ model: 'claude-scripted', apiKey: 'test', baseUrl: url }),
    tools: [],
    journal: overrides.journal ?? (await journal()),
    systemPrompt: 'You are a test.',
    firstMessage: 'Phase: coding',
    limits: { maxTurns: 50, maxTokens: null, maxMinutes: null },
    signal: new AbortController().signal,
    notes: async () => [],
    budget: () => null,
    priceOf: () => null,
    observe: (event) => events.push(event),
    clock,
    ...overrides,
  });
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((journal) => journal.close()));
    await rm(buildDir, { recursive: true, force: true });
  };
  return { buildDir, clock, events, journal, attempt, close };
}

/** Stands for a worker that dies: the journal takes `count` entries and then never answers again. */
export function dyingJournal(
  journal: Journal,
  count: number,
): { readonly journal: Journal; readonly died: Promise<void> } {
  let left = count;
  let die: () => void = () => undefined;
  const died = new Promise<void>((resolve) => {
    die = resolve;
  });
  const append = async (entry: JournalEntry): Promise<void> => {
    if (left > 0) {
      left -= 1;
      return journal.append(entry);
    }
    die();
    return new Promise(() => undefined);
  };
  const dying: Journal = {
    session: journal.session,
    get entries() {
      return journal.entries;
    },
    append,
    close: () => journal.close(),
  };
  return { journal: dying, died };
}
