/** Names, options and help of the commands for the long run: starting after a reboot, a bundle for a bug report. */
import type { Command } from 'commander';
import type { CommandContext } from './command-context.js';
import { PROJECT_DIR, type Run } from './command-option.js';
import { bundle } from './commands/bundle.js';
import { serviceInstall, serviceRemove, up } from './commands/service.js';

export function lasting(program: Command, context: CommandContext, run: Run): void {
  program
    .command('up')
    .description('start servers and worker, so that builds under way go on')
    .action(run(() => up(context)));
  const service = program
    .command('service')
    .description('let builds go on after a reboot (systemd user unit, launchd)');
  service
    .command('install')
    .description('start servers and worker after each reboot')
    .action(run(() => serviceInstall(context)));
  service
    .command('remove')
    .description('do so no more')
    .action(run(() => serviceRemove(context)));
  program
    .command('bundle')
    .description('what a bug report needs, secrets taken out, in one directory')
    .option(...PROJECT_DIR)
    .option('--output <dir>', 'where to (default ./nightshift-bundle-<build>)')
    .action(run((options) => bundle(options, context)));
}
