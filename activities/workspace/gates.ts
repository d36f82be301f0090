/**
 * The gates measured once at finish, on a clean checkout of the last commit: coverage, ruff, mypy, migrations. A gate
 * that fails is a result with the tool's own words; it never throws for what the project does wrong.
 */
import type { GateResult } from '../../workflows/contract.js';
import type { CommandResult, Sandbox } from '../security/sandbox.js';
import { runCoverage } from './coverage.js';
import { emptiedDatabase, HTTP_DATABASE, suiteDatabases } from './emptied-database.js';
import type { StartFailure } from './http-checks.js';
import { inCheckout, prepareCommit, type VerifierParts } from './verifier.js';

export interface GateSettings {
  readonly commit: string;
  /** Percent of statements of `app` that the suite must run; default 85. */
  readonly coverageMin?: number;
  readonly onGate?: (gate: GateResult) => void;
  readonly signal?: AbortSignal;
}

const COVERAGE_MIN = 85;
const TOOL_TIMEOUT_MS = 5 * 60_000;
const DETAIL_CHARACTERS = 1_500;

const GATES = ['coverage', 'ruff', 'format', 'mypy', 'migrations'] as const;

/** A command as typed, for people; run as its words. */
const MIGRATIONS = ['alembic upgrade head', 'alembic downgrade base', 'alembic upgrade head', 'alembic check'];

/**
 * Coverage beside the other gates, in two checkouts: two lanes fit two cores. Order of the results: tests with coverage,
 * ruff, format, mypy, migrations. Rejects with the signal's reason when aborted.
 */
export async function runGates(parts: VerifierParts, settings: GateSettings): Promise<readonly GateResult[]> {
  const prepared = await prepareCommit(parts, settings.commit);
  settings.signal?.throwIfAborted();
  if (prepared.kind === 'unusable') return GATES.map((name) => reported(settings, unmeasured(name, prepared.failure)));
  const { request, pack } = prepared;
  const lanes = [
    inCheckout(request, pack, async ({ sandbox }) => [await coverageGate(parts, sandbox, settings)]),
    inCheckout(request, pack, ({ sandbox }) => toolGates(parts, sandbox, settings)),
  ] as const;
  await Promise.allSettled(lanes); // a lane that failed must not leave the other one running
  return (await Promise.all(lanes)).flat();
}

async function toolGates(
  parts: VerifierParts,
  sandbox: Sandbox,
  settings: GateSettings,
): Promise<readonly GateResult[]> {
  const tool = async (name: string, command: string): Promise<GateResult> =>
    reported(settings, judged(name, await runTool(sandbox, command, settings.signal), command));
  return [
    await tool('ruff', 'ruff check --no-cache .'),
    await tool('format', 'ruff format --check --no-cache .'),
    await tool('mypy', 'mypy --strict --cache-dir=/dev/null app'),
    await migrationsGate(parts, sandbox, settings),
  ];
}

/** Up, down and up again on an empty database; then the tables must be what the models say. */
async function migrationsGate(parts: VerifierParts, sandbox: Sandbox, settings: GateSettings): Promise<GateResult> {
  const environment = { DATABASE_URL: await emptiedDatabase(parts.databases, HTTP_DATABASE, sandbox) };
  for (const command of MIGRATIONS) {
    const result = await runTool(sandbox, command, settings.signal, environment);
    if (result.exitCode !== 0) return reported(settings, judged('migrations', result, command));
  }
  return reported(settings, { name: 'migrations', passed: true, detail: MIGRATIONS.join(', ') });
}

async function coverageGate(parts: VerifierParts, sandbox: Sandbox, settings: GateSettings): Promise<GateResult> {
  const signal = settings.signal ? { signal: settings.signal } : {};
  const measured = await runCoverage(sandbox, { ...(await suiteDatabases(parts.databases, sandbox)), ...signal });
  const least = settings.coverageMin ?? COVERAGE_MIN;
  const passed = measured.suite.green && measured.percent !== null && measured.percent >= least;
  return reported(settings, {
    name: 'coverage',
    passed,
    detail: `${measured.summary}; at least ${least} % wanted`.slice(0, DETAIL_CHARACTERS),
  });
}

async function runTool(
  sandbox: Sandbox,
  command: string,
  signal: AbortSignal | undefined,
  environment: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const result = await sandbox.run({
    command: command.split(' '),
    environment,
    timeoutMs: TOOL_TIMEOUT_MS,
    outputBytes: 20_000,
    ...(signal ? { signal } : {}),
  });
  signal?.throwIfAborted();
  return result;
}

function judged(name: string, result: CommandResult, command: string): GateResult {
  const output = result.output.trim();
  if (result.exitCode === 0) return { name, passed: true, detail: `${command}: ${output.split('\n').at(-1) ?? ''}` };
  const end = result.timedOut ? `no end after ${TOOL_TIMEOUT_MS / 1000} s` : `exit status ${result.exitCode}`;
  return { name, passed: false, detail: `${command}: ${end}\n${output.slice(-DETAIL_CHARACTERS)}` };
}

function unmeasured(name: string, { problem, log }: StartFailure): GateResult {
  return { name, passed: false, detail: `${problem}\n${log.slice(-DETAIL_CHARACTERS)}`.trim() };
}

function reported(settings: GateSettings, gate: GateResult): GateResult {
  settings.onGate?.(gate);
  return gate;
}
