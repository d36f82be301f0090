import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../config/config.js';
import { down } from '../../../scripts/commands/down.js';
import { purge, purgePlaces } from '../../../scripts/commands/purge.js';
import { ownRecord } from '../../../scripts/host-process.js';
import type { Terminal } from '../../../scripts/terminal.js';
import { scratchDirectory } from '../../support/scratch.js';

describe('down --purge', () => {
  let scratch: ReturnType<typeof scratchDirectory>;
  let said: string[];
  beforeEach(() => {
    scratch = scratchDirectory();
    said = [];
  });
  afterEach(() => scratch.remove());

  const context = () => {
    const say = (line: string): void => {
      said.push(line);
    };
    const config = loadConfig({
      HOME: scratch.path,
      NIGHTSHIFT_HOME: path.join(scratch.path, 'state'),
      NIGHTSHIFT_CACHE: path.join(scratch.path, 'cache'),
    });
    return { config, terminal: { line: say, problem: say } as Partial<Terminal> as Terminal };
  };
  /** As if no other Nightshift ran on this machine; only what lies in this test's own directory. */
  const alone = () => ({ caches: [path.join(scratch.path, 'cache')], others: [] });
  const write = (...names: string[]): string => {
    const file = path.join(scratch.path, ...names);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, 'x');
    return file;
  };
  const record = (projectDir: string): void => {
    const build = write('state', 'builds', 'p-1', 'build.json');
    writeFileSync(build, JSON.stringify({ buildId: 'p-1', projectDir, specDigest: '', workflowId: 'p-1' }));
  };

  it('removes state and downloads with their sizes, and keeps the project', async () => {
    const project = write('project', 'app', 'main.py');
    record(path.join(scratch.path, 'project'));
    for (const name of ['temporal.db', 'temporal.db-wal']) write('state', name);
    for (const name of ['bin/uv-1', 'envs/a/pyvenv.cfg', 'uv/x', 'machine.json']) write('cache', name);
    await purge(context(), alone());
    expect(readdirSync(scratch.path)).toEqual(['project']);
    expect(existsSync(project)).toBe(true);
    expect(said.filter((line) => /^removed \/.* \(\d+ MB\)$/.test(line))).toHaveLength(7);
    expect(said.at(-1)).toContain('projects are kept');
  });

  it("leaves other people's files in a directory that was given as its own", async () => {
    const other = write('cache', 'letters.txt');
    write('cache', 'bin', 'temporal-1.5.1');
    await purge(context(), alone());
    expect(existsSync(other)).toBe(true);
    expect(existsSync(path.join(scratch.path, 'cache', 'bin'))).toBe(false);
  });

  it('refuses while a project lies in what it would remove, and removes nothing', async () => {
    const project = path.join(scratch.path, 'cache', 'envs', 'my-project');
    const file = write('cache', 'envs', 'my-project', 'main.py');
    record(project);
    await expect(purge(context(), alone())).rejects.toThrow(`The project ${project} lies in`);
    expect(existsSync(file)).toBe(true);
    expect(existsSync(path.join(scratch.path, 'state', 'builds'))).toBe(true);
  });

  it('keeps the downloads while another Nightshift that uses them runs', async () => {
    const other = path.join(scratch.path, 'other');
    const uv = write('cache', 'bin', 'uv-1');
    write('state', 'temporal.db');
    const running = JSON.stringify({ version: 1, supervisor: ownRecord(), children: [] });
    writeFileSync(write('other', 'run', 'supervisor.json'), running);
    await purge(context(), { ...alone(), others: [other] });
    expect(existsSync(uv)).toBe(true);
    expect(existsSync(path.join(scratch.path, 'state'))).toBe(false);
    expect(said[0]).toBe(`downloads are kept: the Nightshift of ${other} runs and uses them`);
  });

  it("never reaches for the machine's own downloads when a cache is named", () => {
    expect(purgePlaces(context().config).caches).toEqual([path.join(scratch.path, 'cache')]);
  });

  it('has nothing to do on a machine that never built', async () => {
    expect(await down({ purge: true }, context())).toBe(0);
    expect(said.join('\n')).toContain('there was nothing to remove');
  });
});
