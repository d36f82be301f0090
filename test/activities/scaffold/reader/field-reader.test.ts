import { describe, expect, it } from '@jest/globals';
import { splitTop } from '../../../../activities/scaffold/reader/field-reader.js';
import type { SpecField } from '../../../../activities/scaffold/spec-model.js';
import { board, modelOf, resourceIn } from './sample.js';

/** The field that a line under Cards makes. */
function fieldFrom(line: string, name: string): SpecField | undefined {
  return resourceIn(modelOf(board({ fields: [line] })), 'cards').fields.find((field) => field.name === name);
}

describe('a line of a field', () => {
  it.each([
    'note: string, required, 1-40 characters',
    '`note` (string, required, 1..40 chars)',
    '**note**: varchar(40), not null, min 1',
    'note - string, mandatory, between 1 and 40 characters',
    'Note: required string, at least 1, at most 40 characters',
  ])('"%s" is a required text of 1 to 40 characters', (line) => {
    expect(fieldFrom(line, 'note')).toMatchObject({
      type: { kind: 'string', min_length: 1, max_length: 40 },
      create: 'required',
      nullable: false,
      update: true,
    });
  });

  it.each([
    ['cost: decimal(10,2), >= 0', { kind: 'decimal', precision: 10, scale: 2, min: 0, max: null }],
    ['cost: money, positive', { kind: 'decimal', precision: 12, scale: 2, min: 0.01 }],
    ['cost: int, 1-5', { kind: 'integer', min: 1, max: 5 }],
    ['cost: integer, greater than 0', { kind: 'integer', min: 1 }],
    ['cost: one of low, mid, high', { kind: 'enum', values: ['low', 'mid', 'high'] }],
    ['cost: enum(low|mid|high)', { kind: 'enum', values: ['low', 'mid', 'high'] }],
    ['cost (low/mid/high)', { kind: 'enum', values: ['low', 'mid', 'high'] }],
    ['cost: bool', { kind: 'boolean' }],
    ['cost: timestamp', { kind: 'datetime' }],
    ['cost: jsonb', { kind: 'json' }],
    ['cost: fk -> users.id', { kind: 'reference', target: 'users' }],
    ['cost: foreign key to projects', { kind: 'reference', target: 'projects' }],
    ['cost: text, up to 4000 characters', { kind: 'text', max_length: 4000 }],
  ])('"%s" has its type', (line, type) => {
    expect(fieldFrom(line, 'cost')?.type).toMatchObject(type);
  });

  it.each([
    ['flag: boolean, default true', true],
    ['flag: enum (todo, doing), default todo', 'todo'],
    ['flag: integer = 3', 3],
    ["flag: string, defaults to 'x y'", 'x y'],
  ])('"%s" has its default and is optional', (line, value) => {
    expect(fieldFrom(line, 'flag')).toMatchObject({ default: value, create: 'optional', nullable: false });
  });

  it.each([
    ['secret_code: string, required, write-only', { readable: false }],
    ['origin: string, required, immutable', { update: false, create: 'required' }],
    ['origin: string, optional, not accepted on create', { create: 'never', update: true }],
    ['created_at: datetime, set by the server', { source: 'created', create: 'never', update: false }],
    ['stars: integer, how many labels', { source: 'count' }],
  ])('"%s" says who may set it', (line, expected) => {
    expect(fieldFrom(line, line.split(':')[0] ?? '')).toMatchObject(expected);
  });

  it('without a type gets one from its name, as a guess', () => {
    const model = modelOf(board({ fields: ['website, optional'] }));
    expect(resourceIn(model, 'cards').fields.find(({ name }) => name === 'website')?.type).toMatchObject({
      kind: 'string',
      pattern: 'https?://.+',
    });
    expect(model.statements.find(({ text }) => text === 'website, optional')).toMatchObject({
      class: 'INFERRED',
      rule: 'type-from-name',
    });
  });

  it('with two types keeps the first and leaves the second open', () => {
    const model = modelOf(board({ fields: ['amount: integer, boolean, required'] }));
    expect(model.statements.filter(({ class: kind }) => kind === 'UNRESOLVED').map(({ text }) => text)).toEqual([
      'amount: boolean',
    ]);
  });
});

describe('splitting a line', () => {
  it('happens at commas outside of brackets only', () => {
    expect(splitTop('a (b, c), d [e, f]; g')).toEqual(['a (b, c)', 'd [e, f]', 'g']);
  });
});
