/** What the boundary costs: start and end of a sandbox, a command inside beside the same one outside, the self-test. */
import { spawnSync } from 'node:child_process';
import type { Sandbox } from '../activities/security/sandbox.js';
import { sandboxBackend, sandboxLine } from '../activities/security/sandbox-backend.js';
import { runSelfTest } from '../activities/security/self-test.js';
import { inScratch, printMachine, printTable, quantile } from './environment.js';

const STARTS = 20;
const COMMANDS = 200;
const SELF_TESTS = 5;

/** Throws where no sandbox starts. */
export async function sandbox(): Promise<void> {
  const backend = sandboxBackend();
  const open = (projectDir: string): Promise<Sandbox> =>
    backend.open({ projectDir, readOnly: [], environment: {}, path: [] });
  await inScratch(async (projectDir) => {
    await (await open(projectDir)).close(); // the first one also asks what this machine can do
    const starts: number[] = [];
    const ends: number[] = [];
    for (let index = 0; index < STARTS; index++) {
      const began = performance.now();
      const opened = await open(projectDir);
      starts.push(performance.now() - began);
      ends.push(await timed(() => opened.close()));
    }
    const session = await open(projectDir);
    const inside = await repeated(COMMANDS, () => session.run({ command: ['true'], timeoutMs: 5_000 }));
    const shell = await repeated(COMMANDS, () => session.run({ command: { shell: 'true' }, timeoutMs: 5_000 }));
    await session.close();
    const outside = await repeated(COMMANDS, async () => spawnSync('/bin/bash', ['-c', 'true']));
    const selfTests = await repeated(SELF_TESTS, () => runSelfTest(backend.open));
    printMachine();
    process.stdout.write(`${sandboxLine(backend, await backend.probe())}, worker uid ${process.getuid?.()}\n\n`);
    printTable(
      ['what', 'times', 'median ms', '95 % below ms', 'longest ms'],
      [
        row('start of a sandbox', starts),
        row('its end, nothing left', ends),
        row('a program inside (`true`)', inside),
        row('a shell command inside (`true`)', shell),
        row('bash on the host, for comparison', outside),
        row('self-test of 27 attacks, start and end included', selfTests),
      ],
    );
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function repeated(times: number, work: () => Promise<unknown>): Promise<number[]> {
  const all: number[] = [];
  for (let index = 0; index < times; index++) all.push(await timed(work));
  return all;
}

function row(what: string, times: readonly number[]): (string | number)[] {
  return [what, times.length, ...[0.5, 0.95, 1].map((share) => quantile(times, share).toFixed(1))];
}
