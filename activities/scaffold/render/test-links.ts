/**
 * Tests of what links two resources: adding, removing, listing.
 */

import type { EndpointOf } from '../spec-endpoints.js';
import { resourceNamed, rulesOf, type SpecResource } from '../spec-model.js';
import type { Build } from './build.js';
import { namesOf } from './names.js';
import { exchange, expectError, type PythonTest } from './test-case.js';
import { pathOf, requestParts } from './test-request.js';

export function linkTests(
  build: Build,
  resource: SpecResource,
  endpoint: EndpointOf<'link_add' | 'link_remove' | 'link_list'>,
): PythonTest[] {
  if (endpoint.kind === 'link_add') return addTests(build, resource, endpoint);
  return endpoint.kind === 'link_remove'
    ? removeTests(build, resource, endpoint)
    : listTests(build, resource, endpoint);
}

function endsOf(build: Build, { link }: SpecResource) {
  if (!link) throw new Error('Only a link resource links. This is a defect of the reader.');
  const left = namesOf(resourceNamed(build.model, link.left));
  return { left, right: namesOf(resourceNamed(build.model, link.right)), link };
}

function addTests(build: Build, resource: SpecResource, endpoint: EndpointOf<'link_add'>): PythonTest[] {
  const { left, right } = endsOf(build, resource);
  const { setup, call, actor } = requestParts(build, resource, endpoint);
  const before = [...setup, ...actor.setup];
  const ids = (value: string) => call(actor.argument).replace(/: \[\w+\.id\]/, `: ${value}`);
  const linked = [
    `assert response.status_code == ${endpoint.status}`,
    `assert [item["id"] for item in response.json()] == [${right.row}.id]`,
  ];
  const twice: PythonTest = {
    name: `adding_a_${right.module}_twice_changes_nothing`,
    lines: exchange([...before, linkLine(resource, left.row, right.row)], call(actor.argument), linked),
  };
  const idempotent = rulesOf(resource, 'link_idempotent').some(({ endpoints }) => endpoints.includes(endpoint.id));
  return [
    { name: `${right.plural}_are_added_to_a_${left.module}`, lines: exchange(before, call(actor.argument), linked) },
    {
      name: `a_${right.module}_that_does_not_exist_can_not_be_added`,
      lines: exchange(before, ids(`[${right.row}.id, 999_999]`), [
        'assert response.status_code == 422',
        `assert list(response.json()["${build.model.errors.keys.fields}"]) == ["${endpoint.ids_param}"]`,
      ]),
    },
    {
      name: `between_one_and_${endpoint.max}_${right.plural}_are_added_at_once`,
      parameters: { names: ['ids'], rows: [['[]'], [`[1] * ${endpoint.max + 1}`]] },
      lines: exchange(
        before.filter((line) => !line.startsWith(`${right.row} = `)),
        ids('ids'),
        ['assert response.status_code == 422'],
      ),
    },
    ...(idempotent ? [twice] : []),
  ];
}

function linkLine({ singular, link }: SpecResource, left: string, right: string): string {
  return `await create_${singular}(session, ${link?.left_field}=${left}.id, ${link?.right_field}=${right}.id)`;
}

function removeTests(build: Build, resource: SpecResource, endpoint: EndpointOf<'link_remove'>): PythonTest[] {
  const { left, right } = endsOf(build, resource);
  const { setup, call, actor } = requestParts(build, resource, endpoint);
  const rule = rulesOf(resource, 'link_missing').find(({ endpoints }) => endpoints.includes(endpoint.id));
  const unlinked = setup.filter((line) => !line.includes(`create_${resource.singular}(`));
  const tests: PythonTest[] = [
    {
      name: `a_${right.module}_is_removed_from_a_${left.module}`,
      lines: [
        ...setup,
        ...actor.setup,
        '',
        `response = ${call(actor.argument)}`,
        '',
        `assert response.status_code == ${endpoint.status}`,
      ],
    },
  ];
  if (!rule) return tests;
  return [
    ...tests,
    {
      name: `a_${right.module}_that_is_not_on_the_${left.module}_can_not_be_removed`,
      lines: [
        ...unlinked,
        ...actor.setup,
        '',
        `response = ${call(actor.argument)}`,
        '',
        ...expectError(rule.refusal.status, build.model.errors.keys.code, rule.refusal.error_code),
      ],
    },
  ];
}

function listTests(build: Build, resource: SpecResource, endpoint: EndpointOf<'link_list'>): PythonTest[] {
  const { left, right, link } = endsOf(build, resource);
  return [
    {
      name: `the_${right.plural}_of_a_${left.module}_are_listed`,
      lines: [
        `${left.row} = await create_${left.module}(session)`,
        `${right.row} = await create_${right.module}(session)`,
        `await create_${right.module}(session)`,
        `await create_${resource.singular}(session, ${link.left_field}=${left.row}.id, ${link.right_field}=${right.row}.id)`,
        '',
        `response = await client.get(${pathOf(build, endpoint)})`,
        '',
        `assert [item["id"] for item in response.json()["${build.model.page.items}"]] == [${right.row}.id]`,
      ],
    },
  ];
}
