/** What the benches share: a real Temporal dev server on a file, activities that answer at once, tables. No product code. */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, platform, release, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { loadConfig } from '../config/config.js';
import { packageRoot } from '../config/locations.js';
import { missingMessage, silentStep } from '../scripts/resolvers/resolution.js';
import { resolveTemporal } from '../scripts/resolvers/temporal.js';
import { BUILD_TASK_QUEUE, type BuildActivities, SESSION_TASK_QUEUE } from '../workflows/contract.js';

/** Runs `use` with a directory that is gone afterwards. */
export async function inScratch<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(path.join(tmpdir(), 'nightshift-bench-'));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A dev server with its state on a file, as the product runs it, and both workers with these activities. */
export async function withTemporal<T>(
  activities: BuildActivities,
  use: (environment: TestWorkflowEnvironment) => Promise<T>,
): Promise<T> {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger });
  return inScratch(async (directory) => {
    const environment = await TestWorkflowEnvironment.createLocal({
      server: {
        executable: { type: 'existing-path', path: await temporalProgram() },
        dbFilename: path.join(directory, 'temporal.db'),
        log: { format: 'pretty', level: 'error' },
      },
    });
    const connection = await NativeConnection.connect({ address: environment.address });
    try {
      const workflowBundle = await bundleWorkflowCode({
        workflowsPath: path.join(packageRoot, 'dist', 'workflows', 'index.js'),
        logger,
      });
      const common = { connection, activities: { ...activities } };
      const builds = await Worker.create({ ...common, workflowBundle, taskQueue: BUILD_TASK_QUEUE });
      const sessions = await Worker.create({ ...common, taskQueue: SESSION_TASK_QUEUE });
      return await sessions.runUntil(builds.runUntil(use(environment)));
    } finally {
      await connection.close();
      await environment.teardown();
    }
  });
}

async function temporalProgram(): Promise<string> {
  const { environment, locations } = loadConfig();
  const program = await resolveTemporal({ environment, cache: locations.cache, step: silentStep, install: true });
  if (!program.found) throw new Error(missingMessage(program));
  return program.path;
}

/** `4 x AMD EPYC …, 16 GB, Linux 6.1, Node v20.20.2, load 0.4`. Load counts: a figure under load is no figure. */
export function machineLine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  const load = loadavg()[0]?.toFixed(1) ?? '?';
  return `${cpus().length} x ${first?.model.trim() ?? 'CPU'}, ${memory} GB, ${platform()} ${release()}, Node ${process.version}, load ${load}`;
}

/** The `share` quantile (0 to 1) of the values; 0 of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

/** Rows of equal length as a Markdown table on stdout, so that it can be pasted into bench/README.md. */
export function printTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  const text = [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
  process.stdout.write(`${text}\n`);
}

/** The machine, above every table. */
export function printMachine(): void {
  process.stdout.write(`${machineLine()}\n\n`);
}
