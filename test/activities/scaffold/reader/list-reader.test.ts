import { describe, expect, it } from '@jest/globals';
import type { ListOptions } from '../../../../activities/scaffold/spec-endpoints.js';
import { board, modelOf, resourceIn } from './sample.js';

/** Options of the list of cards with sections added; null when a line is UNRESOLVED. */
function listWith(part: 'Filters' | 'Sorting' | 'Pagination', line: string): ListOptions | null {
  const model = modelOf(board({ sections: `## Cards\n\n### ${part}\n- ${line}\n` }));
  if (model.statements.some((statement) => statement.class === 'UNRESOLVED')) return null;
  const list = resourceIn(model, 'cards').endpoints.find((endpoint) => endpoint.kind === 'list');
  return list?.kind === 'list' ? list.list : null;
}

describe('filters', () => {
  it.each([
    ['`state`, `size`', ['state', 'size']],
    ['by state and size', ['state', 'size']],
    ['Filter by: state', ['state']],
    ['assignee', ['assignee']],
    ['due_before, due_after', ['due_before', 'due_after']],
    ['is_overdue: due_on in the past and not done', ['is_overdue']],
    ['overdue', ['overdue']],
  ])('are read from "%s"', (line, params) => {
    expect(listWith('Filters', line)?.filters.map(({ param }) => param)).toEqual(params);
  });

  it.each(['search: looks in title and slug', 'search (title, slug)', 'search by title or slug'])(
    'search is read from "%s"',
    (line) => {
      expect(listWith('Filters', line)?.search).toEqual({ param: 'search', fields: ['title', 'slug'] });
    },
  );

  it('overdue has its meaning from the words or, as a guess, from the fields', () => {
    const meaning = { kind: 'overdue', field: 'due_on', unless: { field: 'state', values: ['done'] } };
    expect(listWith('Filters', 'is_overdue: due_on is in the past and not done')?.filters).toMatchObject([meaning]);
    expect(listWith('Filters', 'overdue')?.filters).toMatchObject([meaning]);
  });

  it.each([
    'weight',
    'state or moon phase',
    'search: looks in state',
    'is_overdue: whenever it feels so',
    'state: only on Mondays',
  ])('are not guessed from "%s"', (line) => {
    expect(listWith('Filters', line)).toBeNull();
  });
});

describe('sorting', () => {
  it.each([
    [
      'By `title`, `due_on` or `size`; default `-due_on`',
      ['title', 'due_on', 'size'],
      { field: 'due_on', descending: true },
    ],
    ['title, size, default title', ['title', 'size'], { field: 'title', descending: false }],
    ['title (default), size', ['title', 'size'], { field: 'title', descending: false }],
    ['default: due_on descending', [], { field: 'due_on', descending: true }],
    ['created_at; newest first by default', ['created_at'], { field: 'created_at', descending: true }],
  ])('is read from "%s"', (line, fields, chosen) => {
    const sort = listWith('Sorting', line)?.sort;
    expect(sort?.fields.map(({ name }) => name)).toEqual(fields);
    expect(sort?.default).toEqual(chosen);
  });

  it('puts enum values in the order of the spec', () => {
    expect(listWith('Sorting', 'size')?.sort.fields).toEqual([{ name: 'size', order: 'declared' }]);
  });

  it.each(['by mood', 'title, default mood'])('is not guessed from "%s"', (line) => {
    expect(listWith('Sorting', line)).toBeNull();
  });
});

describe('pagination', () => {
  it.each([
    ['Default page size 10, maximum 40', 10, 40],
    ['10 per page, max 40', 10, 40],
    ['page_size: 10 (max 40)', 10, 40],
    ['Paginated, 10 items per page', 10, 100],
  ])('is read from "%s"', (line, size, max) => {
    expect(listWith('Pagination', line)?.page_size).toEqual({ default: size, max });
  });

  it.each(['Default page size 50, maximum 20', 'page size 0, max 10', 'infinite scroll'])(
    'is not guessed from "%s"',
    (line) => {
      expect(listWith('Pagination', line)).toBeNull();
    },
  );
});
