/**
 * Nightshift's own eyes in a run of the project's tests: reads the tests without importing them, and adds a plugin from
 * outside the project that records what really happened and breaks one route after another.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { packageRoot } from '../../config/locations.js';
import type { Route } from '../features/route.js';
import type { SuiteEvidence } from '../features/suite-evidence.js';
import type { Sandbox } from '../security/sandbox.js';
import { type CollectorReport, collectorReport, type ProbeReport, probeReport } from './suite-audit.js';

export interface SuiteProbe {
  readonly collector: CollectorReport;
  readonly environment: Readonly<Record<string, string>>;
  /** pytest arguments: the plugins by name. */
  readonly args: readonly string[];
  /** What the plugin saw; null when pytest ended without it. */
  report(): Promise<ProbeReport | null>;
}

const FOLDER = path.join(packageRoot, 'activities', 'workspace', 'probe');
const TIMEOUT_MS = 60_000;
const REPORT_BYTES = 8 * 1024 * 1024;
/** For all proofs of one run: about 50 ms each. */
const PROOF_SECONDS = 60;

export async function openSuiteProbe(
  sandbox: Sandbox,
  routes: readonly Route[],
  before: SuiteEvidence,
): Promise<SuiteProbe> {
  const collector = await collect(sandbox);
  const folder = await placed(sandbox);
  const report = `${folder}/${randomUUID()}.json`;
  const known = Object.fromEntries(Object.entries(before.proofs).map(([name, proof]) => [name, proof.key]));
  const orders = { routes, known, report, shared: collector.shared, proof_seconds: PROOF_SECONDS };
  return {
    collector,
    environment: {
      NIGHTSHIFT_PROBE: JSON.stringify(orders),
      PYTEST_DISABLE_PLUGIN_AUTOLOAD: '1',
      PYTHONPATH: folder,
    },
    args: ['nightshift_probe', ...collector.plugins].flatMap((name) => ['-p', name]),
    report: async () => {
      const found = await sandbox.run({
        command: ['sh', '-c', 'cat "$1"; rm -rf -- "$2"', 'sh', report, folder],
        timeoutMs: TIMEOUT_MS,
        outputBytes: REPORT_BYTES,
      });
      const parsed = probeReport.safeParse(jsonOrUndefined(found.stdout));
      return parsed.success ? parsed.data : null;
    },
  };
}

/** `-I`: nothing of the project's directory, the user's site or PYTHON* variables is looked at. */
async function collect(sandbox: Sandbox): Promise<CollectorReport> {
  const result = await sandbox.run({
    command: ['python', '-I', '-'],
    stdin: await readFile(path.join(FOLDER, 'neutral_collector.py'), 'utf8'),
    timeoutMs: TIMEOUT_MS,
    outputBytes: REPORT_BYTES,
  });
  const parsed = collectorReport.safeParse(jsonOrUndefined(result.stdout));
  if (parsed.success) return parsed.data;
  const what = `the tests cannot be read: ${result.output.trim().slice(-500)}`;
  return { tests: [], tells: [{ file: 'tests', line: 1, what }], removed: {}, plugins: [], shared: '' };
}

async function placed(sandbox: Sandbox): Promise<string> {
  const script = 'folder=$(mktemp -d -p "$HOME") && cat > "$folder/nightshift_probe.py" && printf %s "$folder"';
  const result = await sandbox.run({
    command: ['sh', '-c', script],
    stdin: await readFile(path.join(FOLDER, 'nightshift_probe.py'), 'utf8'),
    timeoutMs: TIMEOUT_MS,
  });
  if (result.exitCode !== 0) throw new Error(`no temporary directory in the sandbox: ${result.output}`);
  return result.stdout;
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
