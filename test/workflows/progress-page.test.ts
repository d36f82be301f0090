import { expect, it } from '@jest/globals';
import { progressOf, progressPage } from '../../workflows/progress-page.js';
import { initialState } from '../../workflows/state.js';
import { parked } from '../../workflows/transitions.js';

const state = initialState({ spec: '# Spec', projectDir: '/srv/pro|ject' });
const now = new Date('2026-05-06T07:08:09Z');

it('says when it was true', () => {
  expect(progressPage(progressOf(state, '/srv/project'), now)).toContain('as of 07:08:09 UTC');
});

it('shows what needs attention and the cure', () => {
  const page = progressPage(progressOf(parked(state, { kind: 'x', problem: 'no key', cure: 'set one' }), '/p'), now);
  expect(page).toContain('| **Needs attention** | no key |');
  expect(page).toContain('| What to do | set one |');
});

it('lets no text from outside open a cell, a tag or a link', () => {
  const hostile = parked(state, { kind: 'x', problem: 'a|b\n<img src=x>[l](u)\\|', cure: '`c`' });
  const page = progressPage(progressOf(hostile, '/srv/pro|ject'), now);
  expect(page).toContain('a\\|b \\<img src=x\\>\\[l\\](u)\\\\\\|');
  expect(page).toContain('`/srv/pro\\|ject`');
});
