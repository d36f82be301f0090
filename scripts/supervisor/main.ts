/**
 * The supervisor's process. TERM: ends everything. HUP: ends, leaving everything running for a successor. USR2: starts a
 * successor of the code on disk with this process's own environment (which may hold a key that a shell has not), ends.
 */
import path from 'node:path';
import { type Config, loadConfig } from '../../config/config.js';
import { ownRecord, stop } from '../host-process.js';
import { sweepOrphanedClusters } from '../postgres-server.js';
import { prepareMachine } from '../resolvers/machine.js';
import type { ChildPlan } from './child.js';
import { releaseLock, takeLock } from './lock.js';
import { supervisedPlans } from './plans.js';
import { type ChildRecord, makeRunDirectories, readRunFile, writeRunFile } from './run-file.js';
import { startSupervisor } from './start.js';
import { Supervisor } from './supervisor.js';
import { currentVersions } from './versions.js';

async function main(): Promise<void> {
  process.stdout.on('error', () => undefined); // a log on a full disk must not end the supervisor
  const config = loadConfig();
  makeRunDirectories(config);
  const lock = path.join(config.locations.run, 'supervisor.lock');
  const attempt = takeLock(lock);
  if (!attempt.taken) {
    log(`another supervisor runs: pid ${attempt.owner.pid}`);
    return;
  }
  process.once('exit', () => releaseLock(lock));
  const supervisor = await start(config);
  const end = (work: () => Promise<unknown>): void => {
    work().then(() => process.exit(0), fail);
  };
  process.once('SIGTERM', () => end(() => supervisor.shutDown()));
  process.once('SIGINT', () => end(() => supervisor.shutDown()));
  process.once('SIGHUP', () => end(() => supervisor.handOver()));
  process.once('SIGUSR2', () =>
    end(async () => {
      await supervisor.handOver();
      releaseLock(lock);
      await startSupervisor(config);
    }),
  );
}

async function start(config: Config): Promise<Supervisor> {
  const versions = currentVersions(config);
  const left = readRunFile(config);
  const machine = await prepareMachine(config, async (title, work) => {
    log(title);
    return work();
  });
  let supervisor: Supervisor | undefined;
  const records = (): readonly ChildRecord[] => supervisor?.records ?? [];
  const pathOf = (part: keyof typeof machine): string | null => (machine[part].found ? machine[part].path : null);
  const write = persistently(() =>
    writeRunFile(config, {
      version: 1,
      supervisor: ownRecord(),
      ...versions,
      externalTemporal: machine.temporal.found && machine.temporal.kind === 'address' ? machine.temporal.path : null,
      python: pathOf('python'),
      uv: pathOf('uv'),
      bubblewrap: pathOf('bubblewrap'),
      children: records(),
    }),
  );
  const plans = supervisedPlans({ config, machine, ...versions, records });
  supervisor = new Supervisor(plans, left?.children ?? [], write);
  sweepOrphanedClusters();
  write();
  await endUnwanted(plans, left?.children ?? []);
  supervisor.run();
  log(`supervises ${plans.map(({ name }) => name).join(', ')}`);
  return supervisor;
}

/** A server that the person has replaced by one of their own is ended; its data stays. */
async function endUnwanted(plans: readonly ChildPlan[], left: readonly ChildRecord[]): Promise<void> {
  for (const { name, process: record } of left) {
    if (record === null || plans.some((plan) => plan.name === name)) continue;
    log(`ends ${name}: this environment names another one`);
    await stop(record, 20_000, name === 'postgres' ? 'SIGINT' : 'SIGTERM');
  }
}

const WRITE_AGAIN_MS = 5_000;

/** A write that fails (a full disk) ends nothing that runs: it is said, and tried again until it succeeds. */
function persistently(write: () => void): () => void {
  let again: NodeJS.Timeout | undefined;
  const attempt = (): void => {
    clearTimeout(again);
    try {
      write();
    } catch (error) {
      log(`the run file could not be written, tried again: ${String(error)}`);
      again = setTimeout(attempt, WRITE_AGAIN_MS).unref();
    }
  };
  return attempt;
}

function log(line: string): void {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
}

function fail(error: unknown): never {
  log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
}

main().catch(fail);
