/** A Python package index of a test's own: the simple API on loopback, with wheels that are made on the spot. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

/** A zip file is a wheel when it says so in METADATA, WHEEL and RECORD; `files` are its content, by path. */
const MAKE = `
import json, sys, zipfile
target, dist, files = sys.argv[1], sys.argv[2], json.load(sys.stdin)
name, version = dist.split("-")
info = f"{dist}.dist-info"
files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\\nName: {name.replace('_', '-')}\\nVersion: {version}\\n"
files[f"{info}/WHEEL"] = "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: false\\nTag: py3-none-any\\n"
files[f"{info}/RECORD"] = ""
with zipfile.ZipFile(target, "w") as wheel:
    for file, text in files.items():
        wheel.writestr(file, text)
`;

export interface PackageIndex {
  readonly url: string;
  /** What was asked for, in order. */
  readonly asked: readonly string[];
  close(): void;
}

/** Puts a wheel for this platform into `directory`. */
export function makeWheel(
  directory: string,
  name: string,
  version: string,
  files: Readonly<Record<string, string>>,
): void {
  mkdirSync(directory, { recursive: true });
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const dist = `${name.replaceAll('-', '_')}-${version}`;
  const target = path.join(directory, `${dist}-py3-none-manylinux_2_17_${machine}.whl`);
  execFileSync('/usr/bin/python3', ['-c', MAKE, target, dist], { input: JSON.stringify(files) });
}

/** Serves the wheels of `directory`, as JSON and as the pages that older pips ask for. */
export async function servePackageIndex(directory: string): Promise<PackageIndex> {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    const [, kind, name = ''] = (request.url ?? '').split('/');
    asked.push(request.url ?? '');
    if (kind === 'files') return void response.end(readFileSync(path.join(directory, path.basename(name))));
    const files = readdirSync(directory).filter((file) => file.startsWith(`${name.replaceAll('-', '_')}-`));
    if (kind !== 'simple' || files.length === 0) return void response.writeHead(404).end();
    if (request.headers.accept?.includes('json')) {
      response.setHeader('content-type', 'application/vnd.pypi.simple.v1+json');
      return void response.end(JSON.stringify({ meta: { 'api-version': '1.0' }, name, files: files.map(entry) }));
    }
    response.setHeader('content-type', 'text/html');
    return void response.end(files.map((file) => `<a href="../../files/${file}">${file}</a>`).join('\n'));
  });
  const entry = (filename: string) => {
    const sha256 = createHash('sha256')
      .update(readFileSync(path.join(directory, filename)))
      .digest('hex');
    return { filename, url: `../../files/${filename}`, hashes: { sha256 } };
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/simple`, asked, close: () => server.close() };
}
