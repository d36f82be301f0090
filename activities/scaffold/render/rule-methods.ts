/**
 * Business rules as private methods of a service: their names, so that a call reads as the rule, and their text.
 */
import { fieldNamed, resourceNamed, type SpecResource } from '../spec-model.js';
import type { Grant, Refusal, RuleOf, SpecRule } from '../spec-rules.js';
import { activeRules, type Build } from './build.js';
import { pythonType } from './columns.js';
import { literalOf, literalsOf, namesOf, referenceName } from './names.js';
import { pyString, sentence } from './python-text.js';
import { renderTemplate } from './template.js';

/** A permit that needs no row: a dependency of the route checks it before anything else. */
export function isRolePermit(rule: SpecRule): rule is RuleOf<'permit'> {
  return rule.family === 'permit' && rule.allow.every(({ kind }) => kind === 'role');
}

/** Name of the method that checks a rule. */
export function methodName(resource: SpecResource, rule: SpecRule): string {
  const name = plainMethodName(rule);
  const same = resource.rules.filter((other) => plainMethodName(other) === name);
  const at = same.findIndex(({ id }) => id === rule.id);
  return at <= 0 ? name : `${name}_${at + 1}`;
}

function plainMethodName(rule: SpecRule): string {
  switch (rule.family) {
    case 'permit':
      return `_require_${grantWords(rule.allow).join('_or_')}`;
    case 'field_permit':
      return `_require_${grantWords(rule.allow).join('_or_')}_to_change_${rule.fields.join('_or_')}`;
    case 'guard_status':
      return `_refuse_while_${words(rule.blocked.values.map(String))}`;
    case 'order':
      return `_refuse_${rule.second}_before_${rule.first}`;
    case 'guard_related':
      if (rule.absent) return `_refuse_without_${rule.related}`;
      return `_refuse_while_${referenceName(rule.field)}_of_${rule.related}`;
    case 'guard_parent':
      return `_refuse_for_${words(rule.blocked.values.map(String))}_${referenceName(rule.through)}`;
    case 'reference_active':
      return `_refuse_inactive_${referenceName(rule.field)}`;
    case 'not_past':
      return `_refuse_past_${rule.field}`;
    case 'forbidden_combination':
      return `_refuse_${words(
        rule.terms.map(({ value, field }) => (typeof value === 'boolean' ? field : String(value))),
        '_',
      )}`;
    case 'stamp':
      return `_stamp_${rule.field}`;
    default:
      return `_${rule.family}`;
  }
}

function words(values: readonly string[], joint = '_or_'): string {
  return values.map((value) => value.toLowerCase().replace(/[^a-z0-9]+/g, '_')).join(joint);
}

function grantWords(allow: readonly Grant[]): string[] {
  const rows = allow.flatMap((grant) => {
    if (grant.kind === 'self') return ['self'];
    if (grant.kind !== 'field') return [];
    const through = grant.through ? `${referenceName(grant.through)}_` : '';
    return [through + referenceName(grant.field)];
  });
  const roles = allow.flatMap((grant) => (grant.kind === 'role' ? grant.roles : []));
  return [...rows, ...roles.map((role) => words([role]))].filter((word, at, all) => all.indexOf(word) === at);
}

/** References that a permit looks through: each needs its row as an argument. */
export function throughFields(rule: SpecRule): string[] {
  if (rule.family !== 'permit' && rule.family !== 'field_permit') return [];
  const fields = rule.allow.flatMap((grant) => (grant.kind === 'field' && grant.through ? [grant.through] : []));
  return [...new Set(fields)];
}

/** True when a permit looks at the row itself. */
export function looksAtRow(rule: RuleOf<'permit'> | RuleOf<'field_permit'>): boolean {
  return rule.allow.some((grant) => grant.kind === 'self' || (grant.kind === 'field' && grant.through === null));
}

/** The condition under which the acting user passes. */
function allowance(build: Build, resource: SpecResource, allow: readonly Grant[]): string {
  const { row } = namesOf(resource);
  const users = resourceNamed(build.model, build.userName);
  const owners = allow.flatMap((grant) => {
    if (grant.kind === 'self') return [`${row}.id`];
    if (grant.kind === 'role') return [];
    return [`${grant.through ? referenceName(grant.through) : row}.${grant.field}`];
  });
  const roleField = build.model.auth.role_field;
  const roles = allow.flatMap((grant) => (grant.kind === 'role' ? grant.roles : []));
  const terms: string[] = [];
  if (owners.length === 1) terms.push(`self.actor.id == ${owners[0]}`);
  if (owners.length > 1) terms.push(`self.actor.id in {${owners.join(', ')}}`);
  if (roleField !== null && roles.length > 0) {
    const values = literalsOf(users, roleField, roles);
    const test = values.length === 1 ? `== ${values[0]}` : `in {${values.join(', ')}}`;
    terms.push(`self.actor.${roleField} ${test}`);
  }
  return terms.length === 0 ? 'False' : terms.join(' or ');
}

