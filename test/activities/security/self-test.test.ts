import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { openSandbox } from '../../../activities/security/bubblewrap.js';
import { allRefused, runSelfTest } from '../../../activities/security/self-test.js';
import { openUnsandboxed } from '../../../activities/security/unsandboxed.js';
import { describeSandboxed } from './sandbox-fixture.js';

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
