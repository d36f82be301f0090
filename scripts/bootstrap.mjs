/**
 * Set-up from a fresh clone, with Node's built-ins only: packages, compilation, then the parts of the machine. Runs
 * before every command; when nothing has changed it only looks. Everything it says goes to stderr.
 */
import './bootstrap/node-version.cjs';
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileSources, isCompiled } from './bootstrap/compilation.mjs';
import { withLock } from './bootstrap/lock.mjs';
import { installPackages, isInstalled } from './bootstrap/packages.mjs';
import { SetUpError } from './bootstrap/problem.mjs';
import { say, step } from './bootstrap/steps.mjs';
import { LONG_PARTS, runSuite } from './bootstrap/suite.mjs';

/** Exit code of every command when the environment could not start (scripts/exit-codes.ts). */
const EXIT_ENVIRONMENT = 5;

/** Errors whose message is written for a person; any other one is a bug of ours and shows its stack. */
const TOLD = new Set(['SetUpError', 'EnvironmentError', 'EnvironmentBuildError']);

/** Commands that start builds and so need every part of the machine; the others only need the code. */
const NEEDS_MACHINE = new Set(['build', 'start', 'fleet', 'worker', 'serve', 'try-claude', 'up']);

/**
 * Packages and compilation, when they are not what the sources ask for. Two at once wait for each other. `strict` is
 * false for commands that only look or end something: an edit that does not compile must not keep a person from `pause`.
 */
export async function setUpCode(strict = true) {
  if (isInstalled() && isCompiled()) return;
  await withLock(async () => {
    if (!isInstalled()) await installPackages();
    if (!isCompiled()) await compileSources(strict);
  });
}

/** Temporal, PostgreSQL, Python, uv, its packages, bubblewrap: resolved, and fetched where they are missing. */
export async function setUpMachine() {
  const { loadConfig } = await import('../dist/config/config.js');
  const { recallMachine } = await import('../dist/scripts/resolvers/machine-stamp.js');
  const config = loadConfig();
  if (recallMachine(config)) return;
  // A server that was named and does not answer is told before anything is looked for or fetched.
  const { namedServerProblem } = await import('../dist/scripts/named-servers.js');
  const problem = await namedServerProblem(config);
  if (problem !== undefined) throw new SetUpError(problem);
  await withLock(async () => {
    const { missingParts, prepareMachine, resolveMachine } = await import('../dist/scripts/resolvers/machine.js');
    const { missingMessage } = await import('../dist/scripts/resolvers/resolution.js');
    await announceDownloads(config, await resolveMachine(config, (_title, work) => work(), false));
    const machine = await prepareMachine(config, step);
    const missing = missingParts(machine);
    if (missing.length > 0) throw new SetUpError(missing.map(missingMessage).join('\n'));
    if (!machine.bubblewrap.found) {
      say(`bubblewrap is missing, so only the offline model may build; to install it: ${machine.bubblewrap.ways[0]}`);
    }
  });
}

/** What will be fetched, with sizes, before the first byte; refused where the disk is too small. */
async function announceDownloads(config, machine) {
  const { downloadLines, downloadsFor, spaceProblem } = await import('../dist/scripts/resolvers/downloads.js');
  const { freeMegabytes } = await import('../dist/scripts/disk-space.js');
  const { cache } = config.locations;
  const downloads = downloadsFor(config, machine);
  const problem = spaceProblem(downloads, cache, freeMegabytes(cache));
  if (problem !== undefined) throw new SetUpError(problem);
  for (const line of downloadLines(downloads, cache, freeMegabytes(cache))) say(line);
}

/** Set-up, then the command. The process ends with the command's exit code. */
export async function runCommand(argv) {
  await endingWith(async () => {
    const asksForHelp = argv.some((word) => word === '--help' || word === '-h');
    const builds = NEEDS_MACHINE.has(argv[0]) && !asksForHelp;
    await setUpCode(builds);
    if (builds) await setUpMachine();
    const { main } = await import('../dist/scripts/cli.js');
    return main(argv);
  });
}

/** What `npm test`, `npm run verify` and `npm run test:<part>` give as a name. */
const SUITES = ['test', 'verify', ...LONG_PARTS.map((part) => `test:${part}`)];

/** Set-up, then the suite (its quick part, or one of its long ones). */
async function runScript([name, ...rest]) {
  await endingWith(async () => {
    const known = ['set-up', ...SUITES];
    if (name !== undefined && !known.includes(name)) {
      throw new SetUpError(`unknown: ${name}; usage: node scripts/bootstrap.mjs [${known.join(' | ')}] [jest options]`);
    }
    await setUpCode();
    if (name !== 'verify') await setUpMachine();
    return SUITES.includes(name) ? runSuite(name, rest) : 0;
  });
}

async function endingWith(work) {
  try {
    process.exitCode = await work();
  } catch (error) {
    process.exitCode = EXIT_ENVIRONMENT;
    process.stderr.write(`${TOLD.has(error?.name) ? error.message : (error?.stack ?? error)}\n`);
  }
  // A connection that somebody forgot must not hold the shell.
  setTimeout(() => process.exit(), 2_000).unref();
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await runScript(process.argv.slice(2));
}
