/** Milliseconds for a turn to be on disk: one model response, one tool call begun and done, each fsynced, under a lease. */
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { openJournal, readJournal } from '../activities/agent/journal.js';
import { sealJournals } from '../activities/agent/journal-file.js';
import { takeLease } from '../activities/workspace/lease.js';
import { inScratch, printMachine, printTable, quantile } from './environment.js';

const TURNS = 500;
/** A `pytest` run's output as the model sees it, in characters. */
const OUTPUT = 4_000;

/** Durable turns one after the other, then the time to read them all back, as a resumed session does. */
export async function journal(): Promise<void> {
  await inScratch(async (directory) => {
    const buildDir = path.join(directory, 'build');
    const lease = await takeLease({ buildDir, owner: 'bench', seal: (range) => sealJournals(buildDir, range) });
    const times = await writeTurns(buildDir, lease);
    const before = performance.now();
    const entries = await readJournal(buildDir, 1);
    const readBack = performance.now() - before;
    await lease.release();
    printMachine();
    printTable(
      ['durable turns', 'median ms', '95 % below ms', 'longest ms', 'reading all back ms'],
      [[TURNS, ...[0.5, 0.95, 1].map((share) => quantile(times, share).toFixed(2)), readBack.toFixed(0)]],
    );
    process.stdout.write(
      `\n${entries.length} entries; a turn is three of them, ${OUTPUT} characters of tool output.\n`,
    );
  });
}

/** Milliseconds of each of so many durable turns. */
export function journalTimes(): Promise<readonly number[]> {
  return inScratch(async (directory) => {
    const buildDir = path.join(directory, 'build');
    const lease = await takeLease({ buildDir, owner: 'bench', seal: (range) => sealJournals(buildDir, range) });
    return writeTurns(buildDir, lease);
  });
}

async function writeTurns(buildDir: string, lease: Parameters<typeof openJournal>[2]): Promise<number[]> {
  const journal = await openJournal(buildDir, 1, lease);
  const times: number[] = [];
  for (let turn = 1; turn <= TURNS; turn += 1) {
    const toolUseId = `toolu_${turn}`;
    const before = performance.now();
    await journal.append({
      kind: 'model_response',
      turn,
      messageId: `msg_${turn}`,
      model: 'offline',
      content: [
        { type: 'text', text: 'x'.repeat(500), citations: null },
        { type: 'tool_use', id: toolUseId, name: 'bash', input: { command: 'pytest -q' }, caller: { type: 'direct' } },
      ],
      stopReason: 'tool_use',
      usage: { inputTokens: 1_000, outputTokens: 100, cacheReadTokens: 0, cacheWriteTokens: 0 },
    });
    await journal.append({ kind: 'tool_started', turn, toolUseId, name: 'bash' });
    await journal.append({ kind: 'tool_done', turn, toolUseId, text: 'y'.repeat(OUTPUT), isError: false });
    times.push(performance.now() - before);
  }
  await journal.close();
  return times;
}
