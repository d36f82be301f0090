/**
 * Seconds of a whole build after set-up, step by step, as Temporal's own history has them: the product is started as a
 * person starts it, in a state directory of its own. Options: a spec file (default the sample), a test count.
 */
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import type { WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { type Config, loadConfig } from '../config/config.js';
import { environmentWithout } from '../config/environment.js';
import { packageRoot } from '../config/locations.js';
import { knownBuilds } from '../scripts/build-folder.js';
import { connectTemporal } from '../scripts/client.js';
import { type RunResult, run } from '../scripts/host-process.js';
import { readRuntime } from '../scripts/supervisor/run-file.js';
import { inScratch, printMachine, printTable } from './environment.js';

const LIMIT_MS = 30 * 60_000;

/** Runs one build and prints what each activity and timer took, and the size of the history. */
export async function buildTime([
  spec = 'prompts/app_spec.txt',
  testCount = '100-200',
]: readonly string[]): Promise<void> {
  printMachine();
  await inScratch(async (directory) => {
    const config = loadConfig({ ...loadConfig().environment, NIGHTSHIFT_HOME: path.join(directory, 'state') });
    const environment = environmentWithout(config.environment, ['TEMPORAL_ADDRESS', 'NIGHTSHIFT_MODEL']);
    const nightshift = (...args: string[]): Promise<RunResult> =>
      run(path.join(packageRoot, 'nightshift'), args, { environment, cwd: directory, timeoutMs: LIMIT_MS });
    try {
      const build = (...args: string[]): Promise<RunResult> =>
        nightshift('build', '--model', 'offline', '--json', ...args);
      expectEnding(await build('--spec', NOTES, '--test-count', '5-200', '--project-dir', 'first'), 0);
      const ready = performance.now();
      const file = path.resolve(config.callerDirectory, spec);
      expectEnding(await build('--spec', file, '--test-count', testCount, '--project-dir', 'project'), 0);
      await printSteps(config, seconds(performance.now() - ready));
    } finally {
      await nightshift('down');
    }
  });
}

/** A small spec of the repository: building it first brings the servers up, so that the build measured finds them. */
const NOTES = path.join(packageRoot, 'prompts', 'specs', 'notes.txt');

function expectEnding(result: RunResult, exitCode: number): void {
  if (result.exitCode === exitCode) return;
  throw new Error(`ended with ${result.exitCode}:\n${result.stdout.slice(-2_000)}\n${result.stderr.slice(-2_000)}`);
}

async function printSteps(config: Config, total: string): Promise<void> {
  const runtime = readRuntime(config);
  const build = (await knownBuilds(config)).find(({ projectDir }) => projectDir.endsWith('/project'));
  if (build === undefined) throw new Error('the build left no trace in its state directory');
  const { client, close } = await connectTemporal(config, runtime?.temporalAddress ?? null);
  const handle = client.workflow.getHandle(build.workflowId);
  const { events } = await handle.fetchHistory();
  const { historyLength, historySize } = await handle.describe();
  await close();
  const steps = stepsOf(events ?? []);
  printTable(
    ['step', 'seconds'],
    [...steps.map((step) => [step.name, seconds(step.ms)]), ['the whole command', total]],
  );
  const sessions = steps.filter((step) => step.name.startsWith('session')).length;
  process.stdout.write(
    `\nhistory: ${historyLength} events, ${historySize} bytes (spec included), ${sessions} sessions: ` +
      `${(historyLength / sessions).toFixed(0)} events and ${Math.round((historySize ?? 0) / sessions)} bytes a session\n`,
  );
}

type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

/** Activities from schedule to completion, and timers, named by the summaries that the workflow gave them. */
function stepsOf(events: readonly HistoryEvent[]): { readonly name: string; readonly ms: number }[] {
  const at = (event: HistoryEvent | undefined): number =>
    Number(event?.eventTime?.seconds ?? 0) * 1_000 + (event?.eventTime?.nanos ?? 0) / 1e6;
  return events.flatMap((event) => {
    const begun =
      event.activityTaskCompletedEventAttributes?.scheduledEventId ?? event.timerFiredEventAttributes?.startedEventId;
    if (begun === undefined || begun === null) return [];
    const start = events.find(({ eventId }) => String(eventId) === String(begun));
    const summary = start?.userMetadata?.summary;
    const name = summary ? String(defaultPayloadConverter.fromPayload(summary)) : 'unnamed';
    return [{ name, ms: at(event) - at(start) }];
  });
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
