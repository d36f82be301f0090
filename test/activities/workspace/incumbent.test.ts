import { expect, it } from '@jest/globals';
import { asIncumbent } from '../../../activities/workspace/incumbent.js';
import { LeaseLost } from '../../../activities/workspace/lease.js';

/** Works until it is overtaken, then lets go a moment later, as an attempt does that ends its processes first. */
function untilOvertaken(name: string, seen: string[]): (overtaken: AbortSignal) => Promise<never> {
  return async (overtaken) => {
    seen.push(`${name} begins`);
    await new Promise((resolve) => overtaken.addEventListener('abort', resolve, { once: true }));
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(`${name} lets go`);
    throw overtaken.reason;
  };
}

it('ends the attempt that still runs and begins only when that one has let go', async () => {
  const seen: string[] = [];
  const first = asIncumbent('/srv/a', untilOvertaken('first', seen));
  const second = asIncumbent('/srv/a', async () => {
    seen.push('second begins');
    return 'done';
  });
  await expect(first).rejects.toThrow(LeaseLost);
  await expect(second).resolves.toBe('done');
  expect(seen).toEqual(['first begins', 'first lets go', 'second begins']);
});

it('lets an attempt that was overtaken while it waited do nothing at all', async () => {
  const seen: string[] = [];
  const first = asIncumbent('/srv/b', untilOvertaken('first', seen));
  const second = asIncumbent('/srv/b', untilOvertaken('second', seen));
  const third = asIncumbent('/srv/b', async () => 'done');
  await expect(third).resolves.toBe('done');
  await expect(first).rejects.toThrow(LeaseLost);
  await expect(second).rejects.toThrow(LeaseLost);
  expect(seen).toEqual(['first begins', 'first lets go']);
});

it('leaves attempts on other projects alone, and the next one on the same finds nobody', async () => {
  const seen: string[] = [];
  const other = asIncumbent('/srv/c', untilOvertaken('other', seen));
  await expect(asIncumbent('/srv/d', async () => 1)).resolves.toBe(1);
  await expect(asIncumbent('/srv/d', async (overtaken) => overtaken.aborted)).resolves.toBe(false);
  expect(seen).toEqual(['other begins']);
  await asIncumbent('/srv/c', async () => undefined);
  await expect(other).rejects.toThrow(LeaseLost);
});

it('does not wait for ever for an incumbent that hangs', async () => {
  const hung = asIncumbent('/srv/e', () => new Promise<never>(() => undefined));
  hung.catch(() => undefined);
  await expect(asIncumbent('/srv/e', async () => 'done', 5)).resolves.toBe('done');
});
