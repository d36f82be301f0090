/** The small build that the end-to-end proofs share: its command line, what it left, and what its event log says. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { eventLogFile, parseEvents, type StampedEvent } from '../../activities/event-log.js';
import { buildIdFor, packageRoot } from '../../config/locations.js';
import { type BuildSnapshot, buildHandle } from '../../scripts/build-handle.js';
import { connectTemporal } from '../../scripts/client.js';
import { readRuntime } from '../../scripts/supervisor/run-file.js';
import type { BuildInput, BuildSettings } from '../../workflows/contract.js';
import { eventually } from './eventually.js';
import type { Ending, NightshiftProcess, RunningCommand } from './nightshift-process.js';

/** A spec of three resources: one initializer and three coding sessions. */
export const NOTES_SPEC = path.join(packageRoot, 'prompts', 'specs', 'notes.txt');
export const NOTES_SESSIONS = 4;
const TEST_COUNT = { min: 5, max: 200 };

/** A build of the notes spec in one directory. */
export class NotesBuild {
  readonly projectDir: string;
  readonly buildId: string;
  readonly workflowId: string;

  /** `name` is the project directory, relative to the directory that commands are typed in; `workflowId` is the build's own. */
  constructor(
    readonly nightshift: NightshiftProcess,
    readonly name: string,
    workflowId?: string,
    private readonly specFile: string = NOTES_SPEC,
  ) {
    this.projectDir = path.join(nightshift.directory, name);
    this.buildId = buildIdFor(this.projectDir);
    this.workflowId = workflowId ?? this.buildId;
  }

  /** Arguments of `build` or `start` for it. */
  command(verb: 'build' | 'start', ...more: readonly string[]): string[] {
    const { min, max } = TEST_COUNT;
    return [verb, '--spec', this.specFile, '--test-count', `${min}-${max}`, '--project-dir', this.name, ...more];
  }

  /** Starts the workflow as the issue types it: with the `temporal` CLI and JSON. Servers must run already. */
  async startByTemporal(settings: Partial<BuildSettings> = {}): Promise<Ending> {
    const input: BuildInput = {
      spec: readFileSync(this.specFile, 'utf8'),
      projectDir: this.projectDir,
      settings: { testCount: TEST_COUNT, ...settings },
    };
    const flags = ['--type', 'buildBackend', '--task-queue', 'nightshift', '--workflow-id', this.workflowId];
    return this.nightshift.run(['temporal', 'workflow', 'start', ...flags, '--input', JSON.stringify(input)]);
  }

  /** What a person sees scroll by, so far. */
  events(): StampedEvent[] {
    const file = eventLogFile(path.join(this.nightshift.config.locations.builds, this.buildId));
    try {
      return parseEvents(readFileSync(file, 'utf8')).events;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  /**
   * Waits for the event after which something is done to the build: a point with a name, whatever the machine's speed.
   * Rejects when `command`, which is to bring it there, ends before.
   */
  async reaches(
    what: string,
    isThere: (events: readonly StampedEvent[]) => boolean,
    command?: RunningCommand,
  ): Promise<void> {
    const explain = (): string => JSON.stringify(this.events().slice(-8), null, 1);
    const look = (): boolean => isThere(this.events()) || (command?.mustGoOn() ?? false);
    await eventually(what, look, { limitMs: 300_000, explain });
  }

  /** The build as clients see it, over a connection of its own: the server may have been killed a moment ago. */
  async snapshot(): Promise<BuildSnapshot> {
    const { config } = this.nightshift;
    const connected = await connectTemporal(config, readRuntime(config)?.temporalAddress ?? null);
    try {
      return await buildHandle(connected.client, this.workflowId).snapshot();
    } finally {
      await connected.close();
    }
  }

  /** Waits until the build is in a state, asking the server. What does not answer is asked again. */
  async stands(what: string, isThere: (snapshot: BuildSnapshot) => boolean): Promise<BuildSnapshot> {
    const look = async (): Promise<BuildSnapshot | false> => {
      const snapshot = await this.snapshot().catch(() => null);
      return snapshot !== null && isThere(snapshot) && snapshot;
    };
    const explain = (): string => JSON.stringify(this.events().slice(-8), null, 1);
    return eventually(what, look, { limitMs: 300_000, explain });
  }

  /** Waits for the workflow's end, nobody typing anything. */
  ends(): Promise<BuildSnapshot> {
    return this.stands('the workflow completes', ({ execution }) => execution === 'COMPLETED');
  }

  /** `git …` in the project; its owner is the uid that its processes run as, so git is told to trust it. */
  git(...args: readonly string[]): string {
    const all = ['-c', `safe.directory=${this.projectDir}`, '-C', this.projectDir, ...args];
    return execFileSync('git', all, { encoding: 'utf8' }).trim();
  }

  tree(): string {
    return this.git('rev-parse', 'HEAD^{tree}');
  }

  /** Every tracked file with its content's hash: what to show when two trees differ. */
  files(): string[] {
    return this.git('ls-tree', '-r', 'HEAD').split('\n');
  }

  /** Features by whether they pass, as `feature_list.json` says. */
  features(): { readonly passing: number; readonly total: number } {
    const { features } = JSON.parse(readFileSync(path.join(this.projectDir, 'feature_list.json'), 'utf8')) as {
      features: readonly { readonly passes: boolean }[];
    };
    return { passing: features.filter(({ passes }) => passes).length, total: features.length };
  }
}

/** True once session `number` has begun and called a tool. */
export function toolCalledIn(number: number, wanted = ''): (events: readonly StampedEvent[]) => boolean {
  return (events) => {
    const begun = events.findIndex((event) => event.kind === 'session' && event.session === number);
    return (
      begun >= 0 &&
      events.slice(begun).some((event) => event.kind === 'tool' && `${event.name} ${event.summary}`.startsWith(wanted))
    );
  };
}
