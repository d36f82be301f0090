/** Counts a verified coding session's stalls: what it worked on by its journal, what it left by git and ledger. */
import type { Tally } from '../workflows/contract.js';
import { readJournal } from './agent/journal.js';
import { turnSpending } from './agent/spending.js';
import { boundedLines } from './bounded-lines.js';
import { type Ledger, tally } from './features/ledger.js';
import type { VerificationBench } from './verification-bench.js';
import { readStalls, setAside, stallsAfter, writeStalls } from './workspace/stalls.js';

export interface Counted {
  readonly tally: Tally;
  /** One line a feature that is set aside, at most ten. */
  readonly setAside: readonly string[];
}

/** Writes the stalls after `session`, whose commit was `commit`. The ledger is written already: repeating is harmless. */
export async function countStalls(
  bench: VerificationBench,
  session: number,
  commit: string,
  ledger: Ledger,
): Promise<Counted> {
  const folder = bench.workshop.folder.path;
  const topics = new Set(turnSpending(await readJournal(folder, session)).flatMap((turn) => turn.topics));
  const earlier = await bench.git.resolve(`session-${session - 1}`);
  const before = await readStalls(folder);
  const after = stallsAfter(before, ledger, { session, topics: [...topics], moved: commit !== earlier });
  await bench.lease.assertCurrent();
  await writeStalls(folder, after);
  const known = setAside(before);
  for (const [id, line] of setAside(after)) {
    if (!known.has(id)) bench.tell({ kind: 'note', text: `set aside for now: ${line}` });
  }
  return counted(ledger, [...setAside(after).values()]);
}

/** The tally with what is set aside, for a build that starts anew. */
export async function tallyWithStalls(buildFolder: string, ledger: Ledger): Promise<Counted> {
  return counted(ledger, [...setAside(await readStalls(buildFolder)).values()]);
}

function counted(ledger: Ledger, lines: readonly string[]): Counted {
  return {
    tally: { ...tally(ledger), setAside: lines.length },
    setAside: boundedLines(lines.slice(0, 10), 300, 3_000),
  };
}
