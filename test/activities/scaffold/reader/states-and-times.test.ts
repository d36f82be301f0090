/** Actions, orders of two times, overlaps, values unique among some rows, and terse lines: read or left, never half. */
import { describe, expect, it } from '@jest/globals';
import { board, modelOf, repositoryText, resourceIn } from './sample.js';

const FIELDS = [
  'ends_at: datetime, optional',
  'status: enum (draft, live, gone), default draft, changed only through the actions',
];
const ACTIONS =
  '### Cards\n\n#### Endpoints\n- POST /cards/{id}/release - draft becomes live\n- POST /cards/{id}/drop - live becomes gone\n';

function rulesFrom(sentence: string): Record<string, unknown>[] {
  const model = modelOf(board({ fields: FIELDS, rules: [sentence], sections: ACTIONS }));
  return model.resources.flatMap(({ rules }) => rules).filter((rule) => rule.sentence === sentence);
}

describe('an action', () => {
  const model = modelOf(board({ fields: FIELDS, sections: ACTIONS }));

  it('sets the value that its description names', () => {
    expect(resourceIn(model, 'cards').endpoints).toContainEqual(
      expect.objectContaining({ kind: 'action', id: 'cards-release', field: 'status', value: 'live' }),
    );
  });

  it('is refused from every value but the named one', () => {
    expect(resourceIn(model, 'cards').rules).toContainEqual(
      expect.objectContaining({
        family: 'guard_status',
        endpoints: ['cards-release'],
        blocked: { field: 'status', values: ['live', 'gone'] },
      }),
    );
  });

  it('takes its field out of the body of a create', () => {
    expect(resourceIn(model, 'cards').fields).toContainEqual(
      expect.objectContaining({ name: 'status', create: 'never', update: false }),
    );
  });

  it('can be permitted by its own verb', () => {
    expect(rulesFrom('Only admins can release cards.')).toMatchObject([
      { family: 'permit', endpoints: ['cards-release'] },
    ]);
  });
});

describe('two times of a row', () => {
  it.each([
    'A card must end after it starts.',
    'ends_at must be after starts_at',
    'ends_at must be later than starts_at (400).',
  ])('are put in an order by "%s"', (sentence) => {
    expect(rulesFrom(sentence)).toMatchObject([
      { family: 'order', first: 'starts_at', second: 'ends_at', strict: true, refusal: { status: 400 } },
    ]);
  });

  it('may be equal where the sentence says so', () => {
    expect(rulesFrom('ends_at must be on or after starts_at.')).toMatchObject([{ family: 'order', strict: false }]);
  });

  it('do not overlap within one parent', () => {
    expect(rulesFrom('Cards of the same project cannot overlap unless they are gone (409).')).toMatchObject([
      {
        family: 'no_overlap',
        per: 'project_id',
        start: 'starts_at',
        end: 'ends_at',
        unless: { field: 'status', values: ['gone'] },
      },
    ]);
  });
});

describe('a unique value', () => {
  it('can hold among the rows of one parent in one state', () => {
    expect(rulesFrom('No two live cards of a project can have the same title (409).')).toMatchObject([
      { family: 'unique', fields: ['project_id', 'title'], where: { field: 'status', values: ['live'] } },
    ]);
  });
});

describe('the shipped use cases', () => {
  it.each(['blog', 'crud', 'inventory', 'notes', 'task-management', 'user-management'])(
    'leave at most a twentieth of %s to a model',
    (name) => {
      const { statements } = modelOf(repositoryText('prompts', 'specs', `${name}.txt`));
      const left = statements.filter((statement) => statement.class === 'UNRESOLVED');
      expect(left.length / statements.length).toBeLessThanOrEqual(0.05);
    },
  );
});
