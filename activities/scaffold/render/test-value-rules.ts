/**
 * Tests of the rules about values: unique, active, not past, forbidden together, stamped, counted.
 */

import type { SpecEndpoint } from '../spec-endpoints.js';
import { fieldNamed, resourceNamed, type SpecResource } from '../spec-model.js';
import type { RuleOf } from '../spec-rules.js';
import type { Build } from './build.js';
import { functionName, namesOf } from './names.js';
import { pyScalar, pyString } from './python-text.js';
import { createFields, updateFields } from './schema-file.js';
import { type PythonTest, refusedBy } from './test-case.js';
import { withArgument } from './test-creates.js';
import { requestParts, safeValue } from './test-request.js';
import { jsonValue } from './test-values.js';

function createEndpoint(resource: SpecResource): SpecEndpoint | undefined {
  return resource.endpoints.find(({ kind }) => kind === 'create' || kind === 'nested_create');
}

export function uniqueTests(build: Build, resource: SpecResource, rule: RuleOf<'unique'>): PythonTest[] {
  const endpoint = createEndpoint(resource);
  const [name] = rule.fields;
  const field = name === undefined ? undefined : fieldNamed(resource, name);
  if (!endpoint || !field || rule.fields.length > 1 || field.create === 'never' || field.type.kind === 'reference')
    return [];
  const { setup, call, actor } = requestParts(build, resource, endpoint);
  const value = jsonValue(field);
  const taken = rule.case_insensitive ? `${value}.swapcase()` : value;
  const store = `await create_${resource.singular}(session, ${field.name}=${field.type.kind === 'email' && rule.case_insensitive ? value.toUpperCase() : taken})`;
  return [
    {
      name: `two_${resource.name}_can_not_share_${field.name === 'name' ? 'a_name' : `their_${field.name}`}`,
      lines: [
        ...setup,
        ...actor.setup,
        store,
        '',
        `response = ${call(actor.argument)}`,
        '',
        ...refusedBy(build, rule.refusal),
      ],
    },
  ];
}

export function referenceActiveTests(
  build: Build,
  resource: SpecResource,
  rule: RuleOf<'reference_active'>,
): PythonTest[] {
  const target = namesOf(resourceNamed(build.model, rule.target));
  const inactive = `inactive = await create_${target.module}(session, ${rule.active_field}=False)`;
  return resource.endpoints.flatMap((endpoint): PythonTest[] => {
    const { setup, call, actor } = requestParts(build, resource, endpoint);
    const creates = endpoint.kind === 'create' || endpoint.kind === 'nested_create';
    const takes = creates && createFields(resource).some(({ name }) => name === rule.field);
    const sends = takes
      ? withArgument(call(actor.argument), resource, `${rule.field}=inactive.id`)
      : endpoint.kind === 'assign' && endpoint.field === rule.field
        ? call(actor.argument).replace(/json=\{[^}]*\}/, `json={${pyString(rule.field)}: inactive.id}`)
        : null;
    if (sends === null) return [];
    return [
      {
        name: `${functionName(build, resource, endpoint)}_refuses_an_inactive_${rule.field.replace(/_id$/, '')}`,
        lines: [...setup, ...actor.setup, inactive, '', `response = ${sends}`, '', ...refusedBy(build, rule.refusal)],
      },
    ];
  });
}

export function notPastTests(build: Build, resource: SpecResource, rule: RuleOf<'not_past'>): PythonTest[] {
  const endpoint = createEndpoint(resource);
  if (!endpoint || !rule.on.includes('create')) return [];
  const { setup, call, actor } = requestParts(build, resource, endpoint);
  const past = fieldNamed(resource, rule.field)?.type.kind === 'date' ? '"2020-01-01"' : '"2020-01-01T00:00:00Z"';
  return [
    {
      name: `the_${rule.field}_of_a_new_${resource.singular}_is_not_in_the_past`,
      lines: [
        ...setup,
        ...actor.setup,
        '',
        `response = ${withArgument(call(actor.argument), resource, `${rule.field}=${past}`)}`,
        '',
        ...refusedBy(build, rule.refusal),
      ],
    },
  ];
}

