/**
 * `npm run fuzz:policy [-- minutes [seed]]`: new hostile commands without end; what the policy allows is run in the
 * canary range. Every find is printed with its seed, and the exit status is 1: add it to test/corpus, then mend the policy.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { openSandbox } from '../../activities/security/bubblewrap.js';
import type { Sandbox } from '../../activities/security/sandbox.js';
import { openRange, type RangePlace } from './canary.js';
import { hostileCommand } from './hostile-grammar.js';
import { damagedCommand } from './mutation.js';

const BATCH = 5_000;
const [minutes = '60', firstSeed = String(Date.now() % 1_000_000_000)] = process.argv.slice(2);
const directories: string[] = [];
const sandboxes: Sandbox[] = [];

const place: RangePlace = {
  directory: () => {
    const made = mkdtempSync(path.join('/tmp', 'fuzz-policy-'));
    directories.push(made);
    return made;
  },
  open: async ({ projectDir, readOnly }) => {
    const sandbox = await openSandbox({ projectDir, readOnly, environment: {}, path: [] });
    sandboxes.push(sandbox);
    return sandbox;
  },
};

const until = Date.now() + Number(minutes) * 60_000;
let [tried, ran, finds] = [0, 0, 0];
try {
  const range = await openRange(place);
  for (let seed = Number(firstSeed); Date.now() < until; seed += 1) {
    const commands = fc.sample(fc.oneof(hostileCommand, damagedCommand), { numRuns: BATCH, seed });
    const allowed = [...new Set(commands.filter((command) => range.allows(command)))];
    const caught = await range.run(allowed);
    tried += commands.length;
    ran += allowed.length;
    finds += caught.length;
    for (const line of caught) process.stdout.write(`seed ${seed}: ${line}\n`);
    process.stderr.write(`seed ${seed}: ${tried} tried, ${ran} allowed and run, ${finds} finds\n`);
  }
} finally {
  for (const sandbox of sandboxes) await sandbox.close();
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
}
process.exitCode = finds === 0 ? 0 : 1;
