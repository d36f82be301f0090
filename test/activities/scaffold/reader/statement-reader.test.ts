import { describe, expect, it } from '@jest/globals';
import { phrasingPatterns } from '../../../../activities/scaffold/reader/rule-family.js';
import { FAMILIES } from '../../../../activities/scaffold/reader/statement-reader.js';
import { board, modelOf, resourceIn, statementOf } from './sample.js';

/** Rules that a sentence under Cards adds, without line and sentence; null = UNRESOLVED. */
function rulesFrom(sentence: string): Record<string, unknown>[] | null {
  const model = modelOf(board({ rules: [sentence] }));
  if (statementOf(model, sentence).class === 'UNRESOLVED') return null;
  return model.resources
    .flatMap((resource) => resource.rules)
    .filter((rule) => rule.sentence === sentence)
    .map(({ line: _line, sentence: _sentence, ...rest }) => rest);
}

const admin = { kind: 'role', roles: ['admin'] };
const author = { kind: 'field', field: 'author_id', through: null };
const assignee = { kind: 'field', field: 'assignee_id', through: null };

describe('a permission', () => {
  it.each([
    'Only admins can delete projects.',
    'Projects can only be deleted by admins',
    'Deleting projects requires the admin role.',
    'Only administrators may remove a project',
    'No one except admins can delete projects.',
    'Projects cannot be deleted by anyone but admins',
  ])('is read from "%s"', (sentence) => {
    expect(rulesFrom(sentence)).toMatchObject([
      {
        family: 'permit',
        endpoints: ['projects-delete'],
        allow: [admin],
        refusal: { status: 403, error_code: 'FORBIDDEN' },
      },
    ]);
  });

  it.each([
    'Only the author, the assignee or an admin can delete a card.',
    "Only the card's author, its assignee and admins are allowed to delete cards.",
    'Cards can be deleted only by the author, the assignee or an admin.',
  ])('about a row is read from "%s"', (sentence) => {
    expect(rulesFrom(sentence)).toMatchObject([
      { family: 'permit', endpoints: ['cards-delete'], allow: [author, assignee, admin] },
    ]);
  });

  it.each([
    'Users can delete only their own cards; admins can delete any card.',
    'Users may only delete their own cards, except admins.',
  ])('about own rows is read from "%s"', (sentence) => {
    expect(rulesFrom(sentence)).toMatchObject([{ endpoints: ['cards-delete'], allow: [author, admin] }]);
  });

  it('of the users themselves means the acting user', () => {
    expect(rulesFrom('Users can only update their own account.')).toMatchObject([
      { endpoints: ['users-update'], allow: [{ kind: 'self' }] },
    ]);
  });

  it.each([
    'Only admins can change the title.',
    'Changing the title requires an admin.',
    'Title changes require the admin role.',
    'The title can only be changed by admins.',
  ])('about a field is read from "%s"', (sentence) => {
    expect(rulesFrom(sentence)).toMatchObject([{ family: 'field_permit', fields: ['title'], allow: [admin] }]);
  });

  it.each([
    'Only wizards can delete projects.',
    'Only admins can frobnicate projects.',
    'Only admins can delete unicorns.',
    'Only admins can delete projects on Sundays.',
    'Only admins can delete projects (418).',
  ])('is not guessed from "%s"', (sentence) => {
    expect(rulesFrom(sentence)).toBeNull();
  });

  it('that is widened by another sentence holds for both', () => {
    const model = modelOf(board({ rules: ['Only the author can delete a card.', 'Admins can delete any card.'] }));
    const permits = resourceIn(model, 'cards').rules.filter((rule) => rule.family === 'permit');
    expect(permits).toMatchObject([{ endpoints: ['cards-delete'], allow: [author, admin] }]);
  });
});

describe('a guard', () => {
  it.each([
    'A card cannot be deleted while it is doing (409).',
    "Cards can't be deleted while they are doing",
    'Doing cards must not be deleted.',
    'Cards that are doing cannot be deleted.',
  ])('about the own status is read from "%s"', (sentence) => {
    expect(rulesFrom(sentence)).toMatchObject([
      {
        family: 'guard_status',
        endpoints: ['cards-delete'],
        blocked: { field: 'state', values: ['doing'] },
        refusal: { status: 409, error_code: 'CARD_IS_DOING' },
      },
    ]);
  });

  it('that names what is allowed blocks the rest', () => {
    expect(rulesFrom('Only todo cards can be deleted.')).toMatchObject([{ blocked: { values: ['doing', 'done'] } }]);
  });

  it.each([
    ['A project cannot be deleted while it has cards.', null],
    ['A project with cards cannot be deleted.', null],
    ['Projects may not be deleted as long as there are cards that belong to them', undefined],
    ['A project that still has todo or doing cards cannot be deleted (409).', ['todo', 'doing']],
    ['A project cannot be deleted if it still has open cards', ['todo', 'doing']],
  ])('about related rows is read from "%s"', (sentence, values) => {
    if (values === undefined) return expect(rulesFrom(sentence)).toBeNull();
    return expect(rulesFrom(sentence)).toMatchObject([
      {
        family: 'guard_related',
        endpoints: ['projects-delete'],
        related: 'cards',
        field: 'project_id',
        where: values === null ? null : { field: 'state', values },
      },
    ]);
  });

  it('about related rows follows the verb to the right reference', () => {
    const rules = rulesFrom('A user cannot be deleted while cards are assigned to them.');
    expect(rules).toMatchObject([{ field: 'assignee_id' }]);
    expect(rulesFrom('A user cannot be deleted while they have cards.')).toBeNull();
  });

  it.each([
    'Cards cannot be added to archived projects (409).',
    'No new cards in archived projects.',
    'Archived projects accept no new cards',
    'Cards cannot be created while their project is archived.',
  ])('about the parent is read from "%s"', (sentence) => {
    expect(rulesFrom(sentence)).toMatchObject([
      {
        family: 'guard_parent',
        endpoints: ['cards-create'],
        through: 'project_id',
        blocked: { field: 'archived', values: [true] },
      },
    ]);
  });

  it('keeps the status and the code that the sentence names', () => {
    expect(rulesFrom('Doing cards cannot be deleted (400 CARD_BUSY).')).toMatchObject([
      { refusal: { status: 400, error_code: 'CARD_BUSY' } },
    ]);
  });
});

