import { describe, expect, it } from '@jest/globals';
import { CancelledFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { interruptible } from '../../activities/interruptible.js';
import { interruption, withLiveness } from '../../activities/liveness.js';
import { LeaseLost } from '../../activities/workspace/lease.js';
import type { Heartbeat } from '../../workflows/progress.js';

const beat: Heartbeat = {
  session: 1,
  activity: 'session',
  turn: 0,
  lastTool: '',
  inputTokens: 0,
  outputTokens: 0,
  casesPassing: 0,
  casesTotal: 0,
  at: '',
};
type Details = NonNullable<Parameters<MockActivityEnvironment['cancel']>[1]>;
type Flag = 'cancelRequested' | 'paused' | 'reset' | 'workerShutdown' | 'timedOut' | 'notFound';

/** An activity that works until it is cancelled with the given flag, then throws what an aborted fetch throws. */
async function cancelledBy(flag: Flag): Promise<unknown> {
  const environment = new MockActivityEnvironment();
  const details = Object.fromEntries(
    ['cancelRequested', 'paused', 'reset', 'workerShutdown', 'timedOut', 'notFound'].map((name) => [
      name,
      name === flag,
    ]),
  ) as unknown as Details;
  return environment.run(() =>
    withLiveness(beat, (live) =>
      interruptible(
        async () => {
          setTimeout(() => environment.cancel('CANCELLED', details), 10);
          await new Promise((_resolve, reject) =>
            live.signal.addEventListener('abort', () => reject(new Error('AbortError'))),
          );
          return 'finished';
        },
        () => `paused by ${interruption()}`,
      ),
    ),
  );
}

describe('an interrupted activity', () => {
  it('returns its paused outcome when the workflow asked', async () => {
    expect(await cancelledBy('cancelRequested')).toBe('paused by requested');
  });

  it.each(['paused', 'reset', 'workerShutdown', 'timedOut', 'notFound'] as const)(
    'throws CancelledFailure, never the raw abort, when cancelled by %s',
    async (flag) => {
      await expect(cancelledBy(flag)).rejects.toBeInstanceOf(CancelledFailure);
    },
  );
});

describe('an interrupted activity whose work fails', () => {
  it('returns its paused outcome and says in the log what failed', async () => {
    const warned: unknown[] = [];
    const logger = new DefaultLogger('WARN', ({ meta }) => warned.push(meta?.['error']));
    const environment = new MockActivityEnvironment({}, { logger });
    const full = new Error('disk full');
    const outcome = environment.run(() =>
      interruptible(
        async () => {
          environment.cancel('CANCELLED', { cancelRequested: true } as Details);
          throw full;
        },
        () => 'paused',
      ),
    );
    await expect(outcome).resolves.toBe('paused');
    expect(warned).toEqual([full]);
  });
});

describe('an activity that was not interrupted', () => {
  const run = <T>(work: () => Promise<T>): Promise<T> =>
    new MockActivityEnvironment().run(() => interruptible(work, () => Promise.reject(new Error('not reached'))));

  it('returns what its work returns', async () => {
    expect(await run(async () => 'done')).toBe('done');
  });

  it('turns a lost lease into a retryable failure of that name', async () => {
    await expect(run(() => Promise.reject(new LeaseLost('epoch 3 has taken over')))).rejects.toMatchObject({
      type: 'LeaseLost',
      nonRetryable: false,
    });
  });

  it('lets any other error through', async () => {
    await expect(run(() => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full');
  });
});

describe('liveness', () => {
  it('beats at once and with the values last reported', async () => {
    const environment = new MockActivityEnvironment();
    const beats: Heartbeat[] = [];
    environment.on('heartbeat', (details: unknown) => beats.push(details as Heartbeat));
    await environment.run(() =>
      withLiveness(beat, async (live) => {
        live.report({ turn: 4, lastTool: 'bash: pytest' });
        while (beats.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
      }),
    );
    expect(beats[0]).toMatchObject({ turn: 0 });
    expect(beats[1]).toMatchObject({ turn: 4, lastTool: 'bash: pytest' });
    expect(JSON.stringify(beats[1]).length).toBeLessThan(1_024);
  });
});
