/**
 * `worker`: one more worker in the foreground, on the servers that run here, or on a Temporal server elsewhere that the
 * environment names; Ctrl+C drains it.
 */
import path from 'node:path';
import type { Config } from '../../config/config.js';
import { environmentWithout } from '../../config/environment.js';
import { packageRoot } from '../../config/locations.js';
import type { CommandContext } from '../command-context.js';
import { EnvironmentError } from '../exit-codes.js';
import { runAttached } from '../host-process.js';
import { workerEnvironment } from '../supervisor/plans.js';
import { makeRunDirectories, readRuntime } from '../supervisor/run-file.js';

export async function worker({ config, terminal, self }: CommandContext): Promise<number> {
  const runtime = readRuntime(config);
  if (runtime === null && config.externalTemporal) return runAlone(config, terminal);
  if (runtime === null)
    throw new EnvironmentError(`Nothing runs yet; start it with ${self} build, or name a server: TEMPORAL_ADDRESS`);
  terminal.line(`worker for ${runtime.temporalAddress}; Ctrl+C hands its sessions over and ends it`);
  const environment = workerEnvironment(config, {
    temporalAddress: config.externalTemporal ? null : runtime.temporalAddress,
    postgresAdminUrl: runtime.postgres?.adminUrl ?? null,
    offlineModelUrl: runtime.offlineModelUrl,
    python: runtime.python,
    uv: runtime.uv,
    bubblewrap: runtime.bubblewrap,
  });
  const main = path.join(packageRoot, 'dist', 'workers', 'main.js');
  return runAttached([process.execPath, '--enable-source-maps', main], environment, config.callerDirectory);
}

/** A machine of its own in a cluster: what a worker needs here (offline model, PostgreSQL unless one is named) runs in the foreground with it. */
function runAlone(config: Config, terminal: CommandContext['terminal']): Promise<number> {
  terminal.line(
    'worker for the Temporal server that the environment names; Ctrl+C hands its sessions over and ends it',
  );
  makeRunDirectories(config);
  const main = path.join(packageRoot, 'dist', 'scripts', 'supervisor', 'main.js');
  return runAttached(
    [process.execPath, '--enable-source-maps', main],
    environmentWithout(config.environment, []),
    config.callerDirectory,
  );
}
