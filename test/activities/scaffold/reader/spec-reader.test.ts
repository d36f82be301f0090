import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readSpec } from '../../../../activities/scaffold/reader/spec-reader.js';
import { MAX_SPEC_BYTES } from '../../../../workflows/contract.js';
import { board, modelOf, problemsOf, repositoryText, resourceIn, statementOf } from './sample.js';

const sample = repositoryText('prompts', 'app_spec.txt');
const fixture: unknown = JSON.parse(repositoryText('test', 'activities', 'scaffold', 'fixtures', 'task-spec.json'));
const library = repositoryText('test', 'activities', 'scaffold', 'reader', 'specs', 'library.txt');
const tracker = repositoryText('test', 'activities', 'scaffold', 'reader', 'specs', 'tracker.txt');

const unresolvedIn = (text: string): string[] =>
  modelOf(text)
    .statements.filter((statement) => statement.class === 'UNRESOLVED')
    .map((statement) => statement.text);

describe('the sample spec', () => {
  it('is read to exactly the model that is kept beside the tests', () => {
    expect(modelOf(sample)).toEqual(fixture);
  });

  it('leaves nothing unresolved', () => {
    expect(unresolvedIn(sample)).toEqual([]);
  });

  it('has about thirty endpoints', () => {
    expect(modelOf(sample).resources.flatMap((resource) => resource.endpoints)).toHaveLength(29);
  });

  it('reads the same with Windows line ends, a byte order mark, typographic quotes and tabs', () => {
    const odd = `\uFEFF${sample.replace(/ - /g, ' – ').replace(/\n/g, '\r\n')}`;
    expect(modelOf(odd).resources).toEqual(modelOf(sample).resources);
  });

  it('reads the same with :id instead of {id}', () => {
    const colons = sample.replace(/\{(id|tag_id)\}/g, ':$1');
    const paths = (text: string): string[] =>
      modelOf(text).resources.flatMap(({ endpoints }) => endpoints.map(({ path }) => path));
    expect(paths(colons)).toEqual(paths(sample));
  });
});

describe('other specs', () => {
  it('of a tiny notes service are read whole', () => {
    expect(unresolvedIn(repositoryText('prompts', 'specs', 'notes.txt'))).toEqual([]);
  });

  it('of a library, in tables and terse lines, leave only what no family is about', () => {
    expect(unresolvedIn(library)).toEqual([
      'POST /api/books/:id/reserve - put a book on hold',
      'A reader may borrow at most five books at a time.',
      'Overdue readers get an e-mail every Monday.',
      'State is always set to lent when a reservation is picked up',
    ]);
  });

  it('of a library give resources in build order with their rules', () => {
    const model = modelOf(library);
    expect(model.resources.map(({ name }) => name)).toEqual(['members', 'authors', 'books', 'reviews']);
    expect(model.auth).toMatchObject({
      user_resource: 'members',
      roles: ['librarian', 'reader'],
      active_field: 'is_active',
    });
    expect(resourceIn(model, 'books').rules.map(({ family }) => family)).toEqual([
      'unique',
      'permit',
      'guard_status',
      'on_delete',
    ]);
    expect(resourceIn(model, 'authors').rules.map(({ family }) => family)).toEqual([
      'unique',
      'permit',
      'permit',
      'guard_related',
    ]);
  });

  it('of a tracker, in other words, leave only what no family is about or what has two meanings', () => {
    expect(unresolvedIn(tracker)).toEqual([
      'Users with open bugs cannot be deleted.',
      'Bugs are archived after 90 days.',
    ]);
  });
});

