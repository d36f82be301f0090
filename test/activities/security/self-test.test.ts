import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { openSandbox } from '../../../activities/security/bubblewrap.js';
import { allRefused, runSelfTest } from '../../../activities/security/self-test.js';
import { openUnsandboxed } from '../../../activities/security/unsandboxed.js';
import { describeSandboxed } from './sandbox-fixture.js';

const RUNNER = fileURLToPath(new URL('./self-test-runner.js', import.meta.url));

describeSandboxed('the self-test in a sandbox', () => {
  test('every attack is refused', async () => {
    const results = await runSelfTest(openSandbox);
    expect(results.filter((result) => !result.refused)).toEqual([]);
    expect(results).toHaveLength(27);
    expect(allRefused(results)).toBe(true);
  });

  test('a stranger who connects to its servers on the host is no attack', async () => {
    const results = await runSelfTest(async (request) => {
      const stranger = connect(path.join(request.projectDir, '..', 'host.sock'));
      await new Promise((resolve) => stranger.once('connect', resolve));
      stranger.end('hello?');
      return openSandbox(request);
    });
    expect(results.filter((result) => !result.refused)).toEqual([]);
  });

  // A root worker can become an ordinary user; whether that user may read this checkout decides if it can be tried.
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
  const readable = spawnSync('/usr/bin/setpriv', [...nobody, 'test', '-r', RUNNER]).status === 0;
  (process.getuid?.() === 0 && readable ? test : test.skip)('an ordinary user gets the same', () => {
    const { stdout, stderr } = spawnSync('/usr/bin/setpriv', [...nobody, process.execPath, RUNNER], {
      cwd: '/',
      env: {},
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ uid: 65534, ran: 27, open: [] });
  });
});

test('without a sandbox the self-test reports its probes as open and leaves nothing behind', async () => {
  const before = leftovers();
  const results = await runSelfTest(openUnsandboxed);
  const open = results.filter((result) => !result.refused).map((result) => result.probe);
  expect(open).toEqual(
    expect.arrayContaining([
      'write-outside',
      'read-secret',
      'host-loopback',
      'host-socket',
      'signal-outside',
      'survive-kill',
    ]),
  );
  expect(open.length).toBeGreaterThanOrEqual(15);
  expect(allRefused(results)).toBe(false);
  expect(leftovers().filter((name) => !before.includes(name))).toEqual([]);
});

/** Directories of self-tests of this very process: others may run on this machine at the same time. */
function leftovers(): string[] {
  return readdirSync('/tmp').filter((name) => name.startsWith(`nightshift-self-test-${process.pid}-`));
}

test('a missing probe counts as a failure', () => {
  expect(allRefused([])).toBe(false);
});
