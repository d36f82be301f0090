import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { loadConfig } from '../../../config/config.js';
import { buildIdFor } from '../../../config/locations.js';
import type { CommandContext } from '../../../scripts/command-context.js';
import { bundle } from '../../../scripts/commands/bundle.js';
import type { Terminal } from '../../../scripts/terminal.js';
import { scratchDirectory } from '../../support/scratch.js';

const KEY = 'sk-ant-secret-word-0123456789';

let scratch: ReturnType<typeof scratchDirectory>;
beforeEach(() => {
  scratch = scratchDirectory();
});
afterEach(() => scratch.remove());

it('gathers versions, doctor, logs and the build, takes secrets out, and leaves spec and journal at home', async () => {
  const home = path.join(scratch.path, 'home');
  const projectDir = path.join(scratch.path, 'project');
  const config = loadConfig({ ...process.env, NIGHTSHIFT_HOME: home, ANTHROPIC_API_KEY: KEY }, scratch.path);
  const buildId = buildIdFor(projectDir);
  const folder = path.join(config.locations.builds, buildId);
  mkdirSync(projectDir);
  mkdirSync(path.join(folder, 'logs'), { recursive: true });
  mkdirSync(path.join(home, 'run', 'logs'), { recursive: true });
  writeFileSync(path.join(folder, 'build.json'), JSON.stringify({ buildId, projectDir, workflowId: buildId }));
  writeFileSync(path.join(folder, 'app_spec.txt'), '# A secret product');
  writeFileSync(path.join(folder, 'logs', 'events.jsonl'), `{"kind":"note","text":"the key is ${KEY}"}\n`);
  writeFileSync(path.join(home, 'run', 'logs', 'worker.log'), `postgresql://admin:pass-of-the-admin@127.0.0.1/x\n`);
  const said: string[] = [];
  const line = (text: string): void => {
    said.push(text);
  };
  const context = {
    ...{ config, terminal: { line, problem: line } as Partial<Terminal> as Terminal, self: './nightshift' },
    connectIfRunning: async () => null,
  } as Partial<CommandContext> as CommandContext;
  expect(await bundle({ projectDir, output: 'out' }, context)).toBe(0);
  const target = path.join(scratch.path, 'out');
  const files = readdirSync(target);
  expect(files).toEqual(
    expect.arrayContaining(['build.json', 'doctor.txt', 'events.jsonl', 'versions.json', 'worker.log']),
  );
  const all = files.map((file) => readFileSync(path.join(target, file), 'utf8')).join('\n');
  expect(all).toContain('the key is [redacted]');
  expect(all).not.toMatch(/secret-word|pass-of-the-admin|A secret product/);
  expect(said.join('\n')).toContain('read them before you hand them on');
});
