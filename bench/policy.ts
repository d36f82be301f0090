/**
 * Policy checks per second over the corpus of commands: one after the other in one process, as a worker does it. The
 * first line is what a session waits for its first check: grammar and policy loaded.
 */
import { performance } from 'node:perf_hooks';
import { createPolicy } from '../activities/security/policy.js';
import { CORPUS_PROJECT, commandCorpus } from '../scripts/command-corpus.js';
import { printMachine, printTable } from './environment.js';

const ROUNDS = 5;

/** Prints checks per second and the spread of a single check. */
export async function policyChecks(): Promise<void> {
  printMachine();
  const rows = await commandCorpus();
  const started = performance.now();
  const policy = await createPolicy({ projectDir: CORPUS_PROJECT });
  policy.check('ls');
  const ready = performance.now() - started;
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const { cmd } of rows) {
      const begun = performance.now();
      policy.check(cmd);
      times.push(performance.now() - begun);
    }
  }
  const sorted = times.sort((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(3);
  const total = sorted.reduce((sum, ms) => sum + ms, 0);
  printTable(
    ['policy over the corpus', 'value'],
    [
      ['ready for the first check, ms', ready.toFixed(1)],
      ['commands', String(rows.length)],
      ['checks per second', String(Math.round((times.length * 1_000) / total))],
      ['one check, median ms', at(0.5)],
      ['one check, 99 % ms', at(0.99)],
      ['one check, slowest ms', at(1)],
    ],
  );
}
