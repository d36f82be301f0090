/** Names, options and help of the commands that measure: any project with a list, and the evidence of a feature. */
import type { Command } from 'commander';
import type { CommandContext } from './command-context.js';
import { PROJECT_DIR, type Run } from './command-option.js';
import { evidence } from './commands/evidence.js';
import { verify } from './commands/verify.js';

export function measuring(program: Command, context: CommandContext, run: Run): void {
  program
    .command('verify [dir]')
    .description("check a project's committed tree against its feature_list.json, without a build; 0 = all passes")
    .option('--json', 'the whole measurement as JSON')
    .option('--junit', 'as JUnit XML')
    .option('--seed <hex>', 'repeat a run: its values, order and clients')
    .option('--no-gates', 'only the checks and the own tests')
    .option('--allow-unsandboxed', 'run code of unknown origin without a sandbox (not advised)')
    .action(run((dir, options) => verify(dir, options, context)));
  program
    .command('evidence <feature-id>')
    .description('what the state of a feature rests on: commit, seed, each case, own tests, history')
    .option(...PROJECT_DIR)
    .option('--replay', 'run that very check again')
    .option('--json', 'as JSON')
    .action(run((id, options) => evidence(id, options, context)));
}
