/**
 * Tests of the business rules of one resource: each shown refusing, and permits shown letting pass.
 */

import type { SpecEndpoint } from '../spec-endpoints.js';
import { fieldNamed, resourceNamed, type SpecResource } from '../spec-model.js';
import type { Grant, Refusal, RuleOf, SpecRule } from '../spec-rules.js';
import { activeRules, type Build } from './build.js';
import { functionName, namesOf } from './names.js';
import { pyScalar, pyString } from './python-text.js';
import { createFields, updateFields } from './schema-file.js';
import { expectError, type PythonTest } from './test-case.js';
import { requestParts, safeValue } from './test-request.js';
import { jsonValue } from './test-values.js';
import { withArgument } from './test-writes.js';

export function ruleTests(build: Build, resource: SpecResource): PythonTest[] {
  return activeRules(build, resource).flatMap((rule) => testsOf(build, resource, rule));
}

function testsOf(build: Build, resource: SpecResource, rule: SpecRule): PythonTest[] {
  switch (rule.family) {
    case 'permit':
      return endpointsOf(resource, rule.endpoints).flatMap((endpoint) => permitTests(build, resource, rule, endpoint));
    case 'field_permit':
      return fieldPermitTests(build, resource, rule);
    case 'guard_status':
      return endpointsOf(resource, rule.endpoints).map((endpoint) => guardStatusTest(build, resource, rule, endpoint));
    case 'guard_related':
      return endpointsOf(resource, rule.endpoints).map((endpoint) => guardRelatedTest(build, resource, rule, endpoint));
    case 'guard_parent':
      return endpointsOf(resource, rule.endpoints).flatMap((endpoint) =>
        guardParentTest(build, resource, rule, endpoint),
      );
    case 'unique':
      return uniqueTests(build, resource, rule);
    case 'reference_active':
      return referenceActiveTests(build, resource, rule);
    case 'not_past':
      return notPastTests(build, resource, rule);
    case 'forbidden_combination':
      return combinationTests(build, resource, rule);
    case 'stamp':
      return stampTests(build, resource, rule);
    case 'count':
      return countTests(build, resource, rule);
    default:
      return [];
  }
}

function endpointsOf(resource: SpecResource, ids: readonly string[]): SpecEndpoint[] {
  return resource.endpoints.filter(({ id }) => ids.includes(id));
}

function refusal(build: Build, { status, error_code }: Refusal): string[] {
  return expectError(status, build.model.errors.keys.code, error_code);
}

function permitTests(
  build: Build,
  resource: SpecResource,
  rule: RuleOf<'permit'>,
  endpoint: SpecEndpoint,
): PythonTest[] {
  const { setup, call } = requestParts(build, resource, endpoint);
  const user = namesOf(resourceNamed(build.model, build.userName));
  const name = functionName(build, resource, endpoint);
  const stranger = `stranger = await create_${user.module}(session${strangerRole(build, rule.allow)})`;
  return [
    {
      name: `a_stranger_may_not_${name}`,
      lines: [
        ...setup,
        stranger,
        '',
        `response = ${call(', headers=acting_as(stranger)')}`,
        '',
        ...refusal(build, rule.refusal),
      ],
    },
    ...rule.allow.flatMap((grant) => grantTests(build, resource, endpoint, grant, name)),
  ];
}

/** A role that no grant names; the default role of a user mostly is. */
function strangerRole(build: Build, allow: readonly Grant[]): string {
  const { role_field, roles } = build.model.auth;
  const named = allow.flatMap((grant) => (grant.kind === 'role' ? grant.roles : []));
  const other = roles.filter((role) => !named.includes(role)).at(-1);
  return role_field !== null && other !== undefined ? `, ${role_field}=${pyString(other)}` : '';
}

function grantTests(
  build: Build,
  resource: SpecResource,
  endpoint: SpecEndpoint,
  grant: Grant,
  name: string,
): PythonTest[] {
  const user = namesOf(resourceNamed(build.model, build.userName));
  if (grant.kind === 'self') {
    const { setup, call } = requestParts(build, resource, endpoint);
    return [
      passing(endpoint, `a_${user.module}_may_${name}_of_their_own`, setup, call(`, headers=acting_as(${user.row})`)),
    ];
  }
  if (grant.kind === 'role') {
    const { role_field } = build.model.auth;
    return grant.roles.map((role) => {
      const { setup, call } = requestParts(build, resource, endpoint);
      const actor = `actor = await create_${user.module}(session, ${role_field}=${pyString(role)})`;
      const word = role.toLowerCase().replace(/[^a-z0-9]+/g, '_');
      return passing(endpoint, `the_role_${word}_may_${name}`, [...setup, actor], call(', headers=acting_as(actor)'));
    });
  }
  const holder = grant.through === null ? 'row' : 'parent';
  const who = grant.field.replace(/_id$/, '');
  const direct = holder === 'row' && (endpoint.kind === 'create' || endpoint.kind === 'nested_create');
  const reachable =
    holder === 'row' ? !direct : endpoint.params.length > 0 && endpoint.params[0]?.resource !== resource.name;
  if (!reachable) return [];
  const { setup, call } = requestParts(build, resource, endpoint, `${grant.field}=${who}.id`);
  const actor = `${who} = await create_${user.module}(session)`;
  return [passing(endpoint, `the_${who}_may_${name}`, [actor, ...setup], call(`, headers=acting_as(${who})`))];
}

function passing(endpoint: SpecEndpoint, name: string, setup: readonly string[], call: string): PythonTest {
  return { name, lines: [...setup, '', `response = ${call}`, '', `assert response.status_code == ${endpoint.status}`] };
}

