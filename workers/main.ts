/** The worker's process: environment in, worker out. Started by the supervisor, or in the foreground by `nightshift worker`. */
import { writeFileSync } from 'node:fs';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import pino from 'pino';
import type { Awake } from '../activities/index.js';
import { type GitIdentity, NIGHTSHIFT_IDENTITY } from '../activities/workspace/git-call.js';
import { type Config, loadConfig } from '../config/config.js';
import { environmentWithout, PROVIDER_VARIABLES } from '../config/environment.js';
import { readServices } from '../config/services.js';
import { type PipedProcess, run, spawnPiped } from '../scripts/host-process.js';
import { pythonEnvironmentSettings } from '../scripts/resolvers/machine.js';
import { packageAccess } from '../scripts/resolvers/package-hosts.js';
import { inhibitorCommand, wakefulness } from './wakefulness.js';
import { runWorker } from './worker.js';

// An error in a line's fields stands under `error` here: without the serializer it would be written as {}.
const logger = pino({ name: 'worker', base: { pid: process.pid }, serializers: { error: pino.stdSerializers.err } });
const config = loadConfig();
const services = readServices(config.environment);

Runtime.install({
  logger: new DefaultLogger('WARN', ({ level, message, meta }) => logger.warn({ level, ...meta }, message)),
});

try {
  await runWorker({
    config,
    services,
    python: pythonEnvironmentSettings(config),
    identity: await gitIdentity(config),
    packages: () => packageAccess(config, services.python),
    run: (file, args, options) => run(file, args, options),
    awake: keepAwake(),
    log: (line) => logger.info(line),
    ready: () => announce(config.environment['NIGHTSHIFT_READY_FILE']),
  });
} catch (error) {
  logger.error(error, 'the worker ended with an error');
  process.exitCode = 1;
}

/** Tells the supervisor that this worker polls. */
function announce(file: string | undefined): void {
  if (file) writeFileSync(file, String(process.pid), { mode: 0o600 });
}

/** Sleep is inhibited while activities run; without the system's tool that is said once. */
function keepAwake(): Awake {
  const command = inhibitorCommand(process.platform, process.pid);
  const environment = environmentWithout(config.environment, PROVIDER_VARIABLES);
  const start = (): PipedProcess | null => (command === null ? null : spawnPiped(command, environment));
  return wakefulness(start, (line) => logger.info(line)).during;
}

/** The user's own git identity, read outside of any repository; Nightshift's where there is none. */
async function gitIdentity({ environment }: Config): Promise<GitIdentity> {
  const value = async (key: string): Promise<string> => {
    const { stdout } = await run('git', ['config', '--global', '--get', key], {
      cwd: '/',
      environment: environmentWithout(environment, []),
    });
    return stdout.trim();
  };
  return {
    name: (await value('user.name')) || NIGHTSHIFT_IDENTITY.name,
    email: (await value('user.email')) || NIGHTSHIFT_IDENTITY.email,
  };
}
