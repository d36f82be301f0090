/**
 * A real Temporal dev server for tests, from the binary that set-up resolved, and a worker with the real workflow.
 * In memory; ends with `close`.
 */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { locations } from '../../config/locations.js';
import { BUILD_TASK_QUEUE, type BuildActivities, SESSION_TASK_QUEUE } from '../../workflows/contract.js';

const logger = new DefaultLogger('ERROR');
let installed = false;
let bundle: Promise<WorkflowBundleWithSourceMap> | undefined;

/** The Temporal CLI on PATH or in the cache; set-up (`npm test`) puts it there. */
export function temporalBinary(): string {
  const onPath = (process.env['PATH'] ?? '').split(path.delimiter).map((folder) => path.join(folder, 'temporal'));
  const bin = path.join(locations(process.env).cache, 'bin');
  const cached = existsSync(bin) ? readdirSync(bin).filter((name) => /^temporal-\d/.test(name)) : [];
  const found = [...onPath, ...cached.map((name) => path.join(bin, name))].find((file) => existsSync(file));
  if (found === undefined) throw new Error('no temporal binary: run `npm test`, whose set-up resolves one');
  return found;
}

export async function startTemporal(): Promise<TestWorkflowEnvironment> {
  if (!installed) Runtime.install({ logger });
  installed = true;
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: temporalBinary() },
      log: { format: 'pretty', level: 'error' },
      extraArgs: ['--dynamic-config-value', 'frontend.enableUpdateWorkflowExecution=true'],
    },
  });
}

export interface TestWorkers {
  /** Shuts both workers down and waits for them. */
  close(): Promise<void>;
}

/** Two workers as in production: the build queue and the session queue, with the given activities. */
export async function startWorkers(
  environment: TestWorkflowEnvironment,
  activities: BuildActivities,
): Promise<TestWorkers> {
  bundle ??= bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../workflows/index.js', import.meta.url)),
    logger,
  });
  const workflowBundle = await bundle;
  const connection = await NativeConnection.connect({ address: environment.address });
  const common = {
    connection,
    activities: { ...activities },
    maxHeartbeatThrottleInterval: '1s',
    shutdownGraceTime: '1s',
  } as const;
  const workers = [
    await Worker.create({ ...common, workflowBundle, taskQueue: BUILD_TASK_QUEUE }),
    await Worker.create({ ...common, taskQueue: SESSION_TASK_QUEUE }),
  ];
  const runs = workers.map((worker) => worker.run());
  return {
    close: async () => {
      for (const worker of workers) worker.shutdown();
      await Promise.all(runs);
      await connection.close();
    },
  };
}
