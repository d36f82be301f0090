import { describe, expect, it } from '@jest/globals';
import { outlineOf } from '../../../../activities/scaffold/reader/spec-outline.js';

const texts = (markdown: string): string[] =>
  outlineOf(markdown).map(({ kind, line, text }) => `${line} ${kind} ${text}`);

describe('the outline of a text', () => {
  it('keeps every line with its number and the headings above it', () => {
    const [, , bullet] = outlineOf('# A\n\n## B\n\n- c\n');
    expect(bullet).toMatchObject({ kind: 'bullet', line: 5, text: 'c' });
    expect(bullet?.path.map(({ text }) => text)).toEqual(['A', 'B']);
  });

  it('takes a bold line and a label for headings where they name a part', () => {
    expect(texts('## Users\n\n**Fields:**\n\n- a\n\nRules:\n\n- b\n\nEvery error has the same body:\n')).toEqual([
      '1 heading Users',
      '3 heading Fields',
      '5 bullet a',
      '7 heading Rules',
      '9 bullet b',
      '11 paragraph Every error has the same body:',
    ]);
  });

  it('reads a label inside a list for that list only', () => {
    const items = outlineOf('## Users\n\n- Fields:\n  - a\n- b\n');
    expect(items.find(({ text }) => text === 'a')?.path.at(-1)?.text).toBe('Fields');
    expect(items.find(({ text }) => text === 'b')?.path.at(-1)?.text).toBe('Users');
  });

  it('gives table rows their cells by header', () => {
    const [, row] = outlineOf('# T\n\n| Name | Type |\n|---|---|\n| a | int |\n');
    expect(row).toMatchObject({ kind: 'row', line: 5, cells: { name: 'a', type: 'int' } });
  });

  it('reads tags of older specs as headings and leaves comments out', () => {
    expect(texts('<tasks>\n- id\n<!-- no -->\n- title\n</tasks>\n')).toEqual([
      '1 heading tasks',
      '2 bullet id',
      '4 bullet title',
    ]);
  });

  it('keeps a fence whole and reads indented text as lines', () => {
    expect(texts('```json\n{"a": 1}\n```\n\n    one\n    two\n')).toEqual([
      '2 code {"a": 1}',
      '5 bullet one',
      '6 bullet two',
    ]);
  });

  it('drops numbering and marks from headings', () => {
    expect(texts('## 2.1 The `users`:')).toEqual(['1 heading The users']);
  });
});