function fieldPermitTests(build: Build, resource: SpecResource, rule: RuleOf<'field_permit'>): PythonTest[] {
  const endpoint = resource.endpoints.find(({ kind }) => kind === 'update');
  if (!endpoint) return [];
  const user = namesOf(resourceNamed(build.model, build.userName));
  const own = resource.name === build.userName;
  const ownerField = resource.fields.find(({ source }) => source === 'user')?.name;
  if (!own && !ownerField) return [];
  const actor = own ? namesOf(resource).row : 'owner';
  const { setup, call } = requestParts(build, resource, endpoint, own ? '' : `${ownerField}=owner.id`);
  const before = own ? setup : [`owner = await create_${user.module}(session)`, ...setup];
  const fields = rule.fields.flatMap((name) => {
    const field = fieldNamed(resource, name);
    if (!field?.update || field.type.kind === 'reference') return [];
    const value =
      field.type.kind === 'enum' || field.type.kind === 'boolean'
        ? pyScalar(otherValue(resource, name))
        : jsonValue(field, 1);
    return [{ name, value }];
  });
  const send = (json: string) => call(`, headers=acting_as(${actor})`).replace('json={}', `json=${json}`);
  return fields.map(({ name, value }) => ({
    name: `not_everyone_may_change_${name}`,
    lines: [...before, '', `response = ${send(`{${pyString(name)}: ${value}}`)}`, '', ...refusal(build, rule.refusal)],
  }));
}

function otherValue(resource: SpecResource, name: string) {
  const field = fieldNamed(resource, name);
  if (field?.type.kind === 'boolean') return field.default !== true;
  return field?.type.kind === 'enum' ? (field.type.values.find((value) => value !== field.default) ?? null) : null;
}

function guardStatusTest(
  build: Build,
  resource: SpecResource,
  rule: RuleOf<'guard_status'>,
  endpoint: SpecEndpoint,
): PythonTest {
  const { field, values } = rule.blocked;
  const { setup, call, actor } = requestParts(build, resource, endpoint, `${field}=value`);
  return {
    name: `${functionName(build, resource, endpoint)}_depends_on_its_${field}`,
    parameters: { names: ['value'], rows: values.map((value) => [pyScalar(value)]) },
    lines: [...setup, ...actor.setup, '', `response = ${call(actor.argument)}`, '', ...refusal(build, rule.refusal)],
  };
}

function guardRelatedTest(
  build: Build,
  resource: SpecResource,
  rule: RuleOf<'guard_related'>,
  endpoint: SpecEndpoint,
): PythonTest {
  const { row } = namesOf(resource);
  const related = resourceNamed(build.model, rule.related);
  const { setup, call, actor } = requestParts(build, resource, endpoint);
  const name = `${functionName(build, resource, endpoint)}_is_refused_while_there_are_${rule.related}`;
  const asserts = refusal(build, rule.refusal);
  if (!rule.where) {
    const store = `await create_${related.singular}(session, ${rule.field}=${row}.id)`;
    return { name, lines: [...setup, ...actor.setup, store, '', `response = ${call(actor.argument)}`, '', ...asserts] };
  }
  const store = `await create_${related.singular}(session, ${rule.field}=${row}.id, ${rule.where.field}=value)`;
  return {
    name,
    parameters: { names: ['value'], rows: rule.where.values.map((value) => [pyScalar(value)]) },
    lines: [...setup, ...actor.setup, store, '', `response = ${call(actor.argument)}`, '', ...asserts],
  };
}

function guardParentTest(
  build: Build,
  resource: SpecResource,
  rule: RuleOf<'guard_parent'>,
  endpoint: SpecEndpoint,
): PythonTest[] {
  if (endpoint.kind !== 'nested_create' || endpoint.field !== rule.through) return [];
  const { field, values } = rule.blocked;
  const { setup, call, actor } = requestParts(build, resource, endpoint, `${field}=value`);
  return [
    {
      name: `${functionName(build, resource, endpoint)}_depends_on_the_${field}_of_its_${namesOf(resourceNamed(build.model, rule.parent)).module}`,
      parameters: { names: ['value'], rows: values.map((value) => [pyScalar(value)]) },
      lines: [...setup, ...actor.setup, '', `response = ${call(actor.argument)}`, '', ...refusal(build, rule.refusal)],
    },
  ];
}

function createEndpoint(resource: SpecResource): SpecEndpoint | undefined {
  return resource.endpoints.find(({ kind }) => kind === 'create' || kind === 'nested_create');
}

function uniqueTests(build: Build, resource: SpecResource, rule: RuleOf<'unique'>): PythonTest[] {
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
        ...refusal(build, rule.refusal),
      ],
    },
  ];
}

function referenceActiveTests(build: Build, resource: SpecResource, rule: RuleOf<'reference_active'>): PythonTest[] {
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
        lines: [...setup, ...actor.setup, inactive, '', `response = ${sends}`, '', ...refusal(build, rule.refusal)],
      },
    ];
  });
}

function notPastTests(build: Build, resource: SpecResource, rule: RuleOf<'not_past'>): PythonTest[] {
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
        ...refusal(build, rule.refusal),
      ],
    },
  ];
}

function combinationTests(build: Build, resource: SpecResource, rule: RuleOf<'forbidden_combination'>): PythonTest[] {
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
          ...refusal(build, rule.refusal),
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

function stampTests(build: Build, resource: SpecResource, rule: RuleOf<'stamp'>): PythonTest[] {
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

function countTests(build: Build, resource: SpecResource, rule: RuleOf<'count'>): PythonTest[] {
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
