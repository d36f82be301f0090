/**
 * `claude-progress.txt`: one entry per session, for the next session and the person. No time, no id, no path of a run
 * in it: the file is tracked, and a generated project is a function of spec, settings and answers.
 */
import type { Phase, Tally } from '../../workflows/contract.js';
import type { Sandbox } from '../security/sandbox.js';
import { readProjectFile, writeProjectFile } from './project-file.js';

export const PROGRESS_FILE = 'claude-progress.txt';

export const PROGRESS_HEAD = `Progress
========
One entry a session, newest last. feature_list.json says which features pass; only Nightshift's checks decide that.
`;

export interface ProgressEntry {
  readonly session: number;
  readonly phase: Phase;
  readonly tally: Tally;
  /** Ids of features that pass since this session. */
  readonly newlyPassing: readonly string[];
  /** Ids of features that passed before and fail now. */
  readonly regressed: readonly string[];
  /** What the session had changed of Nightshift's own files, in words. */
  readonly restored?: readonly string[];
  /** Ids of the features to do next, in order. */
  readonly next: readonly string[];
}

/** Most ids written in one line of an entry. */
const MAX_IDS = 8;

/** The text with the session's entry at its end; unchanged when that session has one already. */
export function withProgressEntry(text: string | null, entry: ProgressEntry): string {
  const before = text === null || text.trim() === '' ? PROGRESS_HEAD : text;
  const heading = `Session ${entry.session}: ${entry.phase}`;
  if (before.split('\n').includes(heading)) return before;
  return `${before.trimEnd()}\n\n${[heading, ...linesOf(entry)].join('\n')}\n`;
}

/** Appends the entry in the project directory; false when it was there already. */
export async function appendProgressEntry(sandbox: Sandbox, entry: ProgressEntry): Promise<boolean> {
  const before = await readProjectFile(sandbox, PROGRESS_FILE);
  const after = withProgressEntry(before, entry);
  if (after === before) return false;
  await writeProjectFile(sandbox, PROGRESS_FILE, after);
  return true;
}

function linesOf({ tally, newlyPassing, regressed, restored = [], next }: ProgressEntry): string[] {
  const lines = [
    `  Features passing: ${tally.featuresPassing} of ${tally.featuresTotal}` +
      `; test cases passing: ${tally.casesPassing} of ${tally.casesTotal}`,
  ];
  if (newlyPassing.length > 0) lines.push(`  Newly passing: ${listed(newlyPassing)}`);
  if (regressed.length > 0) lines.push(`  Broken by this session, mend first: ${listed(regressed)}`);
  for (const line of restored.slice(0, MAX_IDS)) lines.push(`  Not yours to change, put back by Nightshift: ${line}`);
  if (tally.needsModel > 0) lines.push(`  Statements that need a model: ${tally.needsModel}`);
  if (tally.waitingForAnswer > 0) lines.push(`  Features that wait for an answer: ${tally.waitingForAnswer}`);
  lines.push(next.length > 0 ? `  Next: ${listed(next)}` : '  Next: nothing is open');
  return lines;
}

function listed(ids: readonly string[]): string {
  const shown = ids.slice(0, MAX_IDS).join(', ');
  return ids.length > MAX_IDS ? `${shown} and ${ids.length - MAX_IDS} more` : shown;
}
