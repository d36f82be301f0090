/** dist/ as the sources ask for it: compiled, without leftovers of removed sources, with the workflow bundle. */
import { accessSync, constants, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { digest, inRoot, root, textOf, writeStamp } from './place.mjs';
import { SetUpError } from './problem.mjs';
import { runProgram } from './program.mjs';
import { say, step } from './steps.mjs';

/** Folders that tsconfig.json includes. */
const FOLDERS = [
  'workflows',
  'activities',
  'workers',
  'config',
  'offline-model',
  'scripts',
  'prompts',
  'test',
  'bench',
];
const STAMP = inRoot('dist', '.compiled');

/** True when no source, and nothing that compilation depends on, has changed since the last set-up. */
export function isCompiled() {
  return textOf(STAMP).trim() === sourceStamp() && existsSync(inRoot('dist', 'workflow-bundle.js'));
}

/** Not `strict`: errors of type are said, and what tsc emitted all the same is used. */
export async function compileSources(strict) {
  if (!mayWrite()) return notOurs(strict);
  const stamp = sourceStamp();
  const { status, output } = await step('compiling', () =>
    runProgram(process.execPath, [inRoot('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.json']),
  );
  if (status !== 0 && strict) throw new SetUpError(`The sources do not compile:\n${lastLines(output)}`);
  if (status !== 0) {
    say(`the sources do not compile; going on with what there is:\n${lastLines(output)}`);
    return;
  }
  removeLeftovers(inRoot('dist'), '');
  const { buildWorkflowBundle } = await import('../../dist/scripts/workflow-bundle.js');
  await step('bundling the workflows', () => buildWorkflowBundle());
  writeStamp(STAMP, stamp);
}

/** A clone of another user's is used as its owner compiled it; what that user has not compiled yet cannot run. */
function notOurs(strict) {
  const cure = `its owner runs: (cd ${root} && npm run compile), or clone Nightshift for yourself`;
  if (strict || !existsSync(inRoot('dist', 'scripts', 'cli.js'))) {
    throw new SetUpError(`${root} has changed since it was compiled and is not writable for this user: ${cure}`);
  }
}

function mayWrite() {
  try {
    accessSync(existsSync(inRoot('dist')) ? inRoot('dist') : root, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

const lastLines = (output) => output.trim().split('\n').slice(-20).join('\n');

/** Path, size and time of change of every source: cheap, and any edit changes it. */
function sourceStamp() {
  const files = FOLDERS.flatMap((folder) => sources(folder));
  files.push('tsconfig.json', 'package-lock.json');
  const lines = files.map((file) => {
    const { size, mtimeMs } = statSync(inRoot(file));
    return `${file} ${size} ${mtimeMs}`;
  });
  return digest(lines.join('\n'));
}

function sources(folder) {
  if (!existsSync(inRoot(folder))) return [];
  return readdirSync(inRoot(folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return sources(file);
    return entry.name.endsWith('.ts') ? [file] : [];
  });
}

/** Removes what was compiled from sources that are gone: a removed test must not go on running. Never the whole dist/:
 * a worker may be reading from it. */
function removeLeftovers(directory, below) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const file = path.join(directory, entry.name);
    if (entry.isDirectory()) removeLeftovers(file, path.join(below, entry.name));
    else if (below !== '' && /\.js(\.map)?$/.test(entry.name)) {
      const source = path.join(below, entry.name.replace(/\.js(\.map)?$/, '.ts'));
      if (!existsSync(inRoot(source))) rmSync(file);
    }
  }
}
