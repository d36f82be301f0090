/** What of Nightshift runs for this user and the disk it takes, from files alone: answers even when everything is dead. */
import type { Config } from '../config/config.js';
import { freeMegabytes, megabytes, usedMegabytes } from './disk-space.js';
import { isAlive } from './host-process.js';
import { clusterPlace } from './postgres-server.js';
import { sharedCache } from './resolvers/resolution.js';
import { sandboxView } from './sandbox-view.js';
import { type ChildRecord, readRuntime } from './supervisor/run-file.js';

/** Megabytes on disk. */
export interface DiskUse {
  readonly state: number;
  readonly databases: number;
  readonly cache: number;
  readonly free: number;
}

export interface Health {
  readonly running: boolean;
  readonly webUi: string | null;
  readonly children: readonly Pick<ChildRecord, 'name' | 'state' | 'restarts' | 'lastError'>[];
  readonly disk: DiskUse;
  /** Whether a sandbox starts here, in one line. */
  readonly sandbox: string;
  /** The same in words. */
  readonly lines: readonly string[];
}

export async function runtimeHealth(config: Config): Promise<Health> {
  const runtime = readRuntime(config);
  const disk = diskUse(config);
  const { line: sandbox } = await sandboxView();
  const below = [sandbox, diskLine(config, disk)];
  if (runtime === null || !runtime.supervisorAlive) {
    return {
      running: false,
      webUi: null,
      children: [],
      ...{ disk, sandbox },
      lines: ['Nightshift does not run; the next build command starts it', ...below],
    };
  }
  const children = runtime.children.map(({ name, state, restarts, lastError }) => ({
    name,
    state,
    restarts,
    lastError,
  }));
  const lines = [
    `Web UI ${runtime.webUiAddress ?? '(your own Temporal server)'}`,
    ...runtime.children.map((child) => childLine(child)),
    ...below,
  ];
  return { running: true, webUi: runtime.webUiAddress, children, disk, sandbox, lines };
}

function diskUse(config: Config): DiskUse {
  const { state, cache } = config.locations;
  const cluster = clusterPlace(state);
  const databases = usedMegabytes(cluster);
  const shared = sharedCache(cache);
  return {
    state: usedMegabytes(state) - (cluster.startsWith(`${state}/`) ? databases : 0),
    databases,
    cache: usedMegabytes(cache) + (shared === cache ? 0 : usedMegabytes(shared)),
    free: freeMegabytes(state),
  };
}

function diskLine({ locations }: Config, { state, databases, cache, free }: DiskUse): string {
  const parts = [`state ${megabytes(state)}`, `databases ${megabytes(databases)}`, `downloads ${megabytes(cache)}`];
  return `disk: ${parts.join(', ')}; ${megabytes(free)} free at ${locations.state}`;
}

function childLine({ name, state, restarts, lastError, process, ports, logFile }: ChildRecord): string {
  const dead = process !== null && !isAlive(process) ? ' (dead right now; being restarted)' : '';
  const again = restarts > 0 ? `, restarted ${restarts} times` : '';
  const trouble = state === 'crash_loop' ? `; ${lastError ?? 'no reason known'}; log ${logFile}` : '';
  const where = [
    ...(process ? [`pid ${process.pid}`] : []),
    ...Object.entries(ports).map(([use, port]) => `${use} ${port}`),
  ];
  const place = where.length === 0 ? '' : ` (${where.join(', ')})`;
  return `${name}: ${state.replaceAll('_', ' ')}${place}${dead}${again}${trouble}`;
}
