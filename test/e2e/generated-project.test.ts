/** Rendered projects as their users get them: real linters, a real type checker, a real PostgreSQL, their own tests. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildOrder, renderProject } from '../../activities/scaffold/project.js';
import { readSpec } from '../../activities/scaffold/reader/spec-reader.js';
import { type SpecModel, specModel } from '../../activities/scaffold/spec-model.js';
import { packageRoot } from '../../config/locations.js';
import { type RunResult, run } from '../../scripts/host-process.js';
import { type CheckServices, startCheckServices } from '../support/check-services.js';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.js';

let services: CheckServices;
let scratch: TemporaryDirectory;

beforeAll(async () => {
  services = await startCheckServices();
  scratch = await temporaryDirectory();
}, 240_000);

afterAll(async () => {
  await scratch?.remove();
  await services?.stop();
}, 60_000);

interface Project {
  readonly directory: string;
  tool(name: string, ...args: string[]): Promise<RunResult>;
}

async function projectOf(name: string, model: SpecModel, built: readonly string[]): Promise<Project> {
  const directory = path.join(scratch.path, name);
  for (const [file, text] of renderProject(model, built)) {
    await mkdir(path.dirname(path.join(directory, file)), { recursive: true });
    await writeFile(path.join(directory, file), text);
  }
  const environment = {
    PATH: `${services.python.bin}:/usr/bin:/bin`,
    HOME: scratch.path,
    DATABASE_URL: await services.emptied('app'),
    TEST_DATABASE_URL: await services.emptied('test'),
  };
  const tool = (program: string, ...args: string[]) =>
    run(path.join(services.python.bin, program), args, { cwd: directory, environment, timeoutMs: 240_000 });
  return { directory, tool };
}

/** A failing program fails the test with its own words. */
async function passes(result: Promise<RunResult>): Promise<string> {
  const { exitCode, stdout, stderr } = await result;
  expect({ exitCode, output: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, output: '' });
  return stdout;
}

async function fixture(file: string): Promise<SpecModel> {
  const text = await readFile(path.join(packageRoot, 'test/activities/scaffold', file), 'utf8');
  return specModel.parse(JSON.parse(text));
}

async function notes(): Promise<SpecModel> {
  const reading = readSpec(await readFile(path.join(packageRoot, 'prompts/specs/notes.txt'), 'utf8'));
  if (reading.kind === 'unusable') throw new Error(JSON.stringify(reading.problems));
  return reading.model;
}

describe('a generated project', () => {
  it.each([
    ['the sample', () => fixture('fixtures/task-spec.json')],
    ['a spec read from text', notes],
    ['a spec with cycles, self references and no users', () => fixture('render/awkward-spec.json')],
  ])(
    'of %s is clean, migrates both ways and passes its own tests',
    async (name, read) => {
      const model = await read();
      const { tool } = await projectOf(name.replaceAll(/\W+/g, '-'), model, buildOrder(model));
      await passes(tool('ruff', 'check', '.'));
      await passes(tool('ruff', 'format', '--check', '.'));
      await passes(tool('mypy', '--strict', 'app'));
      await passes(tool('alembic', 'upgrade', 'head'));
      await passes(tool('alembic', 'check'));
      await passes(tool('alembic', 'downgrade', 'base'));
      const report = await passes(tool('pytest', '-q', '--cov=app', '--cov-fail-under=90'));
      expect(report).not.toMatch(/[0-9] (skipped|xfailed)/);
    },
    400_000,
  );

  it('is clean after every resource on the way', async () => {
    const model = await fixture('fixtures/task-spec.json');
    const order = buildOrder(model);
    for (let count = 0; count < order.length; count += 1) {
      const { tool } = await projectOf(`prefix-${count}`, model, order.slice(0, count));
      await passes(tool('ruff', 'check', '.'));
      await passes(tool('mypy', '--strict', 'app'));
      if (count < 2) await passes(tool('pytest', '-q'));
    }
  }, 600_000);
});
