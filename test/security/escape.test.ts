import { expect, test } from '@jest/globals';
import { runSelfTest } from '../../activities/security/self-test.js';
import { openUnsandboxed } from '../../activities/security/unsandboxed.js';
import { describeSandboxed } from '../activities/security/sandbox-fixture.js';
import { asOrdinaryUser, canBecomeOrdinary, ORDINARY_UID } from '../support/ordinary-user.js';
import { attackAs, leaveBehind } from './escape-runner.js';
import { escapes, LANGUAGES } from './escapes.js';

const ordinary = canBecomeOrdinary() ? test : test.skip;
const me = process.getuid?.();

describeSandboxed('no attack gets out of the sandbox', () => {
  test.each(LANGUAGES)('made by %s, started by whoever runs the tests', async (language) => {
    expect(await attackAs(language)).toEqual({ uid: me, ran: escapes(language).length, open: [] });
  });

  ordinary.each(LANGUAGES)('made by %s, started by an ordinary user', async (language) => {
    const report = JSON.parse(await asOrdinaryUser('test/security/escape-runner.js', [language]));
    expect(report).toEqual({ uid: ORDINARY_UID, ran: escapes(language).length, open: [] });
  });

  test('of 200 background processes that left their parents none is left after the session', async () => {
    expect(await leaveBehind()).toEqual({ uid: me, during: 200, after: 0 });
  });

  ordinary('nor of those that an ordinary user started', async () => {
    const report = JSON.parse(await asOrdinaryUser('test/security/escape-runner.js', ['leave']));
    expect(report).toEqual({ uid: ORDINARY_UID, during: 200, after: 0 });
  });
});

/** What a plain process may do to the user that started it, whoever that is: if these are refused, the attack is broken. */
const ALWAYS_OPEN = [
  'write-outside',
  'read-secret',
  'read-other-project',
  'read-worker-source',
  'symlink-read',
  'symlink-write',
  'host-processes',
  'signal-outside',
  'environ-parent',
  'host-loopback',
  'host-socket',
  'no-new-privs-off',
  'survive-kill',
];

test.each(LANGUAGES)('the attacks of %s are real: without a sandbox they work', async (language) => {
  const results = await runSelfTest(openUnsandboxed, escapes(language));
  const open = results.filter(({ refused }) => !refused).map(({ probe }) => probe);
  expect(open).toEqual(expect.arrayContaining(ALWAYS_OPEN));
});