describe('a rule about values', () => {
  it.each([
    ['The slug must be unique.', ['slug'], false],
    ['No two cards can have the same slug (409).', ['slug'], false],
    ['The slug is unique, case-insensitive', ['slug'], true],
    ['Slug must be unique per project.', ['project_id', 'slug'], false],
  ])('unique is read from "%s"', (sentence, fields, insensitive) => {
    expect(rulesFrom(sentence)).toMatchObject([{ family: 'unique', fields, case_insensitive: insensitive }]);
  });

  it.each([
    'A card cannot be assigned to an inactive user.',
    'The assignee must be active.',
    'Inactive users cannot be assigned.',
    'The assignee must not be inactive',
  ])('reference_active is read from "%s"', (sentence) => {
    expect(rulesFrom(sentence)).toMatchObject([
      {
        family: 'reference_active',
        field: 'assignee_id',
        target: 'users',
        active_field: 'is_active',
        refusal: { status: 400 },
      },
    ]);
  });

  it.each([
    ['The due_on cannot be in the past when a card is created (400).', 'due_on', ['create']],
    ['due_on must be today or later on creation', 'due_on', ['create']],
    ['starts_at must be in the future', 'starts_at', ['create', 'update']],
    ['A card cannot be created with a past due_on', 'due_on', ['create']],
  ])('not_past is read from "%s"', (sentence, field, on) => {
    expect(rulesFrom(sentence)).toMatchObject([{ family: 'not_past', field, on }]);
  });

  it.each([
    'A large card can never be done.',
    'Large cards cannot be done (400).',
    'A card cannot be large and done at the same time.',
    'Size large cannot be combined with state done',
  ])('forbidden_combination is read from "%s"', (sentence) => {
    expect(rulesFrom(sentence)).toMatchObject([
      {
        family: 'forbidden_combination',
        terms: [
          { field: 'size', value: 'large' },
          { field: 'state', value: 'done' },
        ],
      },
    ]);
  });

  it.each([
    'The title cannot be in the past.',
    'A large card can never be small.',
    'A card must have at most three labels.',
    'The title must rhyme.',
  ])('is not guessed from "%s"', (sentence) => {
    expect(rulesFrom(sentence)).toBeNull();
  });
});

describe('an effect', () => {
  it.each([
    'When a card becomes doing, starts_at is set to now.',
    'Setting the state to doing sets starts_at.',
    'starts_at is set automatically when the card becomes doing',
  ])('stamp is read from "%s"', (sentence) => {
    expect(rulesFrom(sentence)).toMatchObject([
      { family: 'stamp', field: 'starts_at', when: { field: 'state', value: 'doing' }, clear_on_leave: false },
    ]);
  });

  it('stamp can be cleared again', () => {
    const sentence = 'When a card becomes doing, starts_at is set to now; when it leaves doing, it is cleared.';
    expect(rulesFrom(sentence)).toMatchObject([{ clear_on_leave: true }]);
    const mixed = 'When a card becomes doing, starts_at is set to now; when it leaves done, it is cleared.';
    expect(rulesFrom(mixed)).toBeNull();
  });

  it.each([
    ['Deleting a project deletes its cards.', [{ child: 'cards', field: 'project_id', action: 'cascade' }]],
    ['When a project is deleted, its cards are deleted too', [{ child: 'cards', action: 'cascade' }]],
    ['Cards are deleted with their project.', [{ child: 'cards', action: 'cascade' }]],
    ['Deleting a card removes its labels.', [{ child: 'card_labels', field: 'card_id' }]],
    ['Deleting a label removes it from its cards; the cards stay.', [{ child: 'card_labels', field: 'label_id' }]],
  ])('on_delete is read from "%s"', (sentence, rules) => {
    expect(rulesFrom(sentence)).toMatchObject(rules);
  });

  it.each([
    'Deleting a user is a soft delete: is_active becomes false and the row stays readable.',
    'Users are soft-deleted.',
    'Deleting a user sets is_active to false',
  ])('soft_delete is read from "%s"', (sentence) => {
    expect(rulesFrom(sentence)).toMatchObject([{ family: 'soft_delete', field: 'is_active' }]);
  });

  it('is built for all clauses of a sentence or for none', () => {
    const half = 'Only admins can delete projects; deleting one plays a sound.';
    const model = modelOf(board({ rules: [half] }));
    expect(statementOf(model, half).class).toBe('UNRESOLVED');
    expect(resourceIn(model, 'projects').rules).toEqual([]);
  });
});

describe('the families', () => {
  it('have phrasings that compile, with no slot twice', () => {
    for (const family of FAMILIES)
      for (const phrasing of family.phrasings) expect(phrasingPatterns(phrasing)).toHaveLength(2);
  });

  it('name the nearest phrasing that compiles for what they do not match', () => {
    const sentence = 'Cards should ideally not be deleted.';
    const { note } = statementOf(modelOf(board({ rules: [sentence] })), sentence);
    expect(note).toMatch(/^nearest that compiles: "/);
  });
});