/** The expression that raises a refusal: `ConflictError("…", error_code="…")`. */
export function refusalOf(build: Build, refusal: Refusal): string {
  const { codes } = build.model.errors;
  const usual = { 400: null, 403: codes.forbidden, 404: codes.not_found, 409: codes.conflict, 422: codes.invalid };
  const code = refusal.error_code === usual[refusal.status] ? '' : `, error_code=${pyString(refusal.error_code)}`;
  return `${ERROR_CLASSES[refusal.status]}(${pyString(refusal.message)}${code})`;
}

const ERROR_CLASSES = {
  400: 'BadRequestError',
  403: 'ForbiddenError',
  404: 'NotFoundError',
  409: 'ConflictError',
  422: 'InvalidError',
} as const;

const WITH_METHOD = new Set<SpecRule['family']>([
  'permit',
  'field_permit',
  'guard_status',
  'guard_related',
  'guard_parent',
  'reference_active',
  'not_past',
  'forbidden_combination',
  'order',
  'stamp',
]);

/** The methods of a service's rules, in the order of the spec. */
export function ruleMethods(build: Build, resource: SpecResource, used: (name: string) => boolean): string[] {
  const methods = activeRules(build, resource)
    .filter((rule) => WITH_METHOD.has(rule.family) && !isRolePermit(rule))
    .filter((rule) => used(methodName(resource, rule)))
    .map((rule) => renderTemplate(`rule/${rule.family}.py`, ruleView(build, resource, rule)));
  return [...new Set(methods)];
}

function ruleView(build: Build, resource: SpecResource, rule: SpecRule): object {
  return {
    ...namesOf(resource),
    rule,
    method: methodName(resource, rule),
    ruleSentence: sentence(rule.sentence),
    raise: rule.refusal === null ? '' : `raise ${refusalOf(build, rule.refusal)}`,
    literalOf: (field: string, value: never) => literalOf(resource, field, value),
    literalsOf: (field: string, values: never[]) => literalsOf(resource, field, values),
    ...familyView(build, resource, rule),
  };
}

function familyView(build: Build, resource: SpecResource, rule: SpecRule): object {
  switch (rule.family) {
    case 'permit':
    case 'field_permit':
      return permitView(build, resource, rule);
    case 'guard_related': {
      const related = resourceNamed(build.model, rule.related);
      const soft = related.soft_delete?.kind === 'timestamp' ? related.soft_delete.field : null;
      const values = rule.where ? literalsOf(related, rule.where.field, rule.where.values) : [];
      return { related: namesOf(related), soft, values };
    }
    case 'guard_parent': {
      const parent = resourceNamed(build.model, rule.parent);
      const values = literalsOf(parent, rule.blocked.field, rule.blocked.values);
      return { parent: { row: referenceName(rule.through), className: parent.class_name }, values };
    }
    case 'reference_active': {
      const { class_name } = resourceNamed(build.model, rule.target);
      return { target: { row: referenceName(rule.field), className: class_name } };
    }
    case 'not_past':
      return { kind: fieldNamed(resource, rule.field)?.type.kind };
    case 'order':
      return { nullables: [rule.second, rule.first].filter((name) => fieldNamed(resource, name)?.nullable) };
    case 'stamp': {
      const field = fieldNamed(resource, rule.when.field);
      return { type: field ? pythonType(resource, field) : 'object' };
    }
    default:
      return {};
  }
}

function permitView(build: Build, resource: SpecResource, rule: RuleOf<'permit'> | RuleOf<'field_permit'>) {
  const through = throughFields(rule).map((field) => ({
    row: referenceName(field),
    className: targetOf(build, resource, field).class_name,
  }));
  const row = looksAtRow(rule) || rule.family === 'field_permit' ? namesOf(resource).row : null;
  return { through, row, allowed: allowance(build, resource, rule.allow) };
}

/** Resource that a reference field points at. */
export function targetOf(build: Build, resource: SpecResource, field: string): SpecResource {
  const type = fieldNamed(resource, field)?.type;
  if (type?.kind !== 'reference')
    throw new Error(`'${resource.name}.${field}' is not a reference. This is a defect of the reader.`);
  return resourceNamed(build.model, type.target);
}
