/**
 * The function that turns a list query into a SELECT: filters, search, whitelisted sorts with the id as tiebreak.
 */

import type { ListFilter } from '../spec-endpoints.js';
import { fieldNamed, type SpecResource } from '../spec-model.js';
import { activeFields, type Build } from './build.js';
import { type ListQuery, sortFields } from './lists.js';
import { enumName, literalsOf, namesOf } from './names.js';
import { either } from './python-text.js';
import { renderTemplate } from './template.js';

export function selectFunction(build: Build, query: ListQuery): string {
  const { rows, options } = query;
  const filters = options.filters.filter(({ field }) => activeFields(build, rows).some(({ name }) => name === field));
  const sorts = sortFields(build, query);
  const declared = sorts.filter((sort) => sort.declared).map(({ field }) => field);
  const sortable = options.sort.param !== null && sorts.length > 0;
  const names = namesOf(rows);
  return renderTemplate('resource/select.py', {
    ...names,
    query,
    constant: `${query.className.replace(/Query$/, '').replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_')}_SORTS`.toUpperCase(),
    declared: declared.map(({ name }) => ({ name, constant: rankName(rows, name), enumName: enumName(rows, name) })),
    sorts: sortable ? sorts.flatMap(({ field }) => sortEntries(rows, field, declared.includes(field))) : [],
    sortParam: options.sort.param,
    fixedSort: fixedSort(rows, options.sort.default),
    filters: filters.map((filter) => filterView(rows, filter)),
    search: options.search,
    deletedAt: rows.soft_delete?.kind === 'timestamp' ? rows.soft_delete.field : null,
    plainKey: rows.link === null,
  });
}

function rankName(rows: SpecResource, field: string): string {
  return `${rows.singular}_${field}_rank`.toUpperCase();
}

function sortEntries(rows: SpecResource, field: SpecResource['fields'][number], declared: boolean) {
  const column = declared ? rankName(rows, field.name) : `${rows.class_name}.${field.name}`;
  const last = field.nullable ? '.nulls_last()' : '';
  return [
    { key: field.name, order: `${column}.asc()` },
    { key: `-${field.name}`, order: `${column}.desc()${last}` },
  ];
}

function fixedSort(rows: SpecResource, sort: { field: string; descending: boolean }): string {
  const last = sort.descending && fieldNamed(rows, sort.field)?.nullable ? '.nulls_last()' : '';
  return `${rows.class_name}.${sort.field}${sort.descending ? '.desc()' : ''}${last}`;
}

function filterView(rows: SpecResource, filter: ListFilter) {
  const column = `${rows.class_name}.${filter.field}`;
  const value = `query.${filter.param}`;
  if (filter.kind === 'equals') return { param: filter.param, condition: `${column} == ${value}`, overdue: null };
  if (filter.kind === 'before') return { param: filter.param, condition: `${column} < ${value}`, overdue: null };
  if (filter.kind === 'after') return { param: filter.param, condition: `${column} > ${value}`, overdue: null };
  const now = fieldNamed(rows, filter.field)?.type.kind === 'date' ? 'utc_now().date()' : 'utc_now()';
  const unless = filter.unless
    ? `${rows.class_name}.${filter.unless.field}.not_in([${literalsOf(rows, filter.unless.field, filter.unless.values).join(', ')}])`
    : null;
  const terms = [`${column}.is_not(None)`, `${column} < ${now}`, ...(unless ? [unless] : [])];
  const meaning = `Past its ${filter.field.replaceAll('_', ' ')}${filter.unless ? `, and not ${either(filter.unless.values.map(String))}` : ''}.`;
  return { param: filter.param, condition: '', overdue: terms.join(', '), meaning };
}
