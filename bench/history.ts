/** Events and bytes of a build's history for each session: what bounds how long one workflow run may grow. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { packageRoot } from '../config/locations.js';
import { CONTINUE_AS_NEW_EVENTS } from '../workflows/policies.js';
import { printMachine, printTable, withTemporal } from './environment.js';
import { runToEnd, scriptedBuild } from './scripted-build.js';

const SESSIONS = [5, 50] as const;

/** Builds of the sample spec with scripted sessions; the spec itself is the first event and counted apart. */
export async function history(): Promise<void> {
  const spec = await readFile(path.join(packageRoot, 'prompts', 'app_spec.txt'), 'utf8');
  const rows: (string | number)[][] = [];
  for (const sessions of SESSIONS) {
    const { activities } = scriptedBuild(sessions);
    const size = await withTemporal(activities, (environment) => runToEnd(environment, spec, { delaySeconds: 1 }));
    const bytes = (size.bytes - Buffer.byteLength(spec)) / sessions;
    rows.push([sessions, size.events, (size.events / sessions).toFixed(1), size.bytes, bytes.toFixed(0)]);
  }
  printMachine();
  printTable(['sessions', 'events', 'events per session', 'bytes', 'bytes per session without the spec'], rows);
  process.stdout.write(`\nA build continues as new past ${CONTINUE_AS_NEW_EVENTS} events.\n`);
}
