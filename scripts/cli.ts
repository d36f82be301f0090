/** The command line: names, options and help of every command; each command is a function of its own file. */
import type { Client } from '@temporalio/client';
import { Command, Option } from 'commander';
import { loadConfig } from '../config/config.js';
import { connectTemporal } from './client.js';
import { type CommandContext, selfFrom } from './command-context.js';
import { PROJECT_DIR, type Run } from './command-option.js';
import { build, start } from './commands/build.js';
import { checkCommand } from './commands/check-command.js';
import { answer, pause, resume, steer, stop } from './commands/control.js';
import { cost } from './commands/cost.js';
import { denials } from './commands/denials.js';
import { doctor } from './commands/doctor.js';
import { doctorSandbox } from './commands/doctor-sandbox.js';
import { down } from './commands/down.js';
import { fleet } from './commands/fleet.js';
import { newSpec } from './commands/new.js';
import { plan } from './commands/plan.js';
import { policy } from './commands/policy.js';
import { status } from './commands/status.js';
import { temporal } from './commands/temporal.js';
import { tryClaude } from './commands/try-claude.js';
import { worker } from './commands/worker.js';
import { EnvironmentError, EXIT } from './exit-codes.js';
import { explain } from './explanation.js';
import { lasting } from './lasting-commands.js';
import { measuring } from './measuring-commands.js';
import { seeing } from './seeing-commands.js';
import { readRuntime } from './supervisor/run-file.js';
import { ensureSupervisor } from './supervisor/start.js';
import { processTerminal } from './terminal.js';

/** Runs one command line (without `node` and the script) and resolves with its exit code. Never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  const context = createContext();
  let exitCode: number = EXIT.ok;
  const program = commands(context.command, (code) => {
    exitCode = code;
  });
  try {
    if (argv[0] === 'temporal') return await temporal(argv.slice(1), context.command);
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return explain(error, context.command);
  } finally {
    await context.close();
  }
}

function commands(context: CommandContext, done: (code: number) => void): Command {
  const program = new Command('nightshift')
    .description('Builds a tested FastAPI + PostgreSQL backend from a plain-text spec, unattended, on Temporal.')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true });
  const run =
    <A extends unknown[]>(command: (...args: A) => Promise<number>) =>
    async (...args: A): Promise<void> =>
      done(await command(...args));
  building(program, context, run);
  writing(program, context, run);
  many(program, context, run);
  seeing(program, context, run);
  measuring(program, context, run);
  standing(program, context, run);
  steering(program, context, run);
  machine(program, context, run);
  lasting(program, context, run);
  return program;
}

function building(program: Command, context: CommandContext, run: Run): void {
  for (const [name, command, text] of [
    ['build', build, 'start or attach to a build and follow it; Ctrl+C pauses, the same command resumes'],
    ['start', start, 'start or attach to a build and return at once'],
  ] as const) {
    program
      .command(name)
      .description(text)
      .option('--spec <file>', 'the spec (default prompts/app_spec.txt)')
      .option(...PROJECT_DIR)
      .option('--model <id>', 'a Claude model id (needs ANTHROPIC_API_KEY), or offline')
      .option('--max-iterations <n>', 'further coding sessions from this command')
      .addOption(new Option('--max-cost <usd>', 'ceiling for the whole build (default 30)'))
      .option('--max-tokens <n>', 'ceiling for models without a known price (default 20000000)')
      .option('--max-hours <h>', 'hours from now after which no model is called')
      .option('--no-wait', 'park at rate and usage limits over 60 s instead of waiting')
      .option('--test-count <min-max>', 'test cases the initializer proposes (default 100-200)')
      .option('--instructions <text>', 'extra instructions for the agent')
      .option('--allow-unsandboxed', 'let a live model run without a sandbox (not advised)')
      .option('--json', 'one JSON object at the end instead of a live view')
      .action(run((options) => command(options, context)));
  }
  program
    .command('try-claude')
    .description('the smallest live build (10 minutes, 1 USD at most), with an evidence file to hand on')
    .option('--model <id>', 'a Claude model id (asked for on a terminal)')
    .option('--evidence <dir>', 'where the evidence file goes (default evidence/ of Nightshift)')
    .action(run((options) => tryClaude(options, context)));
}

/** A spec before anything is built from it. */
function writing(program: Command, context: CommandContext, run: Run): void {
  program
    .command('plan')
    .description('show how a spec is read, statement by statement, before anything runs')
    .option('--spec <file>', 'the spec (default prompts/app_spec.txt)')
    .option('--watch', 'again at every save, until Ctrl+C, with what is not understood at the end')
    .option('--json', 'as JSON')
    .action(run((options) => plan(options, context)));
  program
    .command('new <name>')
    .description('write a short, commented spec, NAME.txt, that builds as it is')
    .option('--example <name>', 'instead a copy of a shipped spec, such as blog or booking')
    .action(run((name, options) => newSpec(name, options, context)));
}

