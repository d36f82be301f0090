import path from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { loadConfig } from '../../../config/config.js';
import { doctor } from '../../../scripts/commands/doctor.js';
import { UV_VERSION } from '../../../scripts/resolvers/pins.js';
import type { Terminal } from '../../../scripts/terminal.js';
import { program, scratchDirectory } from '../../support/scratch.js';

let scratch: ReturnType<typeof scratchDirectory>;
let said: string[];
beforeEach(() => {
  scratch = scratchDirectory();
  said = [];
});
afterEach(() => scratch.remove());

/** A machine of which only these programs are known. */
function machine(programs: Readonly<Record<string, string>>) {
  const bin = path.join(scratch.path, 'bin');
  for (const [name, says] of Object.entries(programs)) program(bin, name, `echo '${says}'`);
  const say = (line: string): void => {
    said.push(line);
  };
  const config = loadConfig({
    HOME: scratch.path,
    PATH: bin,
    NIGHTSHIFT_DATABASE_URL: 'postgresql://admin:secret-word@db.test:5433/postgres',
  });
  return { config, terminal: { line: say, problem: say } as Partial<Terminal> as Terminal };
}

const COMPLETE = {
  temporal: 'temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)',
  uv: `uv ${UV_VERSION}`,
  python3: '["/usr/bin/python3", "/usr", "3.12.4", [3, 12], "final"]',
  bwrap: 'bubblewrap 0.8.0',
  git: 'git version 2.39.5',
};

it('names each part with its version and how it was found, and ends with 0', async () => {
  expect(await doctor({}, machine(COMPLETE))).toBe(0);
  const text = said.join('\n');
  for (const part of ['Temporal    1.5.1', 'Python      3.12.4', 'bubblewrap  0.8.0', 'does not run']) {
    expect(text).toContain(part);
  }
});

it('says what is missing, what was tried and every way to mend it, and ends with 5', async () => {
  const { uv: _uv, ...rest } = COMPLETE;
  expect(await doctor({}, machine(rest))).toBe(5);
  const text = said.join('\n');
  expect(text).toContain('uv          MISSING');
  expect(text).toMatch(/tried: PATH: no `uv`[\s\S]*either put uv on PATH[\s\S]*or {5}set PIP_INDEX_URL/);
});

it('is content without bubblewrap, and tells the command that installs it', async () => {
  const { bwrap: _bwrap, ...rest } = COMPLETE;
  expect(await doctor({}, machine(rest))).toBe(0);
  expect(said.join('\n')).toMatch(/bubblewrap {2}MISSING/);
});

it('never shows a password', async () => {
  await doctor({}, machine(COMPLETE));
  await doctor({ json: true }, machine(COMPLETE));
  expect(said.join('\n')).not.toContain('secret-word');
  expect(JSON.parse(said.at(-1) ?? '')).toMatchObject({ machine: { postgres: { path: 'db.test:5433' } } });
});
