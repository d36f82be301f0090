/**
 * Where chaos runs play: one Nightshift with faults armed in its workers, builds of a spec with two resources, and the
 * proof that a disturbed build lost nothing: the tree, the tags, the lease, the processes and databases of one that
 * nothing disturbed, and hardly a model call more.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client } from 'pg';
import { readJournal } from '../../activities/agent/journal.js';
import { journalSessions } from '../../activities/agent/journal-file.js';
import { leaseHolder } from '../../activities/workspace/lease.js';
import { packageRoot } from '../../config/locations.js';
import { connectTemporal } from '../../scripts/client.js';
import { readRuntime } from '../../scripts/supervisor/run-file.js';
import { NotesBuild } from '../support/build-fixture.js';
import { eventually } from '../support/eventually.js';
import { NightshiftProcess } from '../support/nightshift-process.js';
import { arm, callsFile, disarm, FAULT_VARIABLE, type Fault, hasFired, KILL } from './fault.js';

const SPEC = path.join(packageRoot, 'test', 'chaos', 'two-resources.txt');
/** A dead worker is noticed after the least that the contract allows. */
const QUICK = { heartbeatSeconds: 4, delaySeconds: 0 } as const;

/** What a build is held against. */
export interface Left {
  readonly tree: string;
  readonly files: readonly string[];
  readonly tags: readonly string[];
  readonly databases: number;
}

export class Stage {
  #undisturbed: Promise<NotesBuild> | undefined;
  #reference: Left | undefined;

  private constructor(
    readonly nightshift: NightshiftProcess,
    private readonly faultFile: string,
  ) {}

  static open(): Stage {
    const nightshift = NightshiftProcess.fresh();
    return new Stage(nightshift, path.join(nightshift.directory, 'fault.json'));
  }

  /** Starts a build that is driven by nobody; servers are started with the first. */
  async begin(name: string): Promise<NotesBuild> {
    disarm(this.faultFile);
    rmSync(callsFile(this.faultFile), { force: true });
    const build = new NotesBuild(this.nightshift, name, undefined, SPEC);
    if (readRuntime(this.nightshift.config) === null) await this.startServers();
    const started = await build.startByTemporal(QUICK);
    if (started.exitCode !== 0) throw new Error(`the build did not start: ${started.stderr}`);
    return build;
  }

  /** Variables of every process of the run: the preload acts in workers only. */
  get variables(): Readonly<Record<string, string>> {
    const preload = pathToFileURL(path.join(packageRoot, 'dist', 'test', 'chaos', 'fault-point.js')).href;
    return { NODE_OPTIONS: `--import=${preload}`, [FAULT_VARIABLE]: this.faultFile };
  }

  /** The build's folder in the state directory, also of a build that is still to begin. */
  stateOf(name: string): string {
    const { buildId } = new NotesBuild(this.nightshift, name, undefined, SPEC);
    return path.join(this.nightshift.config.locations.builds, buildId);
  }

  arm(fault: Fault): void {
    arm(this.faultFile, fault);
  }

  disarm(): void {
    disarm(this.faultFile);
  }

  /** Waits until the armed fault was carried out. */
  async fired(): Promise<void> {
    await eventually('the fault is carried out', () => hasFired(this.faultFile), { limitMs: 180_000 });
  }

  /** Events and bytes of the build's history, its first event (which holds the spec) left out. */
  async historyOf(build: NotesBuild): Promise<{ readonly events: number; readonly bytes: number }> {
    const { client, close } = await connectTemporal(
      this.nightshift.config,
      readRuntime(this.nightshift.config)?.temporalAddress ?? null,
    );
    try {
      const { historyLength, historySize } = await client.workflow.getHandle(build.workflowId).describe();
      return { events: historyLength, bytes: (historySize ?? 0) - readFileSync(SPEC).length };
    } finally {
      await close();
    }
  }

  /** Model calls since `begin`. */
  calls(): number {
    const file = callsFile(this.faultFile);
    return existsSync(file) ? readFileSync(file, 'utf8').length : 0;
  }

  /** A build that nothing disturbs; built once. */
  undisturbedBuild(): Promise<NotesBuild> {
    this.#undisturbed ??= this.begin('undisturbed').then(async (build) => {
      await build.ends();
      return build;
    });
    return this.#undisturbed;
  }

  /** What it leaves. */
  async reference(): Promise<Left> {
    const build = await this.undisturbedBuild();
    this.#reference ??= await this.leftBy(build);
    return this.#reference;
  }

  /** Kills the worker at the nth model response's journal entry from now on. */
  async kill(point: 'before-entry' | 'after-entry', nth: number): Promise<void> {
    this.arm({ point, text: '"kind":"model_response"', nth, act: KILL });
    await this.fired();
  }

  /** Everything that a build left, read when its workflow has completed. */
  async leftBy(build: NotesBuild): Promise<Left> {
    return {
      ...{ tree: build.tree(), files: build.files(), tags: build.git('tag', '--list').split('\n') },
      databases: await this.#databasesOf(build),
    };
  }

  /** Model calls since `begin` whose answers no journal holds: paid for and asked again. */
  async repeatedCalls(build: NotesBuild): Promise<number> {
    const folder = this.stateOf(build.name);
    let answers = 0;
    for (const session of await journalSessions(folder))
      for (const entry of await readJournal(folder, session)) if (entry.kind === 'model_response') answers += 1;
    return this.calls() - answers;
  }

  /** True once the newest lease of the build is released. */
  async leaseReleased(build: NotesBuild): Promise<boolean> {
    const folder = this.stateOf(build.name);
    return (await leaseHolder(folder))?.released === true;
  }

  close(): Promise<void> {
    return this.nightshift.close();
  }

  private async startServers(): Promise<void> {
    const build = new NotesBuild(this.nightshift, 'first', undefined, SPEC);
    const ending = await this.nightshift.run(build.command('build', '--max-iterations', '0'), this.variables);
    if (ending.exitCode !== 3) throw new Error(`the servers did not start:\n${ending.stdout}${ending.stderr}`);
  }

  async #databasesOf(build: NotesBuild): Promise<number> {
    const { postgres } = readRuntime(this.nightshift.config) ?? {};
    if (!postgres) throw new Error('PostgreSQL does not run');
    const admin = new Client({ connectionString: postgres.adminUrl });
    await admin.connect();
    try {
      const suffix = build.buildId.slice(-12);
      const { rows } = await admin.query('SELECT datname FROM pg_database WHERE datname LIKE $1', [`%${suffix}%`]);
      return rows.length;
    } finally {
      await admin.end();
    }
  }
}

/** Command lines of processes that name the build's directory: what a dead attempt left running. */
export function processesOf(build: NotesBuild): string[] {
  const lines: string[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      if (line.includes(build.projectDir)) lines.push(`${pid} ${line}`);
    } catch {
      // gone in between
    }
  }
  return lines;
}
