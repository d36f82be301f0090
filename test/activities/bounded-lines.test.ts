import { expect, it } from '@jest/globals';
import { boundedLines } from '../../activities/bounded-lines.js';

it('keeps the first lines that fit, counted in the bytes of their JSON', () => {
  expect(boundedLines(['one', 'two', 'three'], 100, 12)).toEqual(['one', 'two']);
  expect(boundedLines(['long line'], 4, 100)).toEqual(['long']);
});

it.each(['я', '"', '\u0001', '😀'])('stays within the bytes whatever the text is made of: %j', (mark) => {
  const lines = boundedLines(Array<string>(50).fill(mark.repeat(500)), 300, 3_000);
  expect(lines.length).toBeGreaterThan(0);
  expect(Buffer.byteLength(JSON.stringify(lines))).toBeLessThanOrEqual(3_001);
});
