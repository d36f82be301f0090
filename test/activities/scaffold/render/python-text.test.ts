import { describe, expect, it } from '@jest/globals';
import {
  docstring,
  either,
  memberName,
  pascal,
  pyParagraph,
  pyScalar,
  pyString,
  sentence,
  withArticle,
} from '../../../../activities/scaffold/render/python-text.js';

describe('text as Python', () => {
  it('quotes what would end a literal', () => {
    expect(pyString('say "no" \\ \n')).toBe('"say \\"no\\" \\\\ \\n"');
  });

  it('writes scalars the way Python does', () => {
    expect([null, true, false, 3, 'x'].map(pyScalar)).toEqual(['None', 'True', 'False', '3', '"x"']);
  });

  it('never lets a docstring end early', () => {
    expect(docstring('ends """ here"')).toBe(`"""ends ''' here"."""`);
    expect(docstring('a \\ b')).toBe('"""a \\\\ b"""');
  });

  it('wraps a long docstring within 100 columns', () => {
    const lines = docstring('word '.repeat(40), 8).split('\n');
    expect(lines.length).toBeGreaterThan(1);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it('breaks a long text into a parenthesised literal', () => {
    expect(pyParagraph('short')).toBe('"short"');
    expect(pyParagraph('word '.repeat(40))).toMatch(/^\(\n {4}"word /);
  });

  it('strips the notes from a sentence of a spec', () => {
    expect(sentence('a task cannot be deleted while it is `in_progress` (409).')).toBe(
      'A task cannot be deleted while it is in_progress.',
    );
  });

  it('names classes and enum members', () => {
    expect(pascal('due_date')).toBe('DueDate');
    expect(['in progress', '2nd hand', 'sold-out'].map(memberName)).toEqual([
      'IN_PROGRESS',
      'VALUE_2ND_HAND',
      'SOLD_OUT',
    ]);
  });

  it('joins words and finds the article', () => {
    expect(either(['a', 'b', 'c'])).toBe('a, b or c');
    expect(['task', 'order', 'user'].map(withArticle)).toEqual(['a task', 'an order', 'a user']);
  });
});
