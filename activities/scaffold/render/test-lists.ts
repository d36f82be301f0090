/**
 * Tests of lists: their pages, filters, sorts and searches.
 */
import type { EndpointOf } from '../spec-endpoints.js';
import { fieldNamed, resourceNamed, type SpecField, type SpecResource } from '../spec-model.js';
import type { Build } from './build.js';
import { type ListEndpoint, listUse } from './lists.js';
import { namesOf } from './names.js';
import { pyString } from './python-text.js';
import { exchange, type PythonTest } from './test-case.js';
import { filterTests, type ListScope } from './test-filters.js';
import { pathOf } from './test-request.js';
import { modelValue } from './test-values.js';

export function listTests(build: Build, resource: SpecResource, endpoint: ListEndpoint): PythonTest[] {
  const { query } = listUse(build, resource, endpoint);
  const main = endpoint.rows === resource.name && (endpoint.kind === 'list' || query.options === endpoint.list);
  if (endpoint.kind === 'nested_list' && endpoint.link) return linkedRowsTests(build, resource, endpoint);
  const scope = listScope(build, endpoint);
  const label = nameOf(endpoint, resource, build);
  return [
    ...pageTests(build, endpoint, scope, label),
    ...(main
      ? [
          ...endpoint.list.filters.flatMap((filter) => filterTests(build, resource, filter, scope, label)),
          ...sortTests(build, resource, endpoint, scope, label),
          ...searchTests(build, resource, endpoint, scope, label),
        ]
      : []),
  ];
}

function listScope(build: Build, endpoint: ListEndpoint): ListScope {
  const path = pathOf(build, endpoint);
  const parent = endpoint.params[0];
  if (!parent || endpoint.kind !== 'nested_list') return { setup: [], path, inside: '' };
  const { row, module } = namesOf(resourceNamed(build.model, parent.resource));
  return { setup: [`${row} = await create_${module}(session)`], path, inside: `, ${endpoint.field}=${row}.id` };
}

function nameOf(endpoint: ListEndpoint, resource: SpecResource, build: Build): string {
  const parent = endpoint.params[0];
  return parent && endpoint.kind === 'nested_list'
    ? `${resource.name}_of_a_${resourceNamed(build.model, parent.resource).singular}`
    : resource.name;
}

function pageTests(build: Build, endpoint: ListEndpoint, scope: ListScope, label: string): PythonTest[] {
  if (endpoint.kind === 'link_list') return [];
  const { items, total, page, page_size, total_pages } = build.model.page;
  const { singular, name } = resourceNamed(build.model, endpoint.rows);
  const stored = ['for _ in range(3):', `    await create_${singular}(session${scope.inside})`];
  const get = (params: string) => `await client.get(${scope.path}, params=${params})`;
  const paged: PythonTest = {
    name: `${label}_are_listed_in_pages`,
    lines: exchange([...scope.setup, ...stored], get(`{"${page}": 1, "${page_size}": 2}`), [
      'assert response.status_code == 200',
      `assert len(response.json()["${items}"]) == 2`,
      `assert response.json()["${total}"] == ${name === build.userName ? 4 : 3}`,
      `assert response.json()["${total_pages}"] == 2`,
    ]),
  };
  const past: PythonTest = {
    name: `${label}_end_with_an_empty_page`,
    lines: exchange(scope.setup, get(`{"${page}": 1000}`), [
      'assert response.status_code == 200',
      `assert response.json()["${items}"] == []`,
    ]),
  };
  const tooLong = String(endpoint.list.page_size.max + 1);
  const impossible: PythonTest = {
    name: `${label}_are_not_listed_in_impossible_pages`,
    parameters: {
      names: ['page_number', 'size'],
      rows: [
        ['0', '10'],
        ['1', '0'],
        ['1', tooLong],
        ['10**25', '10'],
      ],
    },
    lines: exchange([...scope.setup, `params = {"${page}": page_number, "${page_size}": size}`], get('params'), [
      'assert response.status_code == 422',
    ]),
  };
  return [paged, past, impossible];
}

