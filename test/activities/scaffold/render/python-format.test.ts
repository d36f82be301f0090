import { describe, expect, it } from '@jest/globals';
import { formattedPython } from '../../../../activities/scaffold/render/python-format.js';

describe('formatting Python', () => {
  it('drops unused imports, sorts the others and formats', () => {
    const source = 'import os, sys\nfrom b import (x, y)\nfrom app.q import w, v\ndef f(a:int):\n    return x+w\n';
    expect(formattedPython(source)).toBe(
      'from b import x\n\nfrom app.q import w\n\n\ndef f(a: int):\n    return x + w\n',
    );
  });

  it('leaves formatted text as it is', () => {
    const text = formattedPython('x = {  "a":1 }\n');
    expect(formattedPython(text)).toBe(text);
  });

  it('refuses a program that does not parse', () => {
    expect(() => formattedPython('def f(:\n')).toThrow();
  });
});
