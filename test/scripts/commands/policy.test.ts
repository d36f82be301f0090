import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { loadConfig } from '../../../config/config.js';
import { buildIdFor } from '../../../config/locations.js';
import type { CommandContext } from '../../../scripts/command-context.js';
import { denials } from '../../../scripts/commands/denials.js';
import { policy } from '../../../scripts/commands/policy.js';
import { scratchDirectory } from '../../support/scratch.js';

let scratch: ReturnType<typeof scratchDirectory>;
let said: string[];
let context: CommandContext;
let projectDir: string;
let folder: string;

/** A build's folder with a log of denials, as the worker leaves it. */
beforeEach(() => {
  scratch = scratchDirectory();
  said = [];
  const say = (line: string): void => {
    said.push(line);
  };
  const config = loadConfig({ HOME: scratch.path, NIGHTSHIFT_HOME: path.join(scratch.path, 'state'), PATH: '' });
  context = {
    config,
    self: './nightshift',
    terminal: { line: say, problem: say },
  } as Partial<CommandContext> as CommandContext;
  projectDir = path.join(scratch.path, 'project');
  folder = path.join(config.locations.builds, buildIdFor(projectDir));
  mkdirSync(path.join(folder, 'logs'), { recursive: true });
  mkdirSync(projectDir);
  const build = { buildId: buildIdFor(projectDir), projectDir, specDigest: 'sha256:0', workflowId: 'w' };
  writeFileSync(path.join(folder, 'build.json'), JSON.stringify(build));
});
afterEach(() => scratch.remove());

function file(text: string): string {
  const place = path.join(scratch.path, 'mine.json');
  writeFileSync(place, text);
  return place;
}

const MAKE = '{"allow": [{"program": "make", "arguments": "test"}]}';

it('prints every program with its reason, and what no file can allow', async () => {
  expect(await policy({ projectDir }, context)).toBe(0);
  expect(said.join('\n')).toMatch(/^ {2}pytest +runs the project's tests$/m);
  expect(said.join('\n')).toContain('What no file can allow:');
  said.length = 0;
  expect(await policy({ projectDir, json: true }, context)).toBe(0);
  expect(JSON.parse(said.join('\n'))).toMatchObject({ project: { allow: [] }, never: expect.any(Array) });
});

it('tells what an edited policy lets through, and puts it in force for the next session', async () => {
  const edited = file('{"allow": [{"program": "npx", "arguments": "vite build"}]}');
  expect(await policy({ projectDir, check: edited }, context)).toBe(0);
  expect(said.join('\n')).toContain('lets through: npx vite build');
  expect(await policy({ projectDir, use: edited }, context)).toBe(0);
  expect(readFileSync(path.join(folder, 'nightshift.policy.json'), 'utf8')).toContain('vite');
  said.length = 0;
  await policy({ projectDir }, context);
  expect(said).toContain('  allow: npx vite build');
});

it('refuses a file that is no policy, and one that cannot be read, by name', async () => {
  const shell = file('{"allow": [{"program": "bash", "arguments": "**"}]}');
  await expect(policy({ projectDir, check: shell }, context)).rejects.toThrow(
    'mine.json: allow.0: no file can allow bash',
  );
  await expect(policy({ projectDir, use: 'nowhere.json' }, context)).rejects.toThrow('cannot be read (ENOENT)');
});

it('counts the denials of a build, with the line that would allow each', async () => {
  const denied = (command: string): string =>
    `${JSON.stringify({ at: '2026-11-23T00:00:00.000Z', kind: 'denied', command, reason: 'r' })}\n`;
  const log = path.join(folder, 'logs', 'events.jsonl');
  writeFileSync(`${log}.1`, denied('make test'));
  writeFileSync(log, denied('make test') + denied('git push'));
  expect(await denials({ projectDir }, context)).toBe(0);
  expect(said[0]).toBe('   2 x make test');
  expect(said.join('\n')).toContain('would allow it: {"program":"make","arguments":"test"}');
  expect(said.join('\n')).toContain('no file can allow it: git has rules of its own');
  await policy({ projectDir, use: file(MAKE) }, context);
  said.length = 0;
  expect(await denials({ projectDir, json: true }, context)).toBe(0);
  expect(JSON.parse(said.join('\n'))).toMatchObject([{ command: 'git push', count: 1 }]);
});

it('says so when nothing was refused', async () => {
  expect(await denials({ projectDir }, context)).toBe(0);
  expect(said).toEqual(['The policy has refused nothing in this build.']);
});
