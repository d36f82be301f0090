import { describe, expect, it } from '@jest/globals';
import { planOf, renderPlan } from '../../../activities/scaffold/plan.js';
import { board, modelOf, repositoryText } from './reader/sample.js';

describe('the plan of a spec', () => {
  const model = modelOf(board({ rules: ['Cards sparkle at night.', 'Only the author can update cards.'] }));

  it('counts every statement in one of three classes', () => {
    const { counts, statements } = planOf(model);
    expect(counts.GENERATED + counts.INFERRED + counts.UNRESOLVED).toBe(statements.length);
    expect(counts.UNRESOLVED).toBe(1);
  });

  it('shows each statement with its line, its class and the rule that read or guessed it', () => {
    const text = renderPlan(model);
    expect(text).toMatch(/^\d+ +UNRESOLVED +- +Cards sparkle at night\.$/m);
    expect(text).toMatch(/^\d+ +INFERRED +update-covers-actions +Only the author can update cards\.$/m);
    expect(text).toMatch(/^ +> update also covers cards-set-state and cards-bulk-state$/m);
  });

  it('names the resources in build order with what they hold', () => {
    expect(planOf(model).resources.map(({ name }) => name)).toEqual([
      'users',
      'projects',
      'cards',
      'labels',
      'card_labels',
    ]);
    expect(renderPlan(model)).toMatch(/^cards +11 +7 +3$/m);
  });

  it('says what happens to unresolved statements only when there are some', () => {
    expect(renderPlan(model)).toContain('UNRESOLVED statements become features for a model');
    expect(renderPlan(modelOf(repositoryText('prompts', 'app_spec.txt')))).not.toContain('become features for a model');
  });

  it('keeps to one line for each statement, however long it is', () => {
    const rows = renderPlan(model, { text: 20 }).split('\n');
    for (const row of rows.filter((line) => /^\d+ /.test(line))) expect(row.length).toBeLessThan(80);
  });
});
