/**
 * `down`: ends everything that runs for this user and state directory, by recorded process, never by name; with --purge
 * it then removes state and downloads.
 */
import type { Config } from '../../config/config.js';
import { EXIT } from '../exit-codes.js';
import { isAlive, stop } from '../host-process.js';
import { readRunFile } from '../supervisor/run-file.js';
import type { Terminal } from '../terminal.js';
import { purge } from './purge.js';

/** The supervisor drains the worker (30 s at most) and ends its servers in order within this time. */
const SHUT_DOWN_LIMIT_MS = 90_000;

export interface DownOptions {
  readonly purge?: boolean;
}

/** Exit 0 when nothing is left, also when nothing ran. Builds are not lost: `build` goes on with them. */
export async function down(
  options: DownOptions,
  context: { readonly config: Config; readonly terminal: Terminal },
): Promise<number> {
  const stopped = await stopAll(context);
  if (options.purge === true) await purge(context);
  else if (stopped) context.terminal.line('all stopped; builds are kept, and the next build command goes on with them');
  return EXIT.ok;
}

/** False when nothing ran. */
async function stopAll({ config, terminal }: Parameters<typeof down>[1]): Promise<boolean> {
  const file = readRunFile(config);
  const alive = file?.children.filter((child) => child.process !== null && isAlive(child.process)) ?? [];
  if (!file || (!isAlive(file.supervisor) && alive.length === 0)) {
    terminal.line(`nothing runs for ${config.locations.state}`);
    return false;
  }
  terminal.line(`stopping ${['the supervisor', ...alive.map(({ name }) => name)].join(', ')}`);
  await stop(file.supervisor, SHUT_DOWN_LIMIT_MS);
  // Whatever a dead supervisor left, or what it started while we read: the worker first, it needs the servers to drain.
  for (const child of [...(readRunFile(config)?.children ?? [])].reverse()) {
    if (child.process === null || !isAlive(child.process)) continue;
    await stop(child.process, 20_000, child.name === 'postgres' ? 'SIGINT' : 'SIGTERM');
  }
  return true;
}
