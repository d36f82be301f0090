/** What a command that failed tells a person, and the exit code that goes with it. The last line on the screen is ours. */
import { CommanderError } from 'commander';
import { StateDamaged } from '../config/damaged-state.js';
import type { CommandContext } from './command-context.js';
import { diskTrouble } from './disk-trouble.js';
import { EnvironmentError, EXIT, UsageError } from './exit-codes.js';

/** Every way a command can fail, in words a person can act on. */
export function explain(error: unknown, { terminal, config, self }: CommandContext): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage; // commander has printed it
  if (error instanceof UsageError) {
    terminal.problem(error.message);
    return EXIT.usage;
  }
  const message = error instanceof Error ? error.message : String(error);
  const trouble = diskTrouble(error, config);
  if (error instanceof EnvironmentError || error instanceof StateDamaged || trouble !== undefined) {
    terminal.problem(trouble ?? message);
    return EXIT.environment;
  }
  terminal.problem(`Unexpected: ${message}`);
  terminal.problem(`Logs: ${config.locations.run}/logs; please report it with the output of ${self} doctor`);
  if (error instanceof Error && error.stack && config.environment.NIGHTSHIFT_DEBUG) terminal.problem(error.stack);
  return EXIT.environment;
}