describe('every visible line', () => {
  it.each([sample, library, tracker])('of a spec is part of a statement, a heading or a table head', (text) => {
    const model = modelOf(text);
    const words = (line: string): string => line.replace(/[^A-Za-z0-9]/g, '');
    const read = words(model.statements.map((statement) => statement.text).join('')) + words(model.project.overview);
    const lost = text
      .split('\n')
      .filter((line) => !/^\s*(?:#|```|\||$|\*\*)/.test(line))
      .filter((line) => !read.includes(words(line.replace(/→/g, '->').replace(/^\s*(?:[-*]|Fields:)\s+/, ''))));
    expect(lost).toEqual([]);
  });
});

describe('an unusable spec', () => {
  it.each([
    ['', /^0: The spec is empty/],
    ['hello', /No resource is described/],
    ['# Shop\n\n## Resources\n\n### Things\n', /The resource 'Things' has no fields/],
    [board({ fields: ['venue_id: reference to venues, required'] }), /refers to 'venues', which is no resource/],
    [board({ fields: ['colour: enum (red, blue), default green'] }), /The default 'green' of cards.colour is no value/],
    ['x'.repeat(MAX_SPEC_BYTES + 1), /at most 262144 are read/],
    [`${board()}${'word '.repeat(1000)}`, /characters; at most 4000/],
  ])('is answered with the line and what to do (%#)', (text, expected) => {
    expect(problemsOf(text).join('\n')).toMatch(expected);
  });

  it('of two lines that contradict each other quotes both', () => {
    const rules = ['Only admins can delete a card.', 'Only the author can delete a card.'];
    const [problem] = problemsOf(board({ rules }));
    for (const rule of rules) expect(problem).toContain(`"${rule}"`);
  });

  it.each([
    [{ fields: ['title: string, required, 1-50 characters'] }, /described twice and differently/],
    [
      { sections: '## Cards\n\n### Sorting\n- default title\n- default -title' },
      /contradict each other about the lists/,
    ],
    [{ rules: ['due_on must be in the future', 'due_on cannot be in the past on creation'] }, /contradict each other/],
  ])('is one whose lines contradict each other (%#)', (parts, expected) => {
    expect(problemsOf(board(parts)).join('\n')).toMatch(expected);
  });
});

describe('text from a spec', () => {
  it('never becomes a name that is no identifier', () => {
    const model = modelOf(
      board({
        fields: ['`x"; DROP TABLE users; --`: string', 'naïve field: string, optional', 'class: string, optional'],
      }),
    );
    for (const { name, fields } of model.resources) {
      for (const text of [name, ...fields.map((field) => field.name)]) expect(text).toMatch(/^[a-z][a-z0-9_]{0,62}$/);
    }
    expect(resourceIn(model, 'cards').fields.map((field) => field.name)).toContain('card_class');
  });

  it('that renames a reserved word is recorded as a guess', () => {
    const model = modelOf(board({ fields: ['metadata: json, optional'] }));
    expect(statementOf(model, 'metadata: json, optional')).toMatchObject({ class: 'INFERRED', rule: 'reserved-name' });
  });

  it('of a field that is only half understood leaves the rest as a statement of its own', () => {
    const model = modelOf(board({ fields: ['points: integer, optional, must be a prime number'] }));
    expect(statementOf(model, 'points: must be a prime number').class).toBe('UNRESOLVED');
    expect(resourceIn(model, 'cards').fields.find((field) => field.name === 'points')?.nullable).toBe(true);
  });

  it('is answered, whatever it is', () => {
    const word = fc.constantFrom(
      '#',
      '##',
      '-',
      '|',
      '`',
      '\n',
      '\n\n',
      'Users',
      'Fields',
      'Only',
      'can',
      'delete',
      'GET',
      '/users/{id}',
      '(409)',
      ':',
      ',',
      'enum (a, b)',
      'unique',
      '<x>',
      '1-5',
      '**',
      '```',
      'cannot be',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join(' ')),
          fc.array(word).map((words) => board({ rules: [words.join(' ')], fields: [words.join(' ')] })),
        ),
        (text) => {
          expect(['read', 'unusable']).toContain(readSpec(text).kind);
        },
      ),
      { numRuns: 80, seed: 7 },
    );
  });

  it('gives the same model each time', () => {
    expect(JSON.stringify(readSpec(tracker))).toBe(JSON.stringify(readSpec(tracker)));
  });
});