function sortTests(
  build: Build,
  resource: SpecResource,
  endpoint: ListEndpoint,
  scope: ListScope,
  label: string,
): PythonTest[] {
  const { sort } = endpoint.list;
  const rows = sort.fields.flatMap(({ name }) => {
    const field = fieldNamed(resource, name);
    const usable = field && field.source !== 'count' && !['reference', 'json'].includes(field.type.kind);
    return usable ? [[pyString(name), modelValue(resource, field, 0), modelValue(resource, field, 1)]] : [];
  });
  if (sort.param === null || rows.length === 0) return [];
  const { singular } = resource;
  return [
    {
      name: `${label}_are_sorted_both_ways`,
      parameters: { names: ['field', 'low', 'high'], rows },
      lines: [
        ...scope.setup,
        `first = await create_${singular}(session${scope.inside}, **{field: low})`,
        `second = await create_${singular}(session${scope.inside}, **{field: high})`,
        '',
        `up = await client.get(${scope.path}, params={"${sort.param}": field})`,
        `down = await client.get(${scope.path}, params={"${sort.param}": f"-{field}"})`,
        '',
        `rising = [item["id"] for item in up.json()["${build.model.page.items}"]]`,
        `falling = [item["id"] for item in down.json()["${build.model.page.items}"]]`,
        'assert rising.index(first.id) < rising.index(second.id)',
        'assert falling.index(second.id) < falling.index(first.id)',
      ],
    },
    {
      name: `${label}_are_not_sorted_by_an_unknown_field`,
      lines: [
        ...scope.setup,
        '',
        `response = await client.get(${scope.path}, params={"${sort.param}": "no_such_field"})`,
        '',
        'assert response.status_code == 422',
      ],
    },
  ];
}

function searchTests(
  build: Build,
  resource: SpecResource,
  endpoint: ListEndpoint,
  scope: ListScope,
  label: string,
): PythonTest[] {
  const { search } = endpoint.list;
  const fields = (search?.fields ?? []).filter((name) => isFreeText(fieldNamed(resource, name)));
  if (!search || fields.length === 0) return [];
  const { singular } = resource;
  return [
    {
      name: `${label}_are_found_by_a_part_of_their_text`,
      parameters: { names: ['field'], rows: fields.map((name) => [pyString(name)]) },
      lines: [
        ...scope.setup,
        `matching = await create_${singular}(session${scope.inside}, **{field: "a 100% match"})`,
        `await create_${singular}(session${scope.inside}, **{field: "a 100 match"})`,
        '',
        `response = await client.get(${scope.path}, params={"${search.param}": "100% MATCH"})`,
        '',
        `assert [item["id"] for item in response.json()["${build.model.page.items}"]] == [matching.id]`,
      ],
    },
  ];
}

function isFreeText(field: SpecField | undefined): boolean {
  if (field?.type.kind !== 'string' && field?.type.kind !== 'text') return false;
  return (field.type.max_length ?? 200) >= 12;
}

function linkedRowsTests(build: Build, resource: SpecResource, endpoint: EndpointOf<'nested_list'>): PythonTest[] {
  const { link } = resource;
  if (!link) return [];
  const rows = namesOf(resourceNamed(build.model, endpoint.rows));
  const parent = namesOf(resourceNamed(build.model, endpoint.params[0]?.resource ?? endpoint.parent));
  const far = link.left_field === endpoint.field ? link.right_field : link.left_field;
  return [
    {
      name: `${rows.plural}_are_listed_by_${parent.module}`,
      lines: [
        `${parent.row} = await create_${parent.module}(session)`,
        `linked = await create_${rows.module}(session)`,
        `await create_${rows.module}(session)`,
        `await create_${resource.singular}(session, ${endpoint.field}=${parent.row}.id, ${far}=linked.id)`,
        '',
        `response = await client.get(${pathOf(build, endpoint)})`,
        '',
        `assert [item["id"] for item in response.json()["${build.model.page.items}"]] == [linked.id]`,
      ],
    },
  ];
}
