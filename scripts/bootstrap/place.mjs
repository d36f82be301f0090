/** Where this checkout lies, and the stamps of what was done for it. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

export const inRoot = (...names) => path.join(root, ...names);

export const digest = (text) => createHash('sha256').update(text).digest('hex').slice(0, 24);

/** The text of a file, or '' when there is none. */
export function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

export function writeStamp(file, stamp) {
  writeFileSync(file, `${stamp}\n`);
}
