/**
 * Running copies of a project for the HTTP checks: migrated once, the database copied, one app a lane, each put back to
 * its first start before every case, and for the restart sample one more process that has not seen any set-up.
 */
import type { AppUnderTest } from '../features/case-client.js';
import type { Lane } from '../features/case-runner.js';
import type { Sandbox } from '../security/sandbox.js';
import { type AppStart, migrate, type RunningApp, serve } from './app-under-test.js';
import { type CleanDatabase, cleanDatabase } from './clean-database.js';
import type { DatabaseName } from './databases.js';
import { type CheckDatabases, emptiedDatabase, urlInside } from './emptied-database.js';

export interface LaneSettings {
  /** One lane each; the first is migrated, the others are copies of it. */
  readonly databases: readonly [DatabaseName, ...DatabaseName[]];
  /** Whether the first lane can start the app anew under the rows of a case. */
  readonly restarts: boolean;
  readonly signal?: AbortSignal;
}

export interface OpenLanes {
  readonly lanes: readonly Lane[];
  logTail(): Promise<string>;
  close(): Promise<void>;
}

export type LanesOpened = ({ readonly kind: 'open' } & OpenLanes) | Extract<AppStart, { readonly kind: 'failed' }>;

export async function openLanes(
  databases: CheckDatabases,
  sandbox: Sandbox,
  settings: LaneSettings,
): Promise<LanesOpened> {
  const [first, ...others] = settings.databases;
  const started = new StartedApps(sandbox, settings.signal);
  const databaseUrl = await emptiedDatabase(databases, first, sandbox);
  const unmigrated = await migrate(sandbox, started.settings(databaseUrl));
  if (unmigrated !== null) return unmigrated;
  for (const name of others) await databases.copy(first, name);
  const starts = await Promise.all(
    settings.databases.map((name) => started.start(urlInside(databases, name, sandbox))),
  );
  const failed = starts.find((start) => start.kind === 'failed');
  if (failed?.kind === 'failed') {
    await started.close();
    return failed;
  }
  const clean: CleanDatabase[] = [];
  const close = async (): Promise<void> => {
    await Promise.all([...clean.map((one) => one.close()), started.close()]);
  };
  try {
    for (const name of settings.databases) clean.push(await cleanDatabase(await databases.connect(name)));
  } catch (error) {
    await close();
    throw error;
  }
  const lanes = starts.flatMap((start, index): Lane[] => {
    const database = clean[index];
    if (start.kind !== 'running' || database === undefined) return [];
    const restarted = settings.restarts && index === 0 ? { restarted: () => started.again(databaseUrl) } : {};
    return [{ app: start.app, clean: (key) => database.restore(key), ...restarted }];
  });
  return { kind: 'open', lanes, logTail: () => started.logTail(), close };
}

/** Every process of the app that was started for these checks. */
class StartedApps {
  readonly #apps: RunningApp[] = [];
  readonly #sandbox: Sandbox;
  readonly #signal: AbortSignal | undefined;

  constructor(sandbox: Sandbox, signal: AbortSignal | undefined) {
    this.#sandbox = sandbox;
    this.#signal = signal;
  }

  settings(databaseUrl: string): Parameters<typeof serve>[1] {
    return { databaseUrl, ...(this.#signal ? { signal: this.#signal } : {}) };
  }

  async start(databaseUrl: string): Promise<AppStart> {
    const start = await serve(this.#sandbox, this.settings(databaseUrl));
    if (start.kind === 'running') this.#apps.push(start.app);
    return start;
  }

  /** That it does not start on the rows of a set-up is the failure of the cases that wanted it. */
  async again(databaseUrl: string): Promise<AppUnderTest> {
    const start = await this.start(databaseUrl);
    if (start.kind === 'running') return start.app;
    const problem = `the app does not start again on the rows it wrote: ${start.problem}; ${start.log.slice(-300)}`;
    return { port: 1, connect: () => Promise.reject(new Error(problem)) };
  }

  /** Of the first app: the others say the same. */
  async logTail(): Promise<string> {
    return (await this.#apps[0]?.logTail()) ?? '';
  }

  async close(): Promise<void> {
    await Promise.all(this.#apps.map((app) => app.stop()));
  }
}
