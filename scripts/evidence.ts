/**
 * What a first run against a live model leaves behind: one JSON file that can be handed on. Facts and counts, tool names
 * and errors; no key, no prompt, no path, no name of this machine or of its user. Pure.
 */
import type { JournalEntry } from '../activities/agent/journal-entry.js';
import type { Progress } from '../workflows/progress.js';

export const EVIDENCE_VERSION = 1;

/** One session's journal. */
export interface SessionJournal {
  readonly session: number;
  readonly entries: readonly JournalEntry[];
}

export interface EvidenceSource {
  readonly progress: Progress;
  readonly journals: readonly SessionJournal[];
  readonly startedAt: Date;
  readonly endedAt: Date;
  /** Versions by name: nightshift, node, sdk, platform. */
  readonly versions: Readonly<Record<string, string>>;
  /** True when a server of the person's own answered (ANTHROPIC_BASE_URL): no proof of the provider then. */
  readonly ownServer: boolean;
}

/** The file's text. `redact` takes out every secret that this machine knows; `places` are paths and what stands for them. */
export function evidenceText(
  source: EvidenceSource,
  redact: (text: string) => string,
  places: Readonly<Record<string, string>>,
): string {
  const text = JSON.stringify(evidenceOf(source), null, 2);
  const longestFirst = Object.entries(places).sort(([a], [b]) => b.length - a.length);
  const placeless = longestFirst.reduce((rest, [place, name]) => (place ? rest.replaceAll(place, name) : rest), text);
  return `${redact(placeless)}\n`;
}

function evidenceOf({ progress, journals, startedAt, endedAt, versions, ownServer }: EvidenceSource) {
  const { status, model, tally, usage, gates, attention, sandbox } = progress;
  return {
    version: EVIDENCE_VERSION,
    day: startedAt.toISOString().slice(0, 10),
    seconds: Math.round((endedAt.getTime() - startedAt.getTime()) / 1000),
    server: ownServer ? 'named by ANTHROPIC_BASE_URL: not the provider itself' : "the provider's own",
    versions,
    ...{ model, sandbox, status, attention, tally, usage },
    gates: gates.map(({ name, passed }) => ({ name, passed })),
    sessions: journals.map(sessionOf),
  };
}

function sessionOf({ session, entries }: SessionJournal) {
  const started = entries.find((entry) => entry.kind === 'session_started');
  const answers = entries.filter((entry) => entry.kind === 'model_response');
  const failed = entries.filter((entry) => entry.kind === 'tool_done' && entry.isError);
  return {
    session,
    phase: started?.phase ?? 'unknown',
    answeredBy: [...new Set(answers.map((answer) => answer.model))],
    turns: answers.map(({ turn, stopReason, usage, costUsd, content }) => ({
      turn,
      stopReason,
      blocks: content.map((block) => (block.type === 'tool_use' ? `tool_use ${block.name}` : block.type)),
      usage,
      costUsd: costUsd ?? null,
    })),
    toolErrors: failed.length,
    ended: entries.find((entry) => entry.kind === 'session_ended')?.reason ?? null,
  };
}
