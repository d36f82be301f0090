/** What of Nightshift runs for this user, from the run file alone: answers even when everything is dead. */
import type { Config } from '../config/config.js';
import { isAlive } from './host-process.js';
import { type ChildRecord, readRuntime } from './supervisor/run-file.js';

export interface Health {
  readonly running: boolean;
  readonly webUi: string | null;
  readonly children: readonly Pick<ChildRecord, 'name' | 'state' | 'restarts' | 'lastError'>[];
  /** The same in words. */
  readonly lines: readonly string[];
}

export async function runtimeHealth(config: Config): Promise<Health> {
  const runtime = readRuntime(config);
  if (runtime === null || !runtime.supervisorAlive) {
    return {
      running: false,
      webUi: null,
      children: [],
      lines: ['Nightshift does not run; the next build command starts it'],
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
  ];
  return { running: true, webUi: runtime.webUiAddress, children, lines };
}

function childLine({ name, state, restarts, lastError, process, logFile }: ChildRecord): string {
  const dead = process !== null && !isAlive(process) ? ' (dead right now; being restarted)' : '';
  const again = restarts > 0 ? `, restarted ${restarts} times` : '';
  const trouble = state === 'crash_loop' ? `; ${lastError ?? 'no reason known'}; log ${logFile}` : '';
  return `${name}: ${state.replaceAll('_', ' ')}${dead}${again}${trouble}`;
}
