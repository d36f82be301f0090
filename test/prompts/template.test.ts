import { describe, expect, test } from '@jest/globals';
import { fillTemplate, UnknownTemplatePlaceholder } from '../../prompts/template.js';

describe('fillTemplate', () => {
  test('replaces each placeholder and leaves the braces of test cases alone', () => {
    expect(fillTemplate('%%a%% {{word}} %%a%%-%%b%% 100 %%', { a: '1', b: '2' })).toBe('1 {{word}} 1-2 100 %%');
  });

  test('does not look into what it inserts', () => {
    expect(fillTemplate('%%a%%', { a: '%%b%% $& $1', b: 'no' })).toBe('%%b%% $& $1');
  });

  test('refuses a placeholder that nobody fills, also one that every object has', () => {
    expect(() => fillTemplate('%%nobody%%', { a: '' })).toThrow(UnknownTemplatePlaceholder);
    expect(() => fillTemplate('%%constructor%%', {})).toThrow('%%constructor%%');
  });
});
