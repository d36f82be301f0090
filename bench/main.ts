/** `npm run bench -- <name>`: runs one bench and prints its table. */
import { buildTime } from './build-time.js';
import { history } from './history.js';
import { journal } from './journal.js';
import { pause } from './pause.js';
import { policyChecks } from './policy.js';
import { sandbox } from './sandbox.js';
import { sessionOverhead } from './session-overhead.js';

const BENCHES: Readonly<Record<string, (options: readonly string[]) => Promise<void>>> = {
  'build-time': buildTime,
  'session-overhead': sessionOverhead,
  history,
  journal,
  policy: policyChecks,
  sandbox,
  pause,
};

const [name, ...options] = process.argv.slice(2);
const bench = name !== undefined && Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
if (bench === undefined) {
  process.stderr.write(`usage: npm run bench -- ${Object.keys(BENCHES).join(' | ')}\n`);
  process.exitCode = 2;
} else {
  await bench(options);
}
