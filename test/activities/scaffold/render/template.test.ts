import { describe, expect, it } from '@jest/globals';
import { renderTemplate, templatesIn } from '../../../../activities/scaffold/render/template.js';

describe('templates', () => {
  it('are found below a folder, sorted', () => {
    const core = templatesIn('core');
    expect(core).toContain('app/main.py');
    expect(core).toEqual([...core].sort());
  });

  it('replace expressions and leave nothing of statements behind', () => {
    const view = { projectName: 'Say "hi"' };
    expect(renderTemplate('core/app/__init__.py', view)).toBe('"""Say "hi"."""\n');
  });

  it('throw for a name that the view lacks', () => {
    expect(() => renderTemplate('core/app/__init__.py', {})).toThrow(/projectName/);
  });
});
