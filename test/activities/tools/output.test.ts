import { describe, expect, it } from '@jest/globals';
import { headAndTail, wellFormed } from '../../../activities/tools/output.js';

describe('long output', () => {
  it('is left alone up to the limit', () => {
    expect(headAndTail('x'.repeat(100), 100)).toBe('x'.repeat(100));
  });

  it('keeps head and tail, and says how much is missing', () => {
    const cut = headAndTail(`${'a'.repeat(60)}${'b'.repeat(60)}`, 20);
    expect(cut).toBe(
      `${'a'.repeat(10)}\n\n[… 100 characters left out here; narrow the command to see them …]\n\n${'b'.repeat(10)}`,
    );
  });

  it('is made readable for the API when a cut halved a character', () => {
    expect(wellFormed('ok 😀'.slice(0, 4))).toBe('ok \ufffd');
    expect(wellFormed('😀 é\u0000')).toBe('😀 é\ufffd');
  });
});
