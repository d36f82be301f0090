import { describe, expect, it } from '@jest/globals';
import { canonical, plainText, textProblem } from '../../../../activities/scaffold/reader/spec-text.js';

describe('the canonical form of a sentence', () => {
  it.each([
    'A task can not be deleted.',
    "The task can't be deleted",
    'A task must not be deleted!',
    'A task may not be deleted',
    'A task is not allowed to be deleted',
    'A task can never be deleted',
  ])('of "%s" is one and the same', (sentence) => {
    expect(canonical(sentence).text).toBe('task cannot be deleted');
  });

  it.each([
    ['Names are unique (409).', 409, null],
    ['Names are unique (409 NAME_TAKEN)', 409, 'NAME_TAKEN'],
    ['Names are unique -> 409 Conflict', 409, null],
    ['Names are unique, otherwise 400', 400, null],
    ['It is empty unless the status is 422', null, null],
    ['A second name is refused with 409.', 409, null],
    ['Names have a length of: 400', null, null],
    ['Names are kept for 400 days', null, null],
  ])('of "%s" tells the status %s and the code %s', (sentence, status, code) => {
    expect(canonical(sentence)).toMatchObject({ status, code });
  });
});

describe('plain text', () => {
  it('keeps the number of every line', () => {
    const odd = '\uFEFFa\r\nb\u2014c\rd\te\u0000';
    expect(plainText(odd).split('\n')).toEqual(['a', 'b-c', 'd    e ']);
  });

  it('has limits that name the line', () => {
    expect(textProblem(`a\n${'b'.repeat(5000)}`)).toMatchObject({ line: 2 });
    expect(textProblem('a\n'.repeat(9000))?.message).toContain('at most 8000');
    expect(textProblem('a')).toBeNull();
  });
});