export function combinationTests(
  build: Build,
  resource: SpecResource,
  rule: RuleOf<'forbidden_combination'>,
): PythonTest[] {
  const words = rule.terms.map(({ field, value }) =>
    `${field}_${String(value)}`.toLowerCase().replace(/[^a-z0-9]+/g, '_'),
  );
  return resource.endpoints.flatMap((endpoint): PythonTest[] => {
    const writable = writableFields(resource, endpoint);
    const sent = rule.terms.filter(({ field }) => writable.includes(field));
    const stored = rule.terms.filter((term) => !sent.includes(term));
    const last = endpoint.kind === 'update' ? sent.slice(0, 1) : sent;
    const kept = endpoint.kind === 'update' ? [...stored, ...sent.slice(1)] : stored;
    if (
      last.length === 0 ||
      (createsRow(endpoint) && kept.some(({ field, value }) => fieldNamed(resource, field)?.default !== value))
    )
      return [];
    const overrides = createsRow(endpoint)
      ? ''
      : kept.map(({ field, value }) => `${field}=${pyScalar(value)}`).join(', ');
    const { setup, call, actor } = requestParts(build, resource, endpoint, overrides);
    return [
      {
        name: `${functionName(build, resource, endpoint)}_refuses_${words.join('_with_')}`,
        lines: [
          ...setup,
          ...actor.setup,
          '',
          `response = ${sending(call(actor.argument), resource, last)}`,
          '',
          ...refusedBy(build, rule.refusal),
        ],
      },
    ];
  });
}

function createsRow({ kind }: SpecEndpoint): boolean {
  return kind === 'create' || kind === 'nested_create';
}

function writableFields(resource: SpecResource, endpoint: SpecEndpoint): string[] {
  if (createsRow(endpoint)) return createFields(resource).map(({ name }) => name);
  if (endpoint.kind === 'update') return updateFields(resource).map(({ name }) => name);
  return endpoint.kind === 'set_field' || endpoint.kind === 'bulk_set' ? [endpoint.field] : [];
}

/** The request with these values in its body. */
function sending(call: string, resource: SpecResource, terms: readonly { field: string; value: SpecScalar }[]): string {
  return terms.reduce((text, { field, value }) => {
    const literal = pyScalar(value);
    if (text.includes(`${resource.singular}_body(`)) return withArgument(text, resource, `${field}=${literal}`);
    const pair = `${pyString(field)}: ${literal}`;
    const present = new RegExp(`${pyString(field)}: [^,}]+`);
    return present.test(text) ? text.replace(present, pair) : text.replace('json={}', `json={${pair}}`);
  }, call);
}

type SpecScalar = string | number | boolean | null;

export function stampTests(build: Build, resource: SpecResource, rule: RuleOf<'stamp'>): PythonTest[] {
  const action = resource.endpoints.find(
    (known) => known.kind === 'action' && known.field === rule.when.field && known.value === rule.when.value,
  );
  if (action) return [stampByAction(build, resource, rule, action)];
  const endpoint = resource.endpoints.find(
    (candidate) => candidate.kind === 'set_field' && candidate.field === rule.when.field,
  );
  if (!endpoint) return [];
  const { setup, call, actor } = requestParts(build, resource, endpoint);
  const send = (value: SpecScalar) => sending(call(actor.argument), resource, [{ field: rule.when.field, value }]);
  const other = safeValue(resource, rule.when.field);
  const before = [...setup, ...actor.setup, ''];
  return [
    {
      name: `${rule.field}_is_set_when_${rule.when.field}_becomes_${String(rule.when.value)
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '_')}`,
      lines: [
        ...before,
        `response = ${send(rule.when.value)}`,
        '',
        `assert response.json()[${pyString(rule.field)}] is not None`,
        ...(rule.clear_on_leave && other !== rule.when.value
          ? ['', `response = ${send(other)}`, '', `assert response.json()[${pyString(rule.field)}] is None`]
          : []),
      ],
    },
  ];
}

function stampByAction(build: Build, resource: SpecResource, rule: RuleOf<'stamp'>, action: SpecEndpoint): PythonTest {
  const { setup, call, actor } = requestParts(build, resource, action);
  return {
    name: `${functionName(build, resource, action)}_sets_${rule.field}`,
    lines: [
      ...setup,
      ...actor.setup,
      '',
      `response = ${call(actor.argument)}`,
      '',
      `assert response.json()[${pyString(rule.field)}] is not None`,
    ],
  };
}

export function countTests(build: Build, resource: SpecResource, rule: RuleOf<'count'>): PythonTest[] {
  const get = resource.endpoints.find(({ kind }) => kind === 'get');
  if (!get) return [];
  const { setup, call, actor } = requestParts(build, resource, get);
  const { row } = namesOf(resource);
  const counted = resourceNamed(build.model, rule.of);
  const store = `    await create_${counted.singular}(session, ${rule.through}=${row}.id)`;
  return [
    {
      name: `${rule.field}_of_a_${resource.singular}_counts_its_${rule.of}`,
      lines: [
        ...setup,
        ...actor.setup,
        'for _ in range(2):',
        store,
        '',
        `response = ${call(actor.argument)}`,
        '',
        `assert response.json()[${pyString(rule.field)}] == 2`,
      ],
    },
  ];
}
