import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BoundedOutput } from '../../../../activities/security/inside/output.mjs';

test('output within its budget is kept whole, however it arrives', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), (chunks) => {
      const output = new BoundedOutput(1_000_000);
      for (const chunk of chunks) output.push(Buffer.from(chunk));
      expect(output.text()).toBe(chunks.join(''));
      expect(output.truncatedBytes).toBe(0);
    }),
  );
});

test('output over its budget keeps head and tail, counts the cut and splits no character', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 200 }), fc.integer({ min: 1, max: 70 }), (budget, size) => {
      const whole = Buffer.from('äöü€😀'.repeat(60));
      const output = new BoundedOutput(budget);
      for (let at = 0; at < whole.length; at += size) output.push(whole.subarray(at, at + size));
      const text = output.text();
      expect(output.truncatedBytes).toBe(whole.length - budget);
      expect(text).toContain(`[... ${whole.length - budget} bytes of output left out here ...]`);
      expect(text).not.toContain('\ufffd');
    }),
  );
});

test('a server keeps its last words only', () => {
  const output = new BoundedOutput(10, false);
  output.push(Buffer.from('first words, then '));
  output.push(Buffer.from('last words'));
  expect(output.text().endsWith('\nlast words')).toBe(true);
});
