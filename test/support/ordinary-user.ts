/**
 * A program of the tests run by an ordinary user, as a root tester can do it: from a copy that this user may read, because
 * a checkout often lies below a private home.
 */
import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../config/locations.js';

/** nobody: owns nothing, belongs to no group. */
export const ORDINARY_UID = 65534;
const DROP = [`--reuid=${ORDINARY_UID}`, `--regid=${ORDINARY_UID}`, '--clear-groups'];
/** Sources that need no package. */
const NEEDED = [
  'package.json',
  'dist/activities/security',
  'dist/config',
  'dist/test/security',
  'dist/test/activities',
];
const EXCEPT = /activities\/security\/(unsandboxed|policy|rules|shell|second-opinion)/;

/** False for a tester who is an ordinary user anyway, and where that user can't start this Node. */
export function canBecomeOrdinary(): boolean {
  if (process.getuid?.() !== 0) return false;
  return spawnSync('/usr/bin/setpriv', [...DROP, process.execPath, '--version'], { cwd: '/' }).status === 0;
}

/** Standard output of `node <program> <args>`; `program` is relative to dist. Rejects when it ends badly or complains. */
export async function asOrdinaryUser(program: string, args: readonly string[] = []): Promise<string> {
  const copy = mkdtempSync('/tmp/nightshift-ordinary-');
  try {
    for (const part of NEEDED) {
      cpSync(path.join(packageRoot, part), path.join(copy, part), {
        recursive: true,
        filter: (source) => !EXCEPT.test(source),
      });
    }
    spawnSync('chmod', ['-R', 'a+rX', copy]);
    const command = [...DROP, process.execPath, path.join(copy, 'dist', program), ...args];
    const { stdout, stderr } = await promisify(execFile)('/usr/bin/setpriv', command, { cwd: '/', env: {} });
    if (stderr !== '') throw new Error(`${program} complained: ${stderr}`);
    return stdout;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
