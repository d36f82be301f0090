/** `temporal …`: the resolved Temporal CLI against the resolved server, on this terminal. */
import type { Config } from '../../config/config.js';
import { environmentWithout, SECRET_VARIABLES } from '../../config/environment.js';
import { EnvironmentError } from '../exit-codes.js';
import { runAttached } from '../host-process.js';
import { missingMessage, silentStep } from '../resolvers/resolution.js';
import { resolveTemporal } from '../resolvers/temporal.js';
import { readRuntime } from '../supervisor/run-file.js';

/** `args` go to the program as they are. Resolves with its exit status. */
export async function temporal(args: readonly string[], { config }: { readonly config: Config }): Promise<number> {
  const chain = { environment: config.environment, cache: config.locations.cache, step: silentStep, install: true };
  const program = await resolveTemporal(chain);
  if (!program.found) throw new EnvironmentError(missingMessage(program));
  const environment = environmentWithout(config.environment, SECRET_VARIABLES);
  const address = readRuntime(config)?.temporalAddress;
  if (!config.externalTemporal && address) environment['TEMPORAL_ADDRESS'] = address;
  return runAttached([program.path, ...args], environment, config.callerDirectory);
}
