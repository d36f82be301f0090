/**
 * Tests of the filters of a list.
 */
import type { ListFilter } from '../spec-endpoints.js';
import { fieldNamed, resourceNamed, type SpecField, type SpecResource } from '../spec-model.js';
import type { Build } from './build.js';
import { namesOf } from './names.js';
import type { PythonTest } from './test-case.js';
import { jsonValue, modelValue } from './test-values.js';

export interface ListScope {
  readonly setup: readonly string[];
  readonly path: string;
  /** Arguments of the factory that put a row into the list. */
  readonly inside: string;
}

export function filterTests(
  build: Build,
  resource: SpecResource,
  filter: ListFilter,
  scope: ListScope,
  label: string,
): PythonTest[] {
  const field = fieldNamed(resource, filter.field);
  if (!field || field.source === 'count') return [];
  const example = filterExample(build, resource, filter, field);
  if (!example) return [];
  const { singular } = resource;
  const { items } = build.model.page;
  return [
    {
      name: `${label}_are_filtered_by_${filter.param}`,
      lines: [
        ...scope.setup,
        ...example.setup,
        `matching = await create_${singular}(session${scope.inside}, ${example.matching})`,
        `other = await create_${singular}(session${scope.inside}${example.other === '' ? '' : `, ${example.other}`})`,
        '',
        `response = await client.get(${scope.path}, params={"${filter.param}": ${example.value}})`,
        '',
        `ids = [item["id"] for item in response.json()["${items}"]]`,
        'assert matching.id in ids',
        'assert other.id not in ids',
      ],
    },
  ];
}

interface FilterExample {
  readonly setup: readonly string[];
  readonly matching: string;
  readonly other: string;
  readonly value: string;
}

function filterExample(
  build: Build,
  resource: SpecResource,
  filter: ListFilter,
  field: SpecField,
): FilterExample | null {
  const name = field.name;
  if (filter.kind === 'overdue') {
    const past = field.type.kind === 'date' ? 'date(2020, 1, 1)' : 'datetime(2020, 1, 1, tzinfo=UTC)';
    return { setup: [], matching: `${name}=${past}`, other: `${name}=${modelValue(resource, field)}`, value: 'True' };
  }
  const [low, high] = [`${name}=${modelValue(resource, field, 0)}`, `${name}=${modelValue(resource, field, 1)}`];
  if (filter.kind === 'before') return { setup: [], matching: low, other: high, value: jsonValue(field, 1) };
  if (filter.kind === 'after') return { setup: [], matching: high, other: low, value: jsonValue(field, 0) };
  if (field.type.kind !== 'reference') return { setup: [], matching: low, other: high, value: jsonValue(field, 0) };
  const target = namesOf(resourceNamed(build.model, field.type.target));
  const row = name.replace(/_id$/, '');
  return {
    setup: [`${row} = await create_${target.module}(session)`],
    matching: `${name}=${row}.id`,
    other: '',
    value: `${row}.id`,
  };
}
