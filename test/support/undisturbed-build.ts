/**
 * One build of the notes spec that nothing disturbs, made once for all test files of a run: what a disturbed one must
 * equal. Under `npm test` the files share its state directory and whoever comes first builds; alone a file builds its own.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { releaseLock, takeLock } from '../../scripts/supervisor/lock.js';
import { NotesBuild } from './build-fixture.js';
import { eventually } from './eventually.js';
import { type Ending, NightshiftProcess } from './nightshift-process.js';

export interface Undisturbed {
  readonly build: NotesBuild;
  /** How its `./nightshift build` ended. */
  readonly ending: Ending;
  /** Ends what was started for this file alone. */
  close(): Promise<void>;
}

const NAME = 'undisturbed';

/** Resolves when the build has ended, well or not: what it is worth is for the test to say. */
export async function undisturbedBuild(): Promise<Undisturbed> {
  const nightshift = suiteDirectory() ?? NightshiftProcess.fresh();
  const build = new NotesBuild(nightshift, NAME);
  const result = path.join(nightshift.directory, `${NAME}.json`);
  const lock = path.join(nightshift.directory, `${NAME}.lock`);
  const mine = await eventually(
    'the undisturbed build is there, or ours to make',
    () => {
      if (existsSync(result)) return 'made';
      return takeLock(lock).taken && 'ours';
    },
    { limitMs: 600_000 },
  );
  if (mine === 'ours' && !existsSync(result)) {
    const ending = await nightshift.run(build.command('build'));
    writeFileSync(`${result}.tmp`, JSON.stringify(ending));
    renameSync(`${result}.tmp`, result);
  }
  if (mine === 'ours') releaseLock(lock);
  const ending = JSON.parse(readFileSync(result, 'utf8')) as Ending;
  return { build, ending, close: () => nightshift.close() };
}

/** `npm test` gives all files one state directory `…/nightshift-test-…/home` and ends what runs in it at the end. */
function suiteDirectory(): NightshiftProcess | undefined {
  const home = process.env['NIGHTSHIFT_HOME'];
  if (home === undefined || !/^nightshift-test-/.test(path.basename(path.dirname(home)))) return undefined;
  const directory = path.join(path.dirname(home), 'projects');
  mkdirSync(directory, { recursive: true });
  return NightshiftProcess.shared(home, directory);
}
