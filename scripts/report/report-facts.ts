/** Everything a report shows of a build, gathered from its folder in the state directory: works when nothing runs. */
import { journalSessions, readSession } from '../../activities/agent/journal-file.js';
import { eventLogFile, type StampedEvent } from '../../activities/event-log.js';
import type { Ledger, LedgerEntry } from '../../activities/features/ledger.js';
import { tally } from '../../activities/features/ledger.js';
import { readLedger } from '../../activities/features/ledger-file.js';
import { type BuildRecord, buildFolder, readBuildRecord } from '../../activities/workspace/build-state.js';
import type { Config } from '../../config/config.js';
import { EMPTY_TALLY, type GateResult, type Tally } from '../../workflows/contract.js';
import { EventTail } from '../event-tail.js';
import { type SessionStory, storyOf } from './session-story.js';

export interface ReportFacts {
  readonly project: string;
  readonly projectDir: string;
  readonly buildId: string;
  readonly model: string;
  readonly tally: Tally;
  readonly sessions: readonly SessionStory[];
  readonly entries: readonly LedgerEntry[];
  /** Features passing, each time that changed. */
  readonly progress: readonly ProgressPoint[];
  readonly verifications: readonly Verification[];
  /** The newest result of each gate. */
  readonly gates: readonly GateResult[];
  readonly left: readonly LeftOver[];
}

export interface ProgressPoint {
  readonly at: Date;
  readonly passing: number;
}

/** From the event log, which is a view: may lack the oldest ones. */
export interface Verification {
  readonly at: Date;
  readonly session: number;
  readonly features: number;
  readonly cases: number;
}

export interface LeftOver {
  readonly id: string;
  readonly state: string;
  readonly description: string;
  /** Why it does not pass, in one line. */
  readonly why: string;
}

/** Null when there is no such build. */
export async function gatherFacts(config: Config, buildId: string): Promise<ReportFacts | null> {
  const folder = buildFolder(config.locations.builds, buildId);
  const record = await readBuildRecord(folder);
  if (record === null) return null;
  const ledger = await readLedger(folder.path);
  const sessions = await storiesOf(folder.path);
  const file = eventLogFile(folder.path);
  const events = [...(await new EventTail(`${file}.1`).next()), ...(await new EventTail(file).next())];
  return factsOf(record, ledger, sessions, events);
}

/** The same, from what was read. Pure. */
export function factsOf(
  record: BuildRecord,
  ledger: Ledger | null,
  sessions: readonly SessionStory[],
  events: readonly StampedEvent[],
): ReportFacts {
  const begun = sessions[0]?.stretches[0]?.from;
  return {
    project: ledger?.project ?? record.buildId,
    projectDir: record.projectDir,
    buildId: record.buildId,
    model: record.settings.model,
    tally: ledger === null ? EMPTY_TALLY : tally(ledger),
    sessions,
    entries: ledger?.entries ?? [],
    progress: progressOf(ledger, begun),
    verifications: events.flatMap(verificationOf),
    gates: gatesOf(events),
    left: ledger === null ? [] : leftOvers(ledger),
  };
}

async function storiesOf(folder: string): Promise<readonly SessionStory[]> {
  const stories: SessionStory[] = [];
  for (const session of await journalSessions(folder)) {
    const story = storyOf(await readSession(folder, session));
    if (story !== null) stories.push(story);
  }
  return stories;
}

/** From the ledger's own history: what flipped when. */
function progressOf(ledger: Ledger | null, begun: Date | undefined): readonly ProgressPoint[] {
  const changes = new Map<string, number>();
  for (const flip of (ledger?.entries ?? []).flatMap(({ history }) => history)) {
    const change = Number(flip.to === 'passing') - Number(flip.from === 'passing');
    changes.set(flip.at, (changes.get(flip.at) ?? 0) + change);
  }
  const points: ProgressPoint[] = begun === undefined ? [] : [{ at: begun, passing: 0 }];
  for (const [at, change] of [...changes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    points.push({ at: new Date(at), passing: (points.at(-1)?.passing ?? 0) + change });
  }
  return points;
}

const VERIFIED = /^session (\d+): (\d+)\/\d+ features, (\d+)\/\d+ test cases/;

function verificationOf(event: StampedEvent): readonly Verification[] {
  if (event.kind !== 'verified') return [];
  const [, session, features, cases] = VERIFIED.exec(event.line) ?? [];
  if (session === undefined) return [];
  return [{ at: new Date(event.at), session: Number(session), features: Number(features), cases: Number(cases) }];
}

function gatesOf(events: readonly StampedEvent[]): readonly GateResult[] {
  const newest = new Map<string, GateResult>();
  for (const event of events) {
    if (event.kind === 'gate') newest.set(event.name, { name: event.name, passed: event.passed, detail: event.detail });
  }
  return [...newest.values()];
}

function leftOvers(ledger: Ledger): readonly LeftOver[] {
  return ledger.entries
    .filter(({ state }) => state !== 'passing')
    .map((entry) => ({
      id: entry.feature.id,
      state: entry.state.replaceAll('_', ' '),
      description: entry.feature.description,
      why: reasonOf(ledger, entry),
    }));
}

function reasonOf({ questions }: Ledger, { state, feature, failures, evidence }: LedgerEntry): string {
  if (state === 'needs_model') return 'no rule of the offline compiler covers this statement: a model has to build it';
  const asked = questions.find(({ featureId, answer }) => featureId === feature.id && answer === null);
  if (asked !== undefined) return `waits for the answer to ${asked.id}: ${asked.text}`;
  return failures[0] ?? (evidence === null ? 'not verified yet' : 'does not pass; no failure was recorded');
}
