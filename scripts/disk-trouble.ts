/** A file system that refuses, in words: the state directory that cannot be used, the disk that is full. Pure. */
import type { Config } from '../config/config.js';

const FULL = ['ENOSPC', 'EDQUOT'];
const REFUSED = ['ENOTDIR', 'EACCES', 'EPERM', 'EROFS', 'EEXIST'];

/** The sentence for an error that a command met below the state directory or on a full disk, or undefined. */
export function diskTrouble(error: unknown, { locations }: Config): string | undefined {
  const { code = '', path = '' } = error as { code?: string; path?: string };
  if (FULL.includes(code)) {
    return `The disk is full (${code} at ${path || 'an unnamed file'}); free some and give the same command again: nothing is lost`;
  }
  if (!REFUSED.includes(code) || !`${path}/`.startsWith(`${locations.state}/`)) return undefined;
  return (
    `The state directory ${locations.state} cannot be used (${code} at ${path}); make it this user's own, or name another: ` +
    'NIGHTSHIFT_HOME=/a/directory/of/yours'
  );
}
