/**
 * The product as a person has it: `./nightshift …` in processes of its own, with a state directory of a test's own. What
 * runs is found by its recorded process (`run/supervisor.json`), and ended by it; never by name.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Config, loadConfig } from '../../config/config.js';
import { packageRoot } from '../../config/locations.js';
import { isAlive, type PidRecord, signalProcess, stop } from '../../scripts/host-process.js';
import { type RunFile, readRunFile } from '../../scripts/supervisor/run-file.js';
import { eventually } from './eventually.js';

/** What of the tester's environment would change what is tested: keys, servers, npm's and jest's own variables. */
const NOT_OURS = /^(ANTHROPIC_|TEMPORAL_|NIGHTSHIFT_(?!CACHE$)|npm_|INIT_CWD$|NODE_OPTIONS$|JEST_WORKER_ID$|GIT_)/;

export interface Ending {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One state directory with all that a command started in it. */
export class NightshiftProcess {
  readonly config: Config;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #commands = new Set<RunningCommand>();

  private constructor(
    readonly home: string,
    /** Where relative project directories lie: the directory that commands are typed in. */
    readonly directory: string,
    private readonly own: boolean,
  ) {
    const kept = Object.entries(process.env).filter(([name, value]) => value !== undefined && !NOT_OURS.test(name));
    this.#environment = Object.fromEntries([...kept, ['NIGHTSHIFT_HOME', home]]) as Record<string, string>;
    this.config = loadConfig(this.#environment, directory);
  }

  /** A state directory below a new temporary one; `close` removes both. */
  static fresh(): NightshiftProcess {
    const scratch = realpathSync(mkdtempSync(path.join(tmpdir(), 'nightshift-e2e-')));
    return new NightshiftProcess(path.join(scratch, 'home'), scratch, true);
  }

  /** A state directory that several tests share and that somebody else ends and removes. */
  static shared(home: string, directory: string): NightshiftProcess {
    return new NightshiftProcess(home, directory, false);
  }

  /** Starts `./nightshift args` as typed in `directory`; `variables` are set beside the rest. */
  start(args: readonly string[], variables: Readonly<Record<string, string>> = {}): RunningCommand {
    const child = spawn(process.execPath, [path.join(packageRoot, 'nightshift'), ...args], {
      cwd: this.directory,
      env: { ...this.#environment, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const command = new RunningCommand(child, args.join(' '));
    this.#commands.add(command);
    return command;
  }

  /** Runs `./nightshift args` to its end. */
  run(args: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<Ending> {
    return this.start(args, variables).ended;
  }

  /** What the supervisor wrote last; throws when none ever ran here. */
  runFile(): RunFile {
    const file = readRunFile(this.config);
    if (file === null) throw new Error(`no supervisor ever ran in ${this.home}`);
    return file;
  }

  /** The process of one child as it runs now, waited for while it is being restarted. */
  async child(name: string): Promise<PidRecord> {
    return eventually(`${name} runs`, () => {
      const record = this.runFile().children.find((child) => child.name === name);
      return record?.state === 'running' && record.process !== null && isAlive(record.process) && record.process;
    });
  }

  /** kill -9, as the out-of-memory killer does it; resolves when the process is gone. */
  async kill(record: PidRecord): Promise<void> {
    if (!signalProcess(record, 'SIGKILL')) throw new Error(`process ${record.pid} was gone already`);
    await eventually(`process ${record.pid} is gone`, () => !isAlive(record));
  }

  /** Ends the commands and, in a directory of its own, everything that they started; then removes it. */
  async close(): Promise<void> {
    for (const command of this.#commands) command.signal('SIGKILL');
    if (!this.own) return;
    if (readRunFile(this.config) !== null) {
      await this.run(['down']);
      const { supervisor, children } = this.runFile();
      for (const record of [supervisor, ...children.map((child) => child.process)]) {
        if (record !== null) await stop(record, 5_000);
      }
    }
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A command under way: its output so far, its end, signals to it. */
export class RunningCommand {
  readonly ended: Promise<Ending>;
  #stdout = '';
  #stderr = '';
  #over = false;

  constructor(
    private readonly child: ChildProcess,
    private readonly title: string,
  ) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode) => {
        this.#over = true;
        resolve({ exitCode, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  /** Waits until the output so far holds the pattern; rejects when the command ends without it. */
  async prints(pattern: RegExp): Promise<void> {
    const explain = (): string => this.#told();
    const look = (): boolean => pattern.test(`${this.#stdout}\n${this.#stderr}`) || this.mustGoOn();
    await eventually(`it prints ${pattern}`, look, { explain });
  }

  /** Waits as `prints` does, and gives what matched. */
  async matching(pattern: RegExp): Promise<RegExpExecArray> {
    const explain = (): string => this.#told();
    const look = () => pattern.exec(`${this.#stdout}\n${this.#stderr}`) ?? this.mustGoOn();
    return eventually(`it prints ${pattern}`, look, { explain });
  }

  /** False while it runs; throws when it has ended and can no longer bring about what a test waits for. */
  mustGoOn(): false {
    if (this.#over) throw new Error(`ended too early; ${this.#told()}`);
    return false;
  }

  signal(name: NodeJS.Signals): void {
    if (!this.#over) this.child.kill(name);
  }

  #told(): string {
    return `nightshift ${this.title} printed:\n${this.#stdout}${this.#stderr}`;
  }
}
