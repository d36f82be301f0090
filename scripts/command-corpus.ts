/** Reads the corpus of commands (test/corpus/*.jsonl): what must pass, what must not, each with why. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { CorpusRow } from '../activities/security/policy-comparison.js';
import { packageRoot } from '../config/locations.js';

/** Every command of the corpus counts from this project directory, which need not exist. */
export const CORPUS_PROJECT = '/workspace/project';

/** All rows, file by file. Throws when the package is incomplete. */
export async function commandCorpus(): Promise<readonly CorpusRow[]> {
  const directory = path.join(packageRoot, 'test', 'corpus');
  const files = (await readdir(directory)).filter((name) => name.endsWith('.jsonl')).sort();
  const texts = await Promise.all(files.map((name) => readFile(path.join(directory, name), 'utf8')));
  return texts.flatMap((text) =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as CorpusRow),
  );
}
