/**
 * Tests of the rules about two times of a row: which comes first, and that no two rows of one thing overlap.
 */
import { fieldNamed, resourceNamed, type SpecResource } from '../spec-model.js';
import type { RuleOf } from '../spec-rules.js';
import type { Build } from './build.js';
import { namesOf } from './names.js';
import { pyString } from './python-text.js';
import { exchange, type PythonTest, refusedBy } from './test-case.js';
import { withArgument } from './test-creates.js';
import { requestParts } from './test-request.js';
import { jsonValue } from './test-values.js';

function makerOf(resource: SpecResource) {
  return resource.endpoints.find(({ kind }) => kind === 'create' || kind === 'nested_create');
}

export function orderTests(build: Build, resource: SpecResource, rule: RuleOf<'order'>): PythonTest[] {
  const endpoint = makerOf(resource);
  const first = fieldNamed(resource, rule.first);
  const second = fieldNamed(resource, rule.second);
  if (!endpoint || !first || !second || first.create === 'never' || second.create === 'never') return [];
  const { setup, call, actor } = requestParts(build, resource, endpoint);
  const values = [`${first.name}=${jsonValue(first, 1)}`, `${second.name}=${jsonValue(second, 0)}`];
  const sent = values.reduce((text, value) => withArgument(text, resource, value), call(actor.argument));
  return [
    {
      name: `the_${second.name}_of_a_${resource.singular}_is_not_before_its_${first.name}`,
      lines: exchange([...setup, ...actor.setup], sent, refusedBy(build, rule.refusal)),
    },
  ];
}

export function overlapTests(build: Build, resource: SpecResource, rule: RuleOf<'no_overlap'>): PythonTest[] {
  const endpoint = makerOf(resource);
  const type = fieldNamed(resource, rule.per)?.type;
  if (!endpoint || type?.kind !== 'reference') return [];
  const { setup, call, actor } = requestParts(build, resource, endpoint);
  const { row } = namesOf(resource);
  const nested = endpoint.kind === 'nested_create' && endpoint.field === rule.per;
  const parent = nested ? namesOf(resourceNamed(build.model, type.target)).row : rule.per.replace(/_id$/, '');
  const before = [...setup, ...actor.setup];
  const taken = (more: string) =>
    `${row} = await create_${resource.singular}(session, ${rule.per}=${parent}.id${more})`;
  const times = `start, end = ${row}.${rule.start}.isoformat(), ${row}.${rule.end}.isoformat()`;
  const sent = [`${rule.start}=start`, `${rule.end}=end`];
  const send = sent.reduce((text, value) => withArgument(text, resource, value), call(actor.argument));
  const label = rule.per.replace(/_id$/, '');
  const [away] = rule.unless?.values ?? [];
  return [
    {
      name: `two_${resource.name}_of_one_${label}_can_not_overlap`,
      lines: exchange([...before, taken(''), times], send, refusedBy(build, rule.refusal)),
    },
    ...(rule.unless && typeof away === 'string'
      ? [
          {
            name: `the_time_of_a_${away.toLowerCase().replace(/[^a-z0-9]+/g, '_')}_${resource.singular}_is_free`,
            lines: exchange([...before, taken(`, ${rule.unless.field}=${pyString(away)}`), times], send, [
              'assert response.status_code == 201',
            ]),
          },
        ]
      : []),
  ];
}
