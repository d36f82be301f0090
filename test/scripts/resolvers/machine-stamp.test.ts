import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../config/config.js';
import { type Machine, recallMachine, rememberMachine } from '../../../scripts/resolvers/machine-stamp.js';
import type { Found } from '../../../scripts/resolvers/resolution.js';
import { program, scratchDirectory } from '../../support/scratch.js';

describe('the remembered machine', () => {
  let scratch: ReturnType<typeof scratchDirectory>;
  let bin: string;
  let machine: Machine;
  beforeEach(() => {
    scratch = scratchDirectory();
    bin = path.join(scratch.path, 'bin');
    const part = (name: string): Found => ({
      found: true,
      kind: 'path',
      path: program(bin, name, ''),
      how: '',
      version: '1',
    });
    machine = {
      temporal: part('temporal'),
      postgres: part('postgres'),
      uv: part('uv'),
      python: part('python3'),
      git: part('git'),
      bubblewrap: { found: false, what: 'bubblewrap', tried: [], ways: ['apt-get install bubblewrap'] },
    };
    mkdirSync(path.join(scratch.path, 'cache'));
  });
  afterEach(() => scratch.remove());

  const config = (more: Record<string, string> = {}) =>
    loadConfig({ HOME: scratch.path, NIGHTSHIFT_CACHE: path.join(scratch.path, 'cache'), PATH: bin, ...more });

  it('is taken as it was while nothing has changed', () => {
    rememberMachine(config(), machine);
    expect(recallMachine(config())).toEqual(machine);
  });

  it('is the same under npm, which puts directories before PATH', () => {
    rememberMachine(config(), machine);
    expect(recallMachine(config({ PATH: `/x/node_modules/.bin:${bin}` }))).toEqual(machine);
  });

  it('is forgotten when a program is gone', () => {
    rememberMachine(config(), machine);
    rmSync(path.join(bin, 'uv'));
    expect(recallMachine(config())).toBeNull();
  });

  it('is forgotten when PATH or a server named by the person changes', () => {
    rememberMachine(config(), machine);
    expect(recallMachine(config({ PATH: `${bin}:/other` }))).toBeNull();
    expect(recallMachine(config({ TEMPORAL_ADDRESS: 'h:1' }))).toBeNull();
    expect(recallMachine(config({ NIGHTSHIFT_DATABASE_URL: 'postgresql://h/d' }))).toBeNull();
  });

  it('is forgotten when bubblewrap, missing before, has been installed', () => {
    rememberMachine(config(), machine);
    program(bin, 'bwrap', 'echo bubblewrap 0.8.0');
    expect(recallMachine(config())).toBeNull();
  });
});
