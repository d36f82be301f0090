import { expect, it } from '@jest/globals';
import { spawnPiped } from '../../scripts/host-process.js';
import { inhibitorCommand, wakefulness } from '../../workers/wakefulness.js';
import { eventually } from '../support/eventually.js';

it('holds one inhibitor for all activities and ends it soon after the last', async () => {
  let started = 0;
  let ended = 0;
  const start = () => {
    started += 1;
    const held = spawnPiped(['cat'], { PATH: process.env['PATH'] ?? '' });
    held.ended.then(() => {
      ended += 1;
    });
    return held;
  };
  const { during } = wakefulness(start, () => undefined, 50);
  const results = await Promise.all([during(async () => 1), during(async () => 2)]);
  expect([results, started, ended]).toEqual([[1, 2], 1, 0]);
  await during(async () => undefined); // within the linger: the same one
  expect(started).toBe(1);
  await eventually('it has ended', () => ended === 1);
  await during(async () => undefined);
  expect(started).toBe(2);
  await eventually('the second has ended', () => ended === 2);
});

it('says once that sleep cannot be inhibited, and works on', async () => {
  const said: string[] = [];
  const start = () => spawnPiped(['no-such-inhibitor'], { PATH: '/nowhere' });
  const { during } = wakefulness(start, (line) => said.push(line), 1_000);
  expect(await during(async () => 'done')).toBe('done');
  await eventually('it is said', () => said.length === 1);
  expect(await during(async () => 'again')).toBe('again');
  expect(said).toEqual([expect.stringContaining('keep the machine awake')]);
});

it.each([
  ['linux', 'systemd-inhibit'],
  ['darwin', 'caffeinate'],
  ['aix', undefined],
] as const)('on %s asks %s', (platform, program) => {
  expect(inhibitorCommand(platform, 1)?.[0]).toBe(program);
});
