/** Names, options and help of the commands that only look: the build under way, what it did, what it made. */
import type { Command } from 'commander';
import type { CommandContext } from './command-context.js';
import { PROJECT_DIR, type Run } from './command-option.js';
import { features } from './commands/features.js';
import { logs } from './commands/logs.js';
import { report } from './commands/report.js';
import { serve } from './commands/serve.js';
import { transcript } from './commands/transcript.js';
import { watch } from './commands/watch.js';

export function seeing(program: Command, context: CommandContext, run: Run): void {
  following(program, context, run);
  results(program, context, run);
}

function following(program: Command, context: CommandContext, run: Run): void {
  program
    .command('watch')
    .description('the live view of a build that runs; Ctrl+C leaves it, the build goes on')
    .option(...PROJECT_DIR)
    .action(run((options) => watch(options, context)));
  program
    .command('logs')
    .description('what a build did, line by line')
    .option(...PROJECT_DIR)
    .option('-f, --follow', 'go on with what comes, until Ctrl+C')
    .option('-n, --lines <n>', 'how many lines to begin with (default 200)')
    .option('--process <name>', 'instead the log of supervisor, worker, temporal, postgres or offline-model')
    .action(run((options) => logs(options, context)));
  program
    .command('transcript [session]')
    .description('turns, tool calls and refusals of a session (default: the newest), secrets taken out')
    .option(...PROJECT_DIR)
    .option('--full', 'whole answers of the tools')
    .option('--json', 'the journal, one JSON object a line')
    .action(run((session, options) => transcript(session, options, context)));
}

/** What a build has made so far. */
function results(program: Command, context: CommandContext, run: Run): void {
  program
    .command('features')
    .description('every feature and whether it passes, by what Nightshift measured')
    .option(...PROJECT_DIR)
    .option('--open', 'only those that do not pass')
    .option('--json', 'as JSON')
    .action(run((options) => features(options, context)));
  program
    .command('report')
    .description('one HTML file: features over time, sessions, test cases, refusals, tokens, what is left and why')
    .option(...PROJECT_DIR)
    .option('--out <file>', 'where to write it (default ./<project>-report.html)')
    .action(run((options) => report(options, context)));
  program
    .command('serve [dir]')
    .description('run the built API with sample data: Swagger, ReDoc and a curl line to try; Ctrl+C stops it')
    .option('--port <n>', 'port on 127.0.0.1, 0 = any free one (default 8000)')
    .option('--fresh', 'begin with an empty database and new sample data')
    .option('--allow-unsandboxed', 'run code of unknown origin without a sandbox (not advised)')
    .action(run((dir, options) => serve(dir, options, context)));
}
