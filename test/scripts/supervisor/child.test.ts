import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isAlive, spawnDetached, stop } from '../../../scripts/host-process.js';
import { type ChildPlan, CRASH_LOOP } from '../../../scripts/supervisor/child.js';
import type { ChildRecord } from '../../../scripts/supervisor/run-file.js';
import { Supervisor } from '../../../scripts/supervisor/supervisor.js';
import { scratchDirectory } from '../../support/scratch.js';

describe('the supervisor', () => {
  let scratch: ReturnType<typeof scratchDirectory>;
  let supervisor: Supervisor | undefined;
  let waiting: (() => void)[];
  beforeEach(() => {
    scratch = scratchDirectory();
    waiting = [];
  });
  afterEach(async () => {
    await supervisor?.shutDown();
    scratch.remove();
  });

  /** Resolves as soon as the named child's record answers. */
  async function until(name: string, answer: (record: ChildRecord) => boolean): Promise<ChildRecord> {
    for (;;) {
      const record = supervisor?.records.find((one) => one.name === name);
      if (record && answer(record)) return record;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  }

  function supervise(plans: readonly ChildPlan[], left: readonly ChildRecord[] = []): Supervisor {
    supervisor = new Supervisor(plans, left, () => {
      for (const resolve of waiting.splice(0)) resolve();
    });
    supervisor.run();
    return supervisor;
  }

  const plan = (change: Partial<ChildPlan> & { readonly script?: string } = {}): ChildPlan => {
    const logFile = path.join(scratch.path, 'child.log');
    const script = change.script ?? 'console.log("up"); setInterval(() => {}, 1000)';
    return {
      name: 'child',
      logFile,
      identity: () => 'one',
      launch: async () => ({
        spawn: { command: [process.execPath, '-e', script], environment: {}, cwd: scratch.path, logFile },
        ports: { some: 1 },
      }),
      ready: async () => true,
      readyWithinMs: 10_000,
      stopSignal: 'SIGTERM',
      graceMs: 2_000,
      ...change,
    };
  };
  const running = (record: ChildRecord): boolean => record.state === 'running';

  it('starts a child and tells when it works', async () => {
    supervise([plan()]);
    const record = await until('child', running);
    expect(record).toMatchObject({ restarts: 0, ports: { some: 1 }, lastError: null });
    expect(record.process && isAlive(record.process)).toBe(true);
  });

  it('restarts a child that is killed, within 2 seconds', async () => {
    supervise([plan()]);
    const first = await until('child', running);
    const since = Date.now();
    process.kill(first.process?.pid ?? 0, 'SIGKILL');
    await until('child', ({ process }) => process !== null && process.pid !== first.process?.pid);
    expect(Date.now() - since).toBeLessThan(2_000); // the promise of the README, not a measurement
    const second = await until('child', running);
    expect(second.restarts).toBe(1);
  });

  it('calls it a crash loop when a child dies again and again, and keeps its last words', async () => {
    supervise([plan({ script: 'console.error("cannot bind"); process.exit(1)', ready: async () => false })]);
    const record = await until('child', ({ state }) => state === 'crash_loop');
    expect(record.restarts).toBe(CRASH_LOOP.deaths);
    expect(record.lastError).toContain('cannot bind');
  });

  it('counts a start that never gets ready as a death', async () => {
    supervise([plan({ ready: async () => false, readyWithinMs: 300 })]);
    const record = await until('child', ({ restarts }) => restarts > 0);
    expect(record.lastError).toContain('not ready after 0.3 s');
  });

  it('reports a launch that throws and tries again', async () => {
    let attempts = 0;
    const { launch } = plan();
    const failing: ChildPlan['launch'] = async (ports) => {
      attempts += 1;
      if (attempts === 1) throw new Error('initdb: disk full');
      return launch(ports);
    };
    supervise([plan({ launch: failing })]);
    await until('child', ({ lastError }) => lastError === 'initdb: disk full');
    await until('child', running);
  });

  it('keeps a process that lives when a look at it fails', async () => {
    let looks = 0;
    const ready = async (): Promise<boolean> => {
      looks += 1;
      if (looks === 1) throw new Error('no descriptors left');
      return true;
    };
    supervise([plan({ ready })]);
    const first = await until('child', ({ lastError }) => lastError === 'no descriptors left');
    const second = await until('child', running);
    expect(second.process).toEqual(first.process);
    expect(second).toMatchObject({ restarts: 0, lastError: null });
  });

  it('replaces a child when what it should be started with has changed, and counts no death', async () => {
    let wanted = 'one';
    supervise([plan({ identity: () => wanted })]);
    const first = await until('child', running);
    wanted = 'two';
    const second = await until('child', (record) => running(record) && record.identity === 'two');
    expect(first.process && isAlive(first.process)).toBe(false);
    expect(second.restarts).toBe(0);
  });

  it('starts nothing while a part is missing that the child needs', async () => {
    const marker = path.join(scratch.path, 'started');
    const child = plan({ script: `require('fs').writeFileSync(${JSON.stringify(marker)}, '')`, identity: () => null });
    supervise([child, plan({ name: 'other' })]);
    await until('other', running);
    expect(() => readFileSync(marker)).toThrow('ENOENT');
  });

  it('leaves its children running when it hands over, and a successor adopts the same process', async () => {
    const first = supervise([plan()]);
    const before = await until('child', running);
    await first.handOver();
    supervise([plan()], [before]);
    const after = await until('child', running);
    expect(after.process).toEqual(before.process);
    expect(after.restarts).toBe(0);
  });

  it('replaces what an earlier supervisor left when it was started with something else', async () => {
    const logFile = path.join(scratch.path, 'old.log');
    const process_ = await spawnDetached({
      command: ['/bin/sleep', '60'],
      environment: {},
      cwd: scratch.path,
      logFile,
    });
    const left: ChildRecord = {
      name: 'child',
      state: 'running',
      process: process_,
      ports: {},
      identity: 'old code',
      restarts: 0,
      lastError: null,
      logFile,
    };
    supervise([plan()], [left]);
    await until('child', (record) => running(record) && record.identity === 'one');
    expect(isAlive(process_)).toBe(false);
  });

  it('ends all its children when it is shut down', async () => {
    supervise([plan(), plan({ name: 'other' })]);
    const records = [await until('child', running), await until('other', running)];
    await supervisor?.shutDown();
    expect(records.map(({ process }) => process && isAlive(process))).toEqual([false, false]);
    expect(supervisor?.records.map(({ state }) => state)).toEqual(['stopped', 'stopped']);
  });

  it('kills a child that ignores its stop signal after the grace', async () => {
    const ready = path.join(scratch.path, 'ready');
    const script = `process.on('SIGTERM', () => {}); require('fs').writeFileSync(${JSON.stringify(ready)}, ''); setInterval(() => {}, 1000)`;
    supervise([plan({ script, graceMs: 100, ready: async () => exists(ready) })]);
    const record = await until('child', running);
    await supervisor?.shutDown();
    expect(record.process && isAlive(record.process)).toBe(false);
    if (record.process) await stop(record.process);
    writeFileSync(ready, '');
  });
});

function exists(file: string): boolean {
  try {
    readFileSync(file);
    return true;
  } catch {
    return false;
  }
}
