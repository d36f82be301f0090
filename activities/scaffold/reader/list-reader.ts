/**
 * Reads filters, sorting and pagination of a resource. Pure; gives null for what it doesn't understand.
 */
import type { ListFilter } from '../spec-endpoints.js';
import { valueList } from './field-phrases.js';
import { splitTop } from './field-reader.js';
import type { DraftField, DraftResource, Guess } from './spec-draft.js';
import { identifier } from './spec-names.js';
import { fieldIn, openValues, valuesIn } from './vocabulary.js';

export interface ListReading {
  readonly apply: () => void;
  readonly guesses: readonly Guess[];
  /** Line of an earlier statement that says something else. */
  readonly clash?: number;
}

const NOT_FILTERABLE: ReadonlySet<string> = new Set(['json', 'text']);
const isTime = (field: DraftField): boolean => field.type?.kind === 'datetime' || field.type?.kind === 'date';

const plainWords = (text: string): string => text.replace(/[`*]/g, '').replace(/\s+/g, ' ').replace(/\.$/, '').trim();

/** One statement under 'filters': as a whole, else every part of the list by itself. */
export function readFilters(resource: DraftResource, text: string): ListReading | null {
  const plain = plainWords(text.replace(/ \| (?:equals?|exact|exact match|filter)$/i, '').replace(/ \| /, ': '));
  const whole = readFilter(resource, plain);
  const parts = splitTop(plain);
  if (whole || parts.length < 2) return whole;
  const readings = parts.map((part) => readFilter(resource, part));
  if (!readings.every((reading) => reading !== null)) return null;
  return {
    guesses: readings.flatMap(({ guesses }) => guesses),
    apply: () => {
      for (const reading of readings) reading.apply();
    },
  };
}

function readFilter(resource: DraftResource, plain: string): ListReading | null {
  const search = readSearch(resource, plain);
  if (search) return search;
  const overdue = readOverdue(resource, plain);
  if (overdue) return overdue;
  const words = plain.replace(/^(?:filter(?:ed|able|s)?\b)?\s*(?:(?:by|on)\b)?\s*:?\s*/i, '');
  const described = /^([\w-]+)\s*(?::|\s-+\s|\()\s*(.*?)\)?$/.exec(words);
  const names =
    described && isPlainDescription(resource, described[1] ?? '', described[2] ?? '') ? (described[1] ?? '') : words;
  const filters = valueList(names).map((name) => filterCalled(resource, name));
  if (filters.length === 0 || !filters.every((filter) => filter !== null)) return null;
  const guesses = filters.flatMap(({ guess }) => guess);
  return {
    guesses,
    apply: () =>
      addFilters(
        resource,
        filters.map(({ filter }) => filter),
      ),
  };
}

/** A description that says nothing beyond the name: `exact match`, `enum value`, the values of the field. */
function isPlainDescription(resource: DraftResource, name: string, words: string): boolean {
  const field = fieldIn(resource, name);
  if (field && valuesIn(resource, words.toLowerCase())?.field === field.name) return true;
  return /^(?:exact(?: match)?|equals?|by (?:exact )?value|true\/false|true or false|boolean|enum|date|datetime|integer|id of (?:the )?\w+)$/i.test(
    words,
  );
}

function addFilters(resource: DraftResource, filters: readonly ListFilter[]): void {
  for (const filter of filters) {
    if (!resource.list.filters.some((known) => known.param === filter.param)) resource.list.filters.push(filter);
  }
}

function filterCalled(resource: DraftResource, written: string): { filter: ListFilter; guess: Guess[] } | null {
  const param = identifier(written);
  if (!param) return null;
  const time = /^(?<stem>\w+?)_(?<kind>before|after)$/.exec(param)?.groups;
  if (time) {
    const fields = resource.fields.filter(
      (field) => isTime(field) && (field.name === time['stem'] || field.name.startsWith(`${time['stem']}_`)),
    );
    const [field] = fields;
    if (!field || fields.length > 1) return null;
    return { filter: { kind: time['kind'] === 'before' ? 'before' : 'after', param, field: field.name }, guess: [] };
  }
  const field = fieldIn(resource, param);
  if (!field || field.secret || NOT_FILTERABLE.has(field.type?.kind ?? '')) return null;
  const guess = { rule: 'filter-by-label', note: `parameter '${param}' filters ${field.name}` };
  return { filter: { kind: 'equals', param, field: field.name }, guess: field.name === param ? [] : [guess] };
}

const SEARCH =
  /^(?:free[- ]text |full[- ]text |text )?(search|q|query)(?:\s*(?:\(\w+\))?\s*(?::|-+|\()?\s*(?:looks?|searches|matches|case[- ]insensitive)?\s*(?:in|on|over|by|across|of)?\s*(?:the )?)(.+?)\)?$/i;

function readSearch(resource: DraftResource, plain: string): ListReading | null {
  const match = SEARCH.exec(plain);
  if (!match) return null;
  const fields = valueList(match[2] ?? '').map((word) => fieldIn(resource, word.toLowerCase()));
  const texts = fields.filter(
    (field) => field !== null && ['string', 'text', 'email'].includes(field.type?.kind ?? '') && !field.secret,
  );
  if (fields.length === 0 || texts.length !== fields.length) return null;
  const names = texts.flatMap((field) => (field ? [field.name] : []));
  return {
    guesses: [],
    apply: () => {
      resource.list.searchParam = (match[1] ?? 'search').toLowerCase();
      resource.list.search = [...new Set([...(resource.list.search ?? []), ...names])];
    },
  };
}

const OVERDUE = /^(?<param>is_overdue|overdue)(?:\s*(?::|-+|\()\s*(?<words>.+?)\)?)?$/i;
const OVERDUE_WORDS =
  /^(?:has (?:a )?)?(?:the )?(?<field>[\w ]+?) (?:is |lies )?(?:in the past|before now|has passed|passed)(?:,? (?:and|but) (?:is |still )?(?:not|neither) (?<values>[\w ]+?(?:,? (?:or|nor|and) [\w ]+?)*))?$/i;

function readOverdue(resource: DraftResource, plain: string): ListReading | null {
  const groups = OVERDUE.exec(plain)?.groups;
  if (!groups) return null;
  const words = groups['words'] === undefined ? null : OVERDUE_WORDS.exec(groups['words'])?.groups;
  if (words === undefined) return null;
  const param = (groups['param'] ?? '').toLowerCase();
  const dates = resource.fields.filter((one) => isTime(one) && /^(?:due|deadline)/.test(one.name));
  const field = words ? fieldIn(resource, (words['field'] ?? '').toLowerCase()) : dates.length === 1 ? dates[0] : null;
  if (!field || !isTime(field)) return null;
  const listed = words?.['values']?.toLowerCase().replace(/\bnor\b/g, 'or');
  const unless = listed === undefined ? (words ? null : finalValues(resource)) : valuesIn(resource, listed);
  if (listed !== undefined && !unless) return null;
  const filter: ListFilter = { kind: 'overdue', param, field: field.name, unless };
  const guess = {
    rule: 'overdue-by-name',
    note: `overdue = ${field.name} in the past${unless ? ` and ${unless.field} not ${unless.values.join(' or ')}` : ''}`,
  };
  return { guesses: words ? [] : [guess], apply: () => addFilters(resource, [filter]) };
}

function finalValues(resource: DraftResource): { field: string; values: (string | number | boolean | null)[] } | null {
  const open = openValues(resource);
  const type = resource.fields.find((field) => field.name === open?.field)?.type;
  if (!open || type?.kind !== 'enum') return null;
  return { field: open.field, values: type.values.filter((value) => !open.values.includes(value)) };
}

const DEFAULT_FIRST = /^(?:the )?defaults?(?: sort(?:ing)?| order)?(?: is| to)?(?: by)?\s*:?\s*(.+)$/i;
const DEFAULT_LAST = /^(.+?)[\s,(]+(?:by default|is (?:the )?default|as default|\(?default)\)?$/i;

/** One statement under 'sorting': the sortable fields, the default, or both. Null when a word names no field. */
export function readSorting(resource: DraftResource, text: string, line: number): ListReading | null {
  const marked = plainWords(text).replace(/(\S+)\s*\(default\)(.*)$/i, '$1$2; default $1');
  const clauses = marked.split(/;\s*|,\s*(?=default\b)|\s*\((?=default\b.*\w\)?$)|\s+(?=default\b\W*\w)/i);
  const fields: string[] = [];
  let chosen: { field: string; descending: boolean } | null = null;
  for (const clause of clauses.map((one) => one.trim()).filter((one) => one !== '')) {
    const words = DEFAULT_FIRST.exec(clause)?.[1] ?? DEFAULT_LAST.exec(clause)?.[1];
    const only = words === undefined ? newestFirst(resource, clause) : defaultSort(resource, words.replace(/\)$/, ''));
    const listed = words === undefined && !only ? sortFields(resource, clause) : [];
    if (listed === null || (words !== undefined && !only)) return null;
    fields.push(...listed);
    chosen = only ?? chosen;
  }
  if (fields.length === 0 && !chosen) return null;
  const before = resource.list.default;
  const differs = before && chosen && (before.field !== chosen.field || before.descending !== chosen.descending);
  return {
    guesses: [],
    ...(differs ? { clash: before.line } : {}),
    apply: () => {
      resource.list.sort = [...new Set([...resource.list.sort, ...fields])];
      if (chosen) resource.list.default = { ...chosen, line };
    },
  };
}

function sortFields(resource: DraftResource, words: string): string[] | null {
  const plain = words
    .replace(/^(?:sort(?:ed|able|ing)?|order(?:ed)?)?\s*(?:by|on|:)?\s*/i, '')
    .replace(/\s*\((?:asc|ascending|desc|descending|both|asc\/desc|or)[^)]*\)\s*$/i, '');
  if (plain.trim() === '') return [];
  const found = valueList(plain).map((word) => fieldIn(resource, word.toLowerCase()));
  const sortable = found.flatMap((field) =>
    field && !field.secret && field.type?.kind !== 'json' ? [field.name] : [],
  );
  return sortable.length === found.length ? sortable : null;
}

function defaultSort(resource: DraftResource, words: string): { field: string; descending: boolean } | null {
  const plain = words.trim().toLowerCase();
  const newest = newestFirst(resource, plain);
  if (newest) return newest;
  const match =
    /^(?<minus>-)?(?<field>[\w ]+?)(?:[ ,(]+(?<way>asc|desc|ascending|descending|newest first|oldest first)\)?)?$/.exec(
      plain,
    )?.groups;
  const field = match ? fieldIn(resource, match['field'] ?? '') : null;
  if (!field || field.count !== null) return null;
  return {
    field: field.name,
    descending: match?.['minus'] !== undefined || /^(?:desc|newest)/.test(match?.['way'] ?? ''),
  };
}

function newestFirst(resource: DraftResource, words: string): { field: string; descending: boolean } | null {
  const match = /^(newest|latest|most recent|oldest)(?: ones)? first$/.exec(words.trim().toLowerCase());
  const field =
    resource.fields.find((one) => one.name === 'created_at') ?? resource.fields.find((one) => one.stamp === 'created');
  return match && field ? { field: field.name, descending: match[1] !== 'oldest' } : null;
}

const PAGE_PHRASES: readonly RegExp[] = [
  /^(?:default )?page[ _]size:? (?:is |of |default )?(?<size>\d+)(?: by default)?,? ?(?:and |\()?(?:max(?:imum)?(?: page size)?|at most|up to)(?: of)?:? (?<max>\d+)\)?$/,
  /^(?:paginated|pages?)?,?:? ?(?<size>\d+) (?:items |rows |\w+ )?(?:per|a) page(?: by default)?,? ?(?:and |\()?(?:max(?:imum)?|at most|up to)(?: of)?:? (?<max>\d+)\)?$/,
  /^(?:paginated|pages?)?,?:? ?(?<size>\d+) (?:items |rows |\w+ )?(?:per|a) page(?: by default)?$/,
  /^(?:default )?page[ _]size:? (?:is |of )?(?<size>\d+)(?: by default)?$/,
  /^default:? (?<size>\d+),? ?(?:max(?:imum)?|at most):? (?<max>\d+)$/,
  /^max(?:imum)? (?:page[ _]size):? (?:is |of )?(?<max>\d+)$/,
];

/** One statement under 'pagination'. */
export function readPaging(resource: DraftResource, text: string, line: number): ListReading | null {
  const plain = text.replace(/[`*]/g, '').replace(/\s+/g, ' ').replace(/\.$/, '').trim().toLowerCase();
  const groups = PAGE_PHRASES.map((pattern) => pattern.exec(plain)?.groups).find((found) => found !== undefined);
  const size = groups?.['size'] === undefined ? null : Number(groups['size']);
  const max = groups?.['max'] === undefined ? null : Number(groups['max']);
  if (!groups || size === 0 || max === 0 || (max ?? 0) > 10_000 || (size ?? 0) > (max ?? 10_000)) return null;
  const differs = size !== null && resource.list.pageSize !== null && resource.list.pageSize !== size;
  return {
    guesses: [],
    ...(differs ? { clash: resource.list.pageLine } : {}),
    apply: () => {
      resource.list.pageSize = size ?? resource.list.pageSize;
      resource.list.pageMax = max ?? resource.list.pageMax;
      resource.list.pageLine = line;
    },
  };
}
