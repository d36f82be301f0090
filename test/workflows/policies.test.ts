import { expect, it } from '@jest/globals';
import { nonRetryableTypes } from '../../activities/failures.js';
import { DEFAULT_SETTINGS } from '../../workflows/contract.js';
import { NON_RETRYABLE, preparePolicy, sessionPolicy, verifyPolicy } from '../../workflows/policies.js';

const all = [preparePolicy(), sessionPolicy(DEFAULT_SETTINGS), verifyPolicy(DEFAULT_SETTINGS)];

it('the failures that no retry mends are the same in the policies and in the table of failures', () => {
  expect([...NON_RETRYABLE].sort()).toEqual(nonRetryableTypes().sort());
});

it('every activity writes out how it is cancelled, beats, and is bounded in attempts', () => {
  for (const policy of all) {
    expect(policy.cancellationType).toBe('WAIT_CANCELLATION_COMPLETED');
    expect(policy.heartbeatTimeout).toBeDefined();
    expect(policy.retry?.maximumAttempts).toBeGreaterThan(1);
  }
});

it('sessions and verifications never share a queue with short activities', () => {
  expect(new Set(all.map((policy) => policy.taskQueue))).toEqual(new Set(['nightshift', 'nightshift-sessions']));
  expect(preparePolicy().taskQueue).toBe('nightshift');
});
