/** node_modules as package-lock.json asks for it, with the development packages: compiling and testing need them. */
import fs from 'node:fs';
import { inRoot, root, textOf } from './place.mjs';
import { SetUpError } from './problem.mjs';
import { runProgram } from './program.mjs';
import { step } from './steps.mjs';

/** Packages, compiled code and servers together stay below this; less free space ends in the middle of something. */
const NEEDED_BYTES = 1.5e9;

/** True when npm's own record of what it installed has every package of the lock file in the version it states. */
export function isInstalled() {
  const installed = packagesOf(inRoot('node_modules', '.package-lock.json'));
  const wanted = packagesOf(inRoot('package-lock.json'));
  if (!installed || !wanted) return false;
  return Object.entries(wanted).every(([name, entry]) => {
    if (name === '' || entry.link) return true;
    const present = installed[name];
    return present ? present.version === entry.version : entry.optional === true || entry.devOptional === true;
  });
}

export async function installPackages() {
  const { bavail, bsize } = fs.statfsSync(root);
  if (bavail * bsize < NEEDED_BYTES) {
    throw new SetUpError(
      `Nightshift needs 1.5 GB of free disk for its set-up and ${root} has ${gigabytes(bavail * bsize)}, so nothing was ` +
        'downloaded. Free some, or clone Nightshift to a larger disk.',
    );
  }
  const count = Object.keys(packagesOf(inRoot('package-lock.json')) ?? {}).length - 1;
  // Not `npm ci`: it refuses a lock file without the optional packages of other platforms, which a registry that mirrors
  // one platform cannot state. This one takes every version from the lock file too, and never writes it.
  const args = ['install', '--no-save', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, output } = await step(
    `installing ${count} npm packages (once, about 540 MB on disk; ${gigabytes(bavail * bsize)} free)`,
    () => runProgram('npm', args, { env: { ...process.env, npm_config_ignore_scripts: 'true' } }),
  );
  if (status === 0) return;
  throw new SetUpError(
    [
      `npm ${args.join(' ')} failed with status ${status}:`,
      output.trim().split('\n').slice(-12).join('\n'),
      'either give npm access to its registry (npm config get registry; proxy variables) and run the same command again',
      `or     install on a machine with access: (cd ${root} && npm ${args.join(' ')}), and copy node_modules here`,
    ].join('\n'),
  );
}

function gigabytes(bytes) {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

function packagesOf(file) {
  const text = textOf(file);
  if (text === '') return null;
  try {
    return JSON.parse(text).packages;
  } catch {
    return null;
  }
}
