/**
 * Writes compiled files into the work tree in one step inside the sandbox, and leaves alone what the agent has edited:
 * a file is replaced only when it is absent, or still exactly what the compiler wrote last time.
 */
import { createHash } from 'node:crypto';
import type { Sandbox } from '../security/sandbox.js';

export interface FileToWrite {
  readonly text: string;
  /** What the compiler wrote before; null when the file is new. */
  readonly previous: string | null;
}

export interface WriteReport {
  readonly written: readonly string[];
  /** Left as they are, because somebody edited them. */
  readonly kept: readonly string[];
}

const TIMEOUT_MS = 60_000;

/**
 * Runs inside, in node (always there: the sandbox's own server is node). Refuses to write through a link, and writes
 * each file as temporary + rename, so that a cut leaves whole files.
 */
const SCRIPT = `
const fs = require('node:fs'), path = require('node:path'), crypto = require('node:crypto');
const files = JSON.parse(fs.readFileSync(0, 'utf8'));
const report = { written: [], kept: [] };
for (const [name, { text, previous, mode }] of Object.entries(files)) {
  const target = path.resolve(name);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  const found = fs.lstatSync(target, { throwIfNoEntry: false });
  if (found && !found.isFile()) { report.kept.push(name); continue; }
  if (found) {
    const now = fs.readFileSync(target, 'utf8');
    if (now === text) continue;
    if (crypto.createHash('sha256').update(now).digest('hex') !== previous) { report.kept.push(name); continue; }
  }
  fs.writeFileSync(target + '.nightshift-new', text, { mode });
  fs.chmodSync(target + '.nightshift-new', mode);
  fs.renameSync(target + '.nightshift-new', target);
  report.written.push(name);
}
process.stdout.write(JSON.stringify(report));
`;

export async function writeProjectFiles(
  sandbox: Sandbox,
  files: ReadonlyMap<string, FileToWrite>,
): Promise<WriteReport> {
  const request = Object.fromEntries(
    [...files].map(([name, { text, previous }]) => [
      name,
      { text, previous: previous === null ? null : digest(previous), mode: name.endsWith('.sh') ? 0o755 : 0o644 },
    ]),
  );
  const result = await sandbox.run({
    command: [process.execPath, '-e', SCRIPT],
    stdin: JSON.stringify(request),
    timeoutMs: TIMEOUT_MS,
    outputBytes: 200_000,
  });
  if (result.exitCode !== 0)
    throw new Error(`the project's files could not be written: ${result.output.trim().slice(-500)}`);
  return JSON.parse(result.stdout) as WriteReport;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
