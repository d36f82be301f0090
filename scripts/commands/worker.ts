/** `worker`: one more worker in the foreground, on the servers that run; Ctrl+C drains it. */
import path from 'node:path';
import { packageRoot } from '../../config/locations.js';
import type { CommandContext } from '../command-context.js';
import { EnvironmentError } from '../exit-codes.js';
import { runAttached } from '../host-process.js';
import { workerEnvironment } from '../supervisor/plans.js';
import { readRuntime } from '../supervisor/run-file.js';

export async function worker({ config, terminal, self }: CommandContext): Promise<number> {
  const runtime = readRuntime(config);
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
