/** `fleet`: builds many specs, a few at a time, each in a directory of its own; Ctrl+C pauses all, the same command resumes. */
import path from 'node:path';
import { type FleetInput, fleetProblem } from '../../workflows/fleet-contract.js';
import { specConflict } from '../build-folder.js';
import { type BuildOptions, type BuildRequest, readBuildRequest, withModel } from '../build-request.js';
import type { CommandContext } from '../command-context.js';
import { EXIT, UsageError } from '../exit-codes.js';
import { followFleet } from '../fleet-follow.js';
import { FleetHandle, fleetId } from '../fleet-handle.js';
import { inputProblem } from '../input-check.js';
import { chooseModel } from '../live-model.js';

export interface FleetOptions extends Pick<BuildOptions, 'model' | 'maxCost' | 'testCount' | 'json'> {
  readonly concurrency?: string;
  /** Directory that gets a project directory for each spec, by the spec's name. */
  readonly into?: string;
  readonly detach?: boolean;
}

const DEFAULT_CONCURRENCY = 2;

export async function fleet(specs: readonly string[], options: FleetOptions, context: CommandContext): Promise<number> {
  const { requests, refused } = await readFleet(specs, options, context);
  for (const problem of refused) context.terminal.problem(`left out: ${problem}`);
  const input: FleetInput = {
    builds: requests.map((request) => ({ workflowId: request.buildId, input: request.input })),
    concurrency: concurrencyOf(options),
  };
  const problem = fleetProblem(input);
  if (problem !== undefined) throw new UsageError(problem);
  const client = await context.connect();
  const handle = new FleetHandle(client, fleetId(requests.map(({ buildId }) => buildId)));
  const started = await handle.startUnlessRunning(input);
  if (!started) {
    await handle.resume();
    context.terminal.problem(`attached to the running fleet ${handle.workflowId}`);
  }
  if (options.detach === true) {
    context.terminal.line(`Started: ${handle.workflowId}; look: ${context.self} status`);
    return EXIT.ok;
  }
  const exitCode = await followFleet(handle, context, options.json === true);
  return exitCode === EXIT.ok && refused.length > 0 ? EXIT.incomplete : exitCode;
}

interface ReadFleet {
  readonly requests: readonly BuildRequest[];
  /** One sentence a spec that cannot be built: it is left out, the others are built. */
  readonly refused: readonly string[];
}

/** Each spec becomes a build in `<into>/<name of the spec>`. Throws a UsageError when none of them can be built. */
async function readFleet(specs: readonly string[], options: FleetOptions, context: CommandContext): Promise<ReadFleet> {
  const names = specs.map((spec) => path.parse(spec).name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new UsageError(`Two specs are called ${twice}, so both would be built in one directory; rename one of them`);
  const asked: BuildRequest[] = [];
  const refused: string[] = [];
  for (const spec of specs) {
    const request = await readOne(spec, options, context);
    if (typeof request === 'string') refused.push(request);
    else asked.push(request);
  }
  if (asked.length === 0) throw new UsageError(refused.join('\n'));
  const maxCostUsd = asked[0]?.typed.maxCostUsd;
  const model = await chooseModel({ typed: options.model, maxCostUsd, running: null }, context);
  const requests = asked.map((request) => withModel(request, model));
  for (const warning of requests[0]?.warnings ?? []) context.terminal.problem(`warning: ${warning}`);
  return { requests, refused };
}

/** The request of one spec, or why it cannot be built. */
async function readOne(
  spec: string,
  options: FleetOptions,
  { config }: CommandContext,
): Promise<BuildRequest | string> {
  const projectDir = path.join(options.into ?? '.', path.parse(spec).name);
  const flags = Object.entries({ model: options.model, maxCost: options.maxCost, testCount: options.testCount });
  const typed = Object.fromEntries(flags.filter(([, text]) => text !== undefined));
  try {
    const request = await readBuildRequest({ ...typed, spec, projectDir }, config, options.model ?? 'offline');
    return (await specConflict(config, request)) ?? (await inputProblem(request, config)) ?? request;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

function concurrencyOf({ concurrency }: FleetOptions): number {
  if (concurrency === undefined) return DEFAULT_CONCURRENCY;
  if (!/^\d+$/.test(concurrency))
    throw new UsageError(`--concurrency takes a whole number from 1 to 32, not "${concurrency}"`);
  return Number(concurrency);
}
