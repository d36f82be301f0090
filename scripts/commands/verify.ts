/** `verify`: checks and gates on any FastAPI project that has a feature list, without a build; an exit code for CI. */
import { randomBytes } from 'node:crypto';
import { suiteSummary } from '../../activities/workspace/pytest.js';
import type { CommandContext } from '../command-context.js';
import { EnvironmentError, EXIT, UsageError } from '../exit-codes.js';
import { ensureSupervisor } from '../supervisor/start.js';
import { printable } from '../terminal-text.js';
import { junitReport } from '../verify/junit.js';
import { type Measurement, type MeasurementRequest, measureProject, NotMeasurable } from '../verify/measurement.js';
import { dependenciesOf, directoryOf, explained, referenceOf } from './serve.js';

export interface VerifyOptions {
  readonly json?: boolean;
  readonly junit?: boolean;
  readonly seed?: string;
  readonly gates?: boolean;
  readonly allowUnsandboxed?: boolean;
}

/** Exit 0 when every feature and gate passes, 3 when something does not. */
export async function verify(
  directory: string | undefined,
  options: VerifyOptions,
  context: CommandContext,
): Promise<number> {
  const seed = options.seed ?? randomBytes(8).toString('hex');
  const measured = await measure(directory, options, context, { seed, gates: options.gates !== false });
  const { terminal } = context;
  if (options.junit === true) terminal.line(junitReport(measured));
  else if (options.json === true) terminal.line(JSON.stringify(asData(measured), null, 2));
  else for (const line of measurementLines(measured)) terminal.line(line);
  return passes(measured) ? EXIT.ok : EXIT.incomplete;
}

/** Measures a directory that a person typed, with the services of this machine. */
export async function measure(
  directory: string | undefined,
  options: VerifyOptions,
  context: CommandContext,
  what: Pick<MeasurementRequest, 'seed' | 'gates' | 'commit' | 'features'>,
): Promise<Measurement> {
  const { config, terminal } = context;
  const projectDir = await directoryOf(directory, context);
  const reference = await referenceOf(projectDir, options.allowUnsandboxed === true, context);
  const stop = new AbortController();
  terminal.onInterrupt(() => stop.abort(new EnvironmentError('stopped; nothing was written into the project')));
  const runtime = await ensureSupervisor(config, (line) => terminal.problem(line));
  const say = (line: string): void => terminal.problem(`${line} …`);
  const request: MeasurementRequest = { ...what, reference, say, signal: stop.signal };
  return measureProject(dependenciesOf(context, runtime), request).catch((error: Error) => {
    if (error instanceof NotMeasurable) throw new UsageError(error.message);
    return explained(error);
  });
}

function passes({ ledger, gates }: Measurement): boolean {
  return ledger.entries.every(({ state }) => state === 'passing') && gates.every(({ passed }) => passed);
}

function measurementLines(measured: Measurement): string[] {
  const { ledger, gates, report, uncommitted } = measured;
  const failing = ledger.entries.filter(({ state }) => state !== 'passing');
  const cases = report.features.flatMap((feature) => feature.cases);
  return [
    `Commit ${measured.commit.slice(0, 12)}, sandbox: ${measured.sandbox}, seed ${report.seed}`,
    ...(uncommitted === 0 ? [] : [`  ${uncommitted} changes of the work tree are not committed and were not measured`]),
    `${ledger.entries.length - failing.length}/${ledger.entries.length} features, ${cases.filter(({ passed }) => passed).length}/${cases.length} test cases pass`,
    ...failing.flatMap(({ feature, failures }) => [
      `  ✗ ${feature.id}`,
      ...failures.map((failure) => `      ${printable(failure)}`),
    ]),
    `  ${report.suite.green ? '✓' : '✗'} the project's own tests: ${printable(suiteSummary(report.suite))}`,
    ...report.suite.distrust.map((line) => `      ${printable(line)}`),
    ...gates.map(({ name, passed, detail }) => `  ${passed ? '✓' : '✗'} ${name}: ${printable(detail.slice(0, 300))}`),
  ];
}

function asData(measured: Measurement): unknown {
  const { commit, uncommitted, report, ledger, gates } = measured;
  return {
    passes: passes(measured),
    ...{ commit, tree: report.tree, seed: report.seed, uncommitted, gates },
    suite: { green: report.suite.green, summary: suiteSummary(report.suite), distrust: report.suite.distrust },
    features: ledger.entries.map(({ feature, state, evidence, failures }) => ({
      id: feature.id,
      passes: state === 'passing',
      cases: evidence?.cases ?? [],
      nodes: evidence?.nodes ?? [],
      failures,
    })),
  };
}
