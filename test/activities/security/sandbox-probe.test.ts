import { expect, test } from '@jest/globals';
import { explain } from '../../../activities/security/sandbox-probe.js';

/** Messages as bubblewrap prints them on such systems. */
const MESSAGES: readonly (readonly [string, string])[] = [
  [
    'bwrap: No permissions to create new namespace, likely because the kernel does not allow non-privileged user namespaces.',
    'seccomp',
  ],
  ["bwrap: Can't mount proc on /newroot/proc: Operation not permitted", 'systempaths=unconfined'],
  [
    'bwrap: Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded (ENOSPC)',
    'max_user_namespaces',
  ],
  ['bwrap: setting up uid map: Permission denied', 'apparmor'],
  ['bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted', 'apparmor'],
  ['setpriv: setresuid failed: Operation not permitted', 'SETUID'],
];

test.each(MESSAGES)('%s gets the cure that names %s', (message, cure) => {
  const explained = explain(message);
  expect(explained.cure).toContain(cure);
  expect(explained.cause).toContain(message);
});

test('an unknown message is passed on with a way to look further', () => {
  expect(explain('bwrap: something new')).toMatchObject({
    cause: expect.stringContaining('something new'),
    cure: expect.stringContaining('bwrap'),
  });
});
