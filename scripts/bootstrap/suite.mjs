/** Everything that `npm test` and CI run, and the one line that sums it up: 'N passed, N failed'. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inRoot } from './place.mjs';
import { runProgram } from './program.mjs';
import { say, step } from './steps.mjs';

/** A tool counts as one test: it passes when it ends with status 0. */
const CHECKS = [
  {
    title: 'lint and format (biome)',
    program: ['@biomejs', 'biome', 'bin', 'biome'],
    args: ['check', '--error-on-warnings', '.'],
  },
  {
    title: 'workflows use no Node types (tsc)',
    program: ['typescript', 'bin', 'tsc'],
    args: ['-p', 'workflows/tsconfig.json', '--noEmit'],
  },
  {
    title: 'no unused files, exports or packages (knip)',
    program: ['knip', 'bin', 'knip.js'],
    args: ['--no-progress'],
  },
];

const SILENCE_MS = 5_000;

/** Folders of test/ that take minutes: each runs alone as `npm run test:<name>`, and in .ci/run all but
 * `machines`, which needs root, mounts and five builds. */
export const LONG_PARTS = ['chaos', 'cheats', 'machines', 'security', 'usecases'];

/**
 * `verify` is the quick part: the tools without the tests; `test` the tools and every test that is not long; `test:<part>`
 * one long part. Resolves with the exit status.
 */
export async function runSuite(name, jestOptions) {
  const tally = { passed: 0, failed: 0 };
  const part = /^test:(.+)$/.exec(name)?.[1];
  if (part === undefined) await runChecks(tally);
  if (name === 'test')
    await runJest([`--testPathIgnorePatterns=/test/(${LONG_PARTS.join('|')})/`, ...jestOptions], tally);
  if (part !== undefined) await runJest([`dist/test/${part}/`, ...jestOptions], tally);
  process.stdout.write(`${tally.passed} passed, ${tally.failed} failed\n`);
  return tally.failed === 0 ? 0 : 1;
}

async function runChecks(tally) {
  for (const check of CHECKS) {
    const { status, output } = await step(check.title, () => tool(check.program, check.args));
    if (status === 0) tally.passed += 1;
    else {
      tally.failed += 1;
      say(`FAILED: ${check.title}\n${output.trim()}`);
    }
  }
}

function tool(program, args) {
  return runProgram(process.execPath, [inRoot('node_modules', ...program), ...args]);
}

/** The tests get a state directory of their own; what they leave running in it is ended with it. */
async function runJest(options, tally) {
  const scratch = mkdtempSync(path.join(tmpdir(), 'nightshift-test-'));
  const results = path.join(scratch, 'results.json');
  const home = path.join(scratch, 'home');
  const cases = path.join(scratch, 'cases.jsonl');
  const env = { ...process.env, NIGHTSHIFT_HOME: home, NIGHTSHIFT_TEST_CASES: cases };
  const args = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  args.push(inRoot('node_modules', 'jest', 'bin', 'jest.js'), '--maxWorkers=2', '--json', `--outputFile=${results}`);
  try {
    const { status } = await speaking((onOutput) =>
      runProgram(process.execPath, [...args, ...options], { env, onOutput }),
    );
    count(results, status, tally);
    tellCases(cases);
  } finally {
    await endLeftovers(env);
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Adds jest's own figures; a suite that could not even load counts as one failure. */
function count(results, status, tally) {
  let summary;
  try {
    summary = JSON.parse(readFileSync(results, 'utf8'));
  } catch {
    tally.failed += 1;
    return;
  }
  tellSkipped(summary);
  tally.passed += summary.numPassedTests;
  tally.failed += summary.numFailedTests + summary.numRuntimeErrorTestSuites;
  if (status !== 0 && summary.numFailedTests + summary.numRuntimeErrorTestSuites === 0) tally.failed += 1;
}

/** Cases by family, where tests judge many in one (test/security/tally.ts). */
function tellCases(file) {
  if (!existsSync(file)) return;
  const rows = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  rows.sort((a, b) => (a.family < b.family ? -1 : 1));
  say('cases by family:');
  for (const { family, tried, detail } of rows) say(`  ${family.padEnd(44)} ${String(tried).padStart(6)}   ${detail}`);
  say(`  ${'all'.padEnd(44)} ${String(rows.reduce((sum, { tried }) => sum + tried, 0)).padStart(6)}`);
}

/** A test that this machine cannot run is named with its reason (it stands in the title), never silently left out. */
function tellSkipped({ testResults }) {
  const skipped = testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter((one) => one.status === 'pending'),
  );
  if (skipped.length === 0) return;
  const groups = new Map();
  for (const { ancestorTitles, title } of skipped) {
    const name = ancestorTitles[0] ?? title;
    groups.set(name, (groups.get(name) ?? 0) + 1);
  }
  say(`${skipped.length} tests skipped on this machine:`);
  for (const [name, count] of groups) say(`  ${count} of: ${name}`);
}

/** Passes the output on, and breaks a silence with the time it has lasted. */
async function speaking(run) {
  const since = Date.now();
  let last = since;
  const timer = setInterval(() => {
    if (Date.now() - last < SILENCE_MS) return;
    last = Date.now();
    say(`tests run … ${Math.round((last - since) / 1000)} s`);
  }, 500);
  try {
    return await run((chunk) => {
      last = Date.now();
      // jest --json also prints the report itself on stdout: one long line that no person reads.
      if (!chunk.startsWith('{"numFailed')) process.stderr.write(chunk);
    });
  } finally {
    clearInterval(timer);
  }
}

async function endLeftovers(env) {
  const { loadConfig } = await import('../../dist/config/config.js');
  const { down } = await import('../../dist/scripts/commands/down.js');
  const terminal = { line: () => {}, problem: say };
  await down({}, { config: loadConfig(env), terminal });
}
