/** `service install | remove`, and `up`: builds go on after a reboot. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../../config/config.js';
import { environmentWithout } from '../../config/environment.js';
import type { CommandContext } from '../command-context.js';
import { EnvironmentError, EXIT } from '../exit-codes.js';
import { run } from '../host-process.js';
import { type ServiceUnit, serviceUnit } from '../service-unit.js';
import type { Terminal } from '../terminal.js';

interface ServiceContext {
  readonly config: Config;
  readonly terminal: Terminal;
  /** Another system than this one's, for tests. */
  readonly platform?: NodeJS.Platform;
}

/** Writes the unit and enables it. Where the system's tool refuses, the command is told; the unit is there all the same. */
export async function serviceInstall(context: ServiceContext): Promise<number> {
  const unit = unitOf(context);
  const { terminal } = context;
  mkdirSync(path.dirname(unit.file), { recursive: true });
  writeFileSync(unit.file, unit.text, { mode: 0o644 });
  terminal.line(`written: ${unit.file}`);
  const done = await runAll(unit.install, context);
  if (done) terminal.line('enabled: after a reboot, servers and worker start and builds under way go on');
  for (const hint of unit.hints) terminal.line(hint);
  return done ? EXIT.ok : EXIT.environment;
}

/** Disables and removes the unit. What runs now goes on; `down` ends it. */
export async function serviceRemove(context: ServiceContext): Promise<number> {
  const unit = unitOf(context);
  if (!existsSync(unit.file)) {
    context.terminal.line(`no service is installed (${unit.file} is not there)`);
    return EXIT.ok;
  }
  const done = await runAll(unit.remove, context);
  rmSync(unit.file);
  context.terminal.line(`removed: ${unit.file}; what runs now goes on until nightshift down`);
  return done ? EXIT.ok : EXIT.environment;
}

/** Starts servers and worker and returns: builds that were under way go on. */
export async function up(context: CommandContext): Promise<number> {
  await context.connect();
  context.terminal.line(`servers and worker run; builds under way go on: ${context.self} status`);
  return EXIT.ok;
}

function unitOf({ config, platform = process.platform }: ServiceContext): ServiceUnit {
  const unit = serviceUnit(platform, config, process.execPath);
  if (unit !== null) return unit;
  throw new EnvironmentError(
    `services are known for systemd and launchd only, not on ${platform}; run nightshift up at start-up`,
  );
}

async function runAll(commands: ServiceUnit['install'], { config, terminal }: ServiceContext): Promise<boolean> {
  for (const [program, ...args] of commands) {
    const { problem } = await run(program, args, { environment: environmentWithout(config.environment, []) });
    if (problem === '') continue;
    terminal.problem(`${program} ${args.join(' ')}: ${problem}; run it where your user session runs`);
    return false;
  }
  return true;
}
