/** Milliseconds that Temporal adds to a session: sessions and verifications that answer at once, on a real dev server. */
import { printMachine, printTable, quantile, withTemporal } from './environment.js';
import { runToEnd, scriptedBuild } from './scripted-build.js';

const SESSIONS = 30;

/** The two ways between activities of a build: at once, and over the durable timer before the next session. */
export async function sessionOverhead(): Promise<void> {
  const { activities, moments } = scriptedBuild(SESSIONS);
  await withTemporal(activities, (environment) => runToEnd(environment, '# Spec', { delaySeconds: 0 }));
  const { sessions, verifications } = moments;
  const handOver = sessions.map((begun, index) => (verifications[index] ?? begun) - begun);
  const overTimer = sessions.slice(1).map((begun, index) => begun - (verifications[index] ?? begun));
  printMachine();
  printTable(
    ['way', 'times', 'median ms', '95 % below ms', 'longest ms'],
    [row('session to its verification', handOver), row('verification to the next session, delay 0 s', overTimer)],
  );
}

function row(way: string, times: readonly number[]): (string | number)[] {
  return [way, times.length, ...[0.5, 0.95, 1].map((share) => quantile(times, share).toFixed(0))];
}
