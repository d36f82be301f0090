/**
 * Fetches a wheel from the person's package index without pip (Debian's python3 has none): the simple API's JSON form,
 * checked against the hash that the index states.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Environment } from '../../config/environment.js';
import { packageIndex } from '../../config/package-index.js';

const FETCH_LIMIT_MS = 180_000;

interface IndexFile {
  readonly filename: string;
  readonly url: string;
  readonly hashes?: { readonly sha256?: string };
}

/**
 * Writes the wheel that fits this platform into the directory. `fallbackIndex` is pip's own default, for where nothing
 * is configured. Returns '' or the problem.
 */
export async function fetchWheel(
  env: Environment,
  name: string,
  version: string,
  directory: string,
  fallbackIndex: string | null = null,
): Promise<string> {
  const indexUrl = packageIndex(env).indexUrl ?? fallbackIndex;
  if (indexUrl === null) return 'no package index is configured and there is no pip that knows one: set PIP_INDEX_URL';
  const index = `${indexUrl}/${name}/`;
  try {
    const page = await fetch(index, {
      headers: { accept: 'application/vnd.pypi.simple.v1+json' },
      signal: AbortSignal.timeout(30_000),
    });
    if (!page.ok) return `the index answered ${page.status} for ${name}`;
    const { files } = (await page.json()) as { files: IndexFile[] };
    // A wheel's file name spells the package with underscores.
    const start = `${name.replaceAll('-', '_')}-${version}-`;
    const wheel = files.find((file) => file.filename.startsWith(start) && fitsPlatform(file.filename));
    if (!wheel) return `the index has no ${name} ${version} for ${process.platform}-${process.arch}`;
    const response = await fetch(new URL(wheel.url, page.url), { signal: AbortSignal.timeout(FETCH_LIMIT_MS) });
    if (!response.ok) return `the index answered ${response.status} for ${wheel.filename}`;
    const bytes = Buffer.from(await response.arrayBuffer());
    const digest = createHash('sha256').update(bytes).digest('hex');
    if (wheel.hashes?.sha256 && wheel.hashes.sha256 !== digest) return `${wheel.filename} does not match its hash`;
    writeFileSync(path.join(directory, wheel.filename), bytes);
    return '';
  } catch (error) {
    const { message, cause } = error as Error; // fetch says only "fetch failed"; why is in the cause
    return cause === undefined ? message : `${message} (${String(cause)})`;
  }
}

/** True for a wheel's platform tag that runs here; `musl` is told by the report that node itself writes. */
export function fitsPlatform(filename: string, platform = process.platform, arch: string = process.arch): boolean {
  const machine = arch === 'x64' ? 'x86_64' : platform === 'darwin' ? 'arm64' : 'aarch64';
  if (platform === 'darwin') return filename.includes('macosx') && filename.includes(machine);
  return filename.includes(isMusl() ? 'musllinux' : 'manylinux') && filename.includes(machine);
}

function isMusl(): boolean {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  return process.platform === 'linux' && report?.header?.glibcVersionRuntime === undefined;
}
