/** Milliseconds that Temporal adds to a session: sessions and verifications that answer at once, on a real dev server. */
import { printMachine, printTable, quantile, withTemporal } from './environment.js';
import { runToEnd, scriptedBuild } from './scripted-build.js';

const SESSIONS = 50;

/** Start of one session to the start of the next: runSession, its verification, and every workflow task between. */
export async function sessionOverhead(): Promise<void> {
  const build = scriptedBuild(SESSIONS);
  await withTemporal(build.activities, (environment) =>
    runToEnd(environment, '# Spec', { delaySeconds: 0, heartbeatSeconds: 30 }),
  );
  const gaps = build.starts.slice(1).map((start, index) => start - (build.starts[index] ?? start));
  printMachine();
  printTable(
    ['empty sessions', 'median ms', '95 % below ms', 'longest ms'],
    [[SESSIONS, ...[0.5, 0.95, 1].map((share) => quantile(gaps, share).toFixed(0))]],
  );
}
