/**
 * One worker process: the build queue (workflows, short activities) and the session queue. Connects patiently, because
 * the server may be restarting, and drains on TERM: running sessions are journalled and continue elsewhere.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, type NativeConnectionOptions, Worker, type WorkerOptions } from '@temporalio/worker';
import { type Awake, createActivities } from '../activities/index.js';
import type { Dependencies } from '../activities/workshop.js';
import { environmentWithout } from '../config/environment.js';
import { packageRoot } from '../config/locations.js';
import { BUILD_TASK_QUEUE, SESSION_TASK_QUEUE } from '../workflows/contract.js';

export interface WorkerSettings {
  /** Sessions and verifications at a time; each needs about one core while tests run. */
  readonly concurrentSessions: number;
  /** How long a draining worker waits for activities to hand over, in seconds. */
  readonly graceSeconds: number;
}

export const DEFAULT_WORKER_SETTINGS: WorkerSettings = { concurrentSessions: 8, graceSeconds: 20 };

/** Runs until the process is told to end. Throws when the server refuses it for good (wrong namespace, bad certificate). */
export async function runWorker(
  dependencies: Dependencies & { readonly ready: () => void; readonly awake: Awake },
  settings = DEFAULT_WORKER_SETTINGS,
): Promise<void> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig({
    overrideEnvVars: environmentWithout(dependencies.config.environment, []),
  });
  const connection = await connectPatiently(connectionOptions as NativeConnectionOptions, dependencies.log);
  const common: Omit<WorkerOptions, 'taskQueue'> = {
    connection,
    namespace,
    activities: { ...createActivities(dependencies, dependencies.awake) },
    maxHeartbeatThrottleInterval: '1s', // a pause arrives with the next beat that is sent
    shutdownGraceTime: '2s', // then activities are cancelled and hand over
    shutdownForceTime: `${settings.graceSeconds}s`,
  };
  const builds = await Worker.create({ ...common, ...workflowCode(), taskQueue: BUILD_TASK_QUEUE });
  const sessions = await Worker.create({
    ...common,
    taskQueue: SESSION_TASK_QUEUE,
    maxConcurrentActivityTaskExecutions: settings.concurrentSessions,
  });
  try {
    const runs = Promise.all([builds.run(), sessions.run()]);
    dependencies.log('worker ready');
    dependencies.ready();
    await runs;
  } finally {
    await connection.close();
  }
}

/** The bundle that set-up made, or the workflow sources to bundle now. */
function workflowCode(): Pick<WorkerOptions, 'workflowBundle'> | Pick<WorkerOptions, 'workflowsPath'> {
  const bundle = path.join(packageRoot, 'dist', 'workflow-bundle.js');
  if (existsSync(bundle)) return { workflowBundle: { codePath: bundle } };
  return { workflowsPath: fileURLToPath(new URL('../workflows/index.js', import.meta.url)) };
}

async function connectPatiently(
  options: NativeConnectionOptions,
  log: (line: string) => void,
): Promise<NativeConnection> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await NativeConnection.connect(options);
    } catch (error) {
      if (attempt % 10 === 1)
        log(
          `Temporal does not answer at ${options.address}: ${error instanceof Error ? error.message : String(error)}; trying on`,
        );
      await delay(Math.min(250 * attempt, 5_000));
    }
  }
}
