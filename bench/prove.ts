/**
 * `npm run prove`: what Nightshift promises of itself in one table: the promise, how it was measured, the value, whether it holds.
 * Measured on the product as a person has it, on this machine, now; about ten minutes. Ends with 1 when one does not hold.
 */
import { performance } from 'node:perf_hooks';
import { isDeepStrictEqual } from 'node:util';
import { Stage } from '../test/chaos/stage.js';
import { eventually } from '../test/support/eventually.js';
import { printMachine, printTable, quantile } from './environment.js';
import { journalTimes } from './journal.js';
import { pauseTimes } from './pause.js';

interface Proof {
  readonly promise: string;
  readonly how: string;
  measure(stage: Stage): Promise<{ readonly value: string; readonly holds: boolean }>;
}

const PAUSES = 20;
const HEARTBEAT_SECONDS = 4;
const seconds = (ms: number): string => (ms / 1_000).toFixed(2);

const PROOFS: readonly Proof[] = [
  {
    promise: 'a small spec is built offline, every feature verified',
    how: 'temporal workflow start …; two resources',
    measure: async (stage) => {
      const { passing, total } = (await stage.undisturbedBuild()).features();
      return { value: `${passing} of ${total} features`, holds: total > 0 && passing === total };
    },
  },
  {
    promise: 'a session is at most 24 events and 24 kB of history',
    how: 'temporal workflow describe, of that build',
    measure: async (stage) => {
      const { events, bytes } = await stage.historyOf(await stage.undisturbedBuild());
      const sessions = (await stage.reference()).tags.length;
      const each = [events / sessions, bytes / sessions / 1_024] as const;
      return { value: `${each[0].toFixed(1)} events, ${each[1].toFixed(1)} kB`, holds: each[0] <= 24 && each[1] <= 24 };
    },
  },
  {
    promise: 'kill -9 of the worker loses nothing and repeats at most one model call',
    how: 'SIGKILL between a response and its journal entry; git rev-parse HEAD^{tree}',
    measure: async (stage) => {
      const build = await stage.begin('killed');
      await stage.kill('before-entry', 3);
      await build.ends();
      const left = await stage.leftBy(build);
      const same = isDeepStrictEqual(left, await stage.reference());
      const repeated = await stage.repeatedCalls(build);
      return {
        value: `${same ? 'same tree' : 'ANOTHER TREE'}, ${repeated} call repeated`,
        holds: same && repeated <= 1,
      };
    },
  },
  {
    promise: `after a crash the next model call follows within the heartbeat timeout (${HEARTBEAT_SECONDS} s) + 5 s`,
    how: 'SIGKILL after a journal entry; time to the next request',
    measure: async (stage) => {
      const build = await stage.begin('crashed');
      await stage.kill('after-entry', 4);
      const before = stage.calls();
      const killed = performance.now();
      await eventually('the next call', () => stage.calls() > before);
      const took = performance.now() - killed;
      await build.ends();
      return { value: `${seconds(took)} s`, holds: took <= (HEARTBEAT_SECONDS + 5) * 1_000 };
    },
  },
  {
    promise: 'pause takes effect within 3 s (95 %)',
    how: `nightshift pause at ${PAUSES} moments of running builds`,
    measure: async () => {
      const times = (await pauseTimes(PAUSES)).map(({ ms }) => ms);
      const [median, most] = [quantile(times, 0.5), quantile(times, 0.95)];
      return { value: `median ${seconds(median)} s, 95 % ${seconds(most)} s`, holds: most <= 3_000 };
    },
  },
  {
    promise: 'a durable turn costs at most 5 ms (95 %)',
    how: 'npm run bench -- journal',
    measure: async () => {
      const most = quantile(await journalTimes(), 0.95);
      return { value: `${most.toFixed(2)} ms`, holds: most <= 5 };
    },
  },
];

printMachine();
const stage = Stage.open();
const rows: string[][] = [];
try {
  for (const { promise, how, measure } of PROOFS) {
    process.stderr.write(`${promise} …\n`);
    const { value, holds } = await measure(stage).catch((error: Error) => ({ value: error.message, holds: false }));
    rows.push([promise, how, value, holds ? 'holds' : 'FAILS']);
    if (!holds) process.exitCode = 1;
  }
} finally {
  await stage.close();
}
printTable(['promise', 'how', 'measured', ''], rows);