function many(program: Command, context: CommandContext, run: Run): void {
  program
    .command('fleet <specs...>')
    .description('build many specs, a few at a time, each in a directory named after its spec; Ctrl+C pauses all')
    .option('--concurrency <n>', 'builds at a time, 1 to 32 (default 2)')
    .option('--into <dir>', 'where the project directories go (default: here)')
    .option('--model <id>', 'a Claude model id (needs ANTHROPIC_API_KEY), or offline')
    .option('--max-cost <usd>', 'ceiling for each build (default 30)')
    .option('--test-count <min-max>', 'test cases of each build (default 100-200)')
    .option('--detach', 'start and return at once')
    .option('--json', 'one JSON object at the end instead of a table')
    .action(run((specs, options) => fleet(specs, options, context)));
}

function standing(program: Command, context: CommandContext, run: Run): void {
  program
    .command('status')
    .description('where every build stands and what runs')
    .option(...PROJECT_DIR)
    .option('--json', 'as JSON')
    .action(run((options) => status(options, context)));
  program
    .command('cost')
    .description('what a build has spent, by session and feature')
    .option(...PROJECT_DIR)
    .option('--turns', 'every turn as well')
    .option('--json', 'as JSON')
    .action(run((options) => cost(options, context)));
}

function steering(program: Command, context: CommandContext, run: Run): void {
  program
    .command('pause')
    .description('pause within seconds')
    .option(...PROJECT_DIR)
    .option('--after-session', 'let the session under way end and be verified first')
    .action(run((options) => pause(options, context)));
  program
    .command('resume')
    .description('go on after a pause or "needs attention"')
    .option(...PROJECT_DIR)
    .action(run((options) => resume(options, context)));
  program
    .command('stop')
    .description('end the build now; building again goes on from there')
    .option(...PROJECT_DIR)
    .action(run((options) => stop(options, context)));
  program
    .command('steer <note>')
    .description('tell the agent something; it reads it at its next turn')
    .option(...PROJECT_DIR)
    .action(run((note, options) => steer(note, options, context)));
  program
    .command('answer <question-id> <text>')
    .description('answer a question that status lists')
    .option(...PROJECT_DIR)
    .action(run((id, text, options) => answer(id, text, options, context)));
}

function machine(program: Command, context: CommandContext, run: Run): void {
  program
    .command('worker')
    .description('run one more worker in the foreground')
    .action(run(() => worker(context)));
  program.command('temporal').description('the Temporal CLI against this server: nightshift temporal workflow list');
  program
    .command('down')
    .description('stop everything that runs; builds are kept')
    .option('--purge', 'then remove downloads, databases and state (never projects)')
    .action(run((options) => down(options, context)));
  program
    .command('doctor')
    .description('what was found on this machine and what is missing')
    .option('--json', 'as JSON')
    .option('--sandbox', 'attack the sandbox now and print what it refused')
    .action(run((options) => (options.sandbox === true ? doctorSandbox : doctor)(options, context)));
  rules(program, context, run);
}

function rules(program: Command, context: CommandContext, run: Run): void {
  program
    .command('policy')
    .description('which commands an agent may run, and what a project adds to that')
    .option(...PROJECT_DIR)
    .option('--check [file]', 'hold an edited nightshift.policy.json against the corpus: what would it let through?')
    .option('--use [file]', 'put it in force for a build')
    .option('--json', 'as JSON')
    .action(run((options) => policy(options, context)));
  program
    .command('denials')
    .description('what the policy refused in a build, with counts and the line that would allow it')
    .option(...PROJECT_DIR)
    .option('--json', 'as JSON')
    .action(run((options) => denials(options, context)));
  program
    .command('check-command')
    .description('JSON lines {"cmd": "…"} in, verdicts of the command policy out')
    .option(...PROJECT_DIR)
    .action(run((options) => checkCommand(options, context)));
}

function createContext(): { command: CommandContext; close: () => Promise<void> } {
  const config = loadConfig();
  const terminal = processTerminal();
  let open: { client: Client; close(): Promise<void> } | null = null;
  const connect = async (address: string | null): Promise<Client> => {
    open ??= await connectTemporal(config, address).catch((error: Error) => {
      throw new EnvironmentError(`${error.message}; nightshift doctor says what runs`);
    });
    return open.client;
  };
  const command: CommandContext = {
    config,
    terminal,
    self: selfFrom(config.callerDirectory),
    connect: async () => {
      const runtime = await ensureSupervisor(config, (line) => terminal.problem(line));
      if (runtime.webUiAddress !== null) terminal.problem(`Web UI: ${runtime.webUiAddress}`);
      return connect(runtime.temporalAddress);
    },
    connectIfRunning: async () => {
      const runtime = readRuntime(config);
      if (runtime === null && !config.externalTemporal) return null;
      return connect(runtime?.temporalAddress ?? null).catch(() => null);
    },
  };
  return { command, close: async () => open?.close() };
}
