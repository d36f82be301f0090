/**
 * `npm run soak -- [--hours H] [--seed N]`: one build after the other, each with a fault picked at random from the table,
 * until the time is over. The seed is printed first and repeats the same picks. Ends with 1 at the first build that is
 * not what an undisturbed one is, and says which.
 */
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { SOAK_FAULTS } from './faults.js';
import { Stage } from './stage.js';

const { values } = parseArgs({ options: { hours: { type: 'string', default: '1' }, seed: { type: 'string' } } });
const hours = Number(values.hours);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
if (!(hours > 0) || !Number.isInteger(seed)) {
  process.stderr.write('usage: npm run soak -- [--hours H] [--seed N]\n');
  process.exit(2);
}

const random = numbersFrom(seed);
const until = performance.now() + hours * 3_600_000;
process.stdout.write(`soak for ${hours} h, seed ${seed}\n`);
const stage = Stage.open();
try {
  for (let run = 1; performance.now() < until; run += 1) if (!(await survives(run))) break;
} finally {
  await stage.close();
}

/** One disturbed build. False when it lost something; the exit code says so. */
async function survives(run: number): Promise<boolean> {
  const reference = await stage.reference();
  const possible = SOAK_FAULTS.filter(({ impossible }) => impossible === undefined);
  const fault = possible[Math.floor(random() * possible.length)];
  if (fault === undefined) return true;
  const began = performance.now();
  const name = `soak-${run}`;
  const done = fault.prepare?.(stage, name);
  const build = await stage.begin(name);
  await fault.run(stage, build, random);
  const { progress } = await build.ends();
  const left = await stage.leftBy(build);
  const repeated = await stage.repeatedCalls(build);
  const sound = progress?.status === 'done' && isDeepStrictEqual(left, reference) && repeated <= fault.repeats;
  const seconds = Math.round((performance.now() - began) / 1_000);
  process.stdout.write(`${sound ? 'ok' : 'LOST'} ${run}: ${fault.name} (${seconds} s, ${repeated} calls repeated)\n`);
  done?.();
  if (sound) return true;
  process.stdout.write(`${JSON.stringify({ seed, run, status: progress?.status, left, reference }, null, 1)}\n`);
  process.exitCode = 1;
  return false;
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
function numbersFrom(start: number): () => number {
  let state = start | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
