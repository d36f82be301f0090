/** A directory of a test's own, removed after it; its real path, as the sources compare real paths. */
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface TemporaryDirectory {
  readonly path: string;
  remove(): Promise<void>;
}

export async function temporaryDirectory(): Promise<TemporaryDirectory> {
  const directory = await realpath(await mkdtemp(path.join(tmpdir(), 'nightshift-test-')));
  return { path: directory, remove: () => rm(directory, { recursive: true, force: true, maxRetries: 3 }) };
}
