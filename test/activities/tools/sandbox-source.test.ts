import { describe, expect, it } from '@jest/globals';
import { type Sandbox, SandboxLost } from '../../../activities/security/sandbox.js';
import { inSandbox, sandboxSource } from '../../../activities/tools/sandbox-source.js';

function sandboxes(failures = 0): { open: () => Promise<Sandbox>; opened: number[]; closed: number[] } {
  const [opened, closed]: [number[], number[]] = [[], []];
  let attempts = 0;
  const open = async (): Promise<Sandbox> => {
    attempts += 1;
    if (attempts <= failures) throw new Error('no sandbox');
    const number = attempts;
    opened.push(number);
    return { close: async () => void closed.push(number) } as unknown as Sandbox;
  };
  return { open, opened, closed };
}

describe('the source of sandboxes', () => {
  it('opens one at first use and keeps it', async () => {
    const { open, opened } = sandboxes();
    const source = sandboxSource(open);
    expect(opened).toEqual([]);
    expect(await source.current()).toBe(await source.current());
    expect(opened).toEqual([1]);
  });

  it('ends the old one before it opens the next', async () => {
    const { open, opened, closed } = sandboxes();
    const source = sandboxSource(open);
    await source.current();
    await source.renew();
    expect([opened, closed]).toEqual([[1, 2], [1]]);
    await source.close();
    expect(closed).toEqual([1, 2]);
  });

  it('tries again after a start that failed', async () => {
    const { open, opened } = sandboxes(1);
    const source = sandboxSource(open);
    await expect(source.current()).rejects.toThrow('no sandbox');
    await source.current();
    expect(opened).toEqual([2]);
  });

  it('tells when something of the last one may be left', async () => {
    const open = async (): Promise<Sandbox> =>
      ({ close: () => Promise.reject(new Error('it hangs')) }) as unknown as Sandbox;
    const source = sandboxSource(open);
    await source.current();
    await source.renew();
    await expect(source.close()).rejects.toThrow('it hangs');
    await source.close();
  });

  it('closes nothing when nothing was opened', async () => {
    const { open, closed } = sandboxes();
    await sandboxSource(open).close();
    expect(closed).toEqual([]);
  });

  it('does a repeatable thing once more in a new sandbox when the old one is lost', async () => {
    const { open, opened } = sandboxes();
    let attempts = 0;
    const result = await inSandbox(sandboxSource(open), async () => {
      attempts += 1;
      if (attempts === 1) throw new SandboxLost('gone');
      return 'done';
    });
    expect([result, opened]).toEqual(['done', [1, 2]]);
  });

  it('passes every other failure on', async () => {
    const { open, opened } = sandboxes();
    const failing = inSandbox(sandboxSource(open), () => Promise.reject(new Error('disk full')));
    await expect(failing).rejects.toThrow('disk full');
    expect(opened).toEqual([1]);
  });
});
