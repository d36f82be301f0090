/**
 * Coverage of a project's own suite, measured with Nightshift's configuration: what the project's leaves out does not
 * count, and code that runs in greenlets (SQLAlchemy's asyncio) is seen.
 */
import { z } from 'zod';
import type { Sandbox } from '../security/sandbox.js';
import { runSuite, type SuiteResult, type SuiteSettings, suiteSummary } from './pytest.js';

export interface Coverage {
  readonly suite: SuiteResult;
  /** Percent of the statements below `app/` that ran, 0 to 100, one decimal rounded down; null when not measured. */
  readonly percent: number | null;
  /** `143 passed, 91.4 % of 1234 statements (least: app/services/tag.py 61.0 %)`. */
  readonly summary: string;
}

const CONFIGURATION = `[run]
source = app
concurrency = greenlet,thread
[report]
exclude_also =
    if TYPE_CHECKING:
`;

const numbers = z.object({ percent_covered: z.number(), num_statements: z.number() });
const report = z.object({ totals: numbers, files: z.record(z.string(), z.object({ summary: numbers })) });
type Report = z.infer<typeof report>;

const REPORT_BYTES = 8 * 1024 * 1024;
const FILE_TIMEOUT_MS = 20_000;

/** Runs the whole suite with coverage of `app`. */
export async function runCoverage(sandbox: Sandbox, settings: SuiteSettings): Promise<Coverage> {
  const folder = await workFolder(sandbox);
  const suite = await runSuite(sandbox, {
    ...settings,
    environment: { ...settings.environment, COVERAGE_FILE: `${folder}/data` },
    args: ['--cov', `--cov-config=${folder}/coveragerc`, `--cov-report=json:${folder}/report.json`],
  });
  const found = await takeReport(sandbox, folder);
  if (found === null || found.totals.num_statements === 0) {
    return { suite, percent: null, summary: `${suiteSummary(suite)}, coverage not measured` };
  }
  const percent = oneDecimal(found.totals.percent_covered);
  const measured = `${percent.toFixed(1)} % of ${found.totals.num_statements} statements${leastCovered(found)}`;
  return { suite, percent, summary: `${suiteSummary(suite)}, ${measured}` };
}

async function workFolder(sandbox: Sandbox): Promise<string> {
  const result = await sandbox.run({
    command: ['sh', '-c', 'folder=$(mktemp -d -p "$HOME") && cat > "$folder/coveragerc" && printf %s "$folder"'],
    stdin: CONFIGURATION,
    timeoutMs: FILE_TIMEOUT_MS,
  });
  if (result.exitCode !== 0) throw new Error(`no temporary directory in the sandbox: ${result.output}`);
  return result.stdout;
}

async function takeReport(sandbox: Sandbox, folder: string): Promise<Report | null> {
  const result = await sandbox.run({
    command: ['sh', '-c', 'cat "$1/report.json"; rm -rf -- "$1"', 'sh', folder],
    timeoutMs: FILE_TIMEOUT_MS,
    outputBytes: REPORT_BYTES,
  });
  const parsed = report.safeParse(jsonOrUndefined(result.stdout));
  return parsed.success ? parsed.data : null;
}

function leastCovered({ files }: Report): string {
  const sorted = Object.entries(files)
    .filter(([, { summary }]) => summary.num_statements > 0)
    .sort(([, a], [, b]) => a.summary.percent_covered - b.summary.percent_covered);
  const [file, least] = sorted[0] ?? [];
  if (file === undefined || least === undefined || least.summary.percent_covered === 100) return '';
  return ` (least: ${file} ${oneDecimal(least.summary.percent_covered).toFixed(1)} %)`;
}

/** Rounded down: 79.96 must not read as the 80.0 that was wanted. */
function oneDecimal(percent: number): number {
  return Math.floor(percent * 10) / 10;
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
