/**
 * Cases of who may do what: for each endpoint of a `permit` one user who may not and one for each way in which one
 * may, all of them real users made for the case; `field_permit` the same for single fields. Pure.
 */
import type { SpecEndpoint } from '../spec-endpoints.js';
import { fieldNamed, type SpecModel, type SpecResource } from '../spec-model.js';
import type { Grant, RuleOf } from '../spec-rules.js';
import { CannotArrange, endpointById, endpointOf, permitOn, roleOutside, type Values } from './arrangement.js';
import { callOf } from './call.js';
import { refusal } from './call-case.js';
import { type PlannedCase, plannedCase, refused, type Tier } from './planned-case.js';
import { readable } from './proof.js';
import { ADMIN, type Row, type Setup } from './setup.js';
import { newValue, storedValue, subjectOf } from './subject.js';

export function permitCases(model: SpecModel, rule: RuleOf<'permit'>): PlannedCase[] {
  return rule.endpoints.flatMap((id, index) => {
    const { resource, endpoint } = endpointById(model, id);
    const what = endpoint.summary.toLowerCase();
    return [
      ...plannedCase(model, 1, `refuses a user who may not: ${what}`, (setup) => {
        const actor = setup.user('stranger', roleOutside(model, rule.allow));
        const call = callOf(setup, id, { actor });
        return refusal(call, refused(model, rule.refusal.status, rule.refusal.error_code));
      }),
      ...rule.allow.flatMap((grant, place) =>
        plannedCase(
          model,
          index > 0 ? 3 : place === 0 || isOfRow(grant) ? 1 : 2,
          `lets ${grantee(model, grant)}: ${what}`,
          (setup) => grantedCall(setup, resource, endpoint, rule, grant),
        ),
      ),
    ];
  });
}

export function fieldPermitCases(
  model: SpecModel,
  resource: SpecResource,
  rule: RuleOf<'field_permit'>,
): PlannedCase[] {
  const update = endpointOf(resource, 'update');
  if (!update) return [];
  return rule.fields.flatMap((name, index) => {
    const tier: Tier = index === 0 ? 1 : 3;
    return [
      ...plannedCase(model, 1, `refuses ${name} from a user who may update the rest`, (setup) => {
        const { actor, row } = insider(setup, resource, update, rule);
        const call = callOf(setup, update.id, { row, actor, body: { [name]: otherValue(setup, row, name) } });
        return refusal(call, refused(model, rule.refusal.status, rule.refusal.error_code));
      }),
      ...plannedCase(model, index === 0 ? 2 : 3, `lets ${name} through when it is the stored value`, (setup) => {
        const { actor, row } = insider(setup, resource, update, rule);
        return callOf(setup, update.id, { row, actor, body: { [name]: storedValue(resource, row, name) } }).success;
      }),
      ...plannedCase(model, tier, `lets someone who may change ${name}`, (setup) => {
        const row = subjectOf(setup, resource, update, {});
        return callOf(setup, update.id, {
          row,
          actor: allowedActor(setup, rule, row),
          body: { [name]: otherValue(setup, row, name) },
        }).success;
      }),
    ];
  });
}

function otherValue(setup: Setup, row: Row, name: string) {
  const field = fieldNamed(row.resource, name);
  if (!field) throw new CannotArrange(`no field ${name}`);
  return newValue(setup, row, field, 'other');
}

function grantee(model: SpecModel, grant: Grant): string {
  if (grant.kind === 'role') return grant.roles.find((role) => role !== model.auth.admin_role) ?? 'an admin';
  if (grant.kind === 'self') return 'users themselves';
  return `the ${grant.field.replace(/_id$/, '')}${grant.through === null ? '' : ` of its ${grant.through.replace(/_id$/, '')}`}`;
}

function isOfRow(grant: Grant): boolean {
  return grant.kind !== 'role';
}

/** The call by someone whom this grant alone lets pass, about a row that is someone else's in every other way. */
function grantedCall(
  setup: Setup,
  resource: SpecResource,
  endpoint: SpecEndpoint,
  rule: RuleOf<'permit'>,
  grant: Grant,
) {
  const { model } = setup;
  if (grant.kind === 'role') {
    const role = grant.roles.find((known) => known !== model.auth.admin_role) ?? model.auth.admin_role ?? undefined;
    const about = foreign(setup, resource, endpoint, rule);
    return callOf(setup, endpoint.id, { actor: setup.user('member', role), about }).success;
  }
  const actor = setup.user('holder', roleOutside(model, rule.allow));
  if (grant.kind === 'self') return callOf(setup, endpoint.id, { actor, row: setup.rowOf(actor) }).success;
  return callOf(setup, endpoint.id, { actor, about: heldBy(setup, resource, endpoint, grant, actor) }).success;
}

/** Values for the row of the call so that the actor is whom the grant names. */
function heldBy(
  setup: Setup,
  resource: SpecResource,
  endpoint: SpecEndpoint,
  grant: Extract<Grant, { kind: 'field' }>,
  actor: string,
): Values {
  if (grant.through === null) return { [grant.field]: actor };
  const viaParent =
    endpoint.kind === 'nested_create' || endpoint.kind === 'link_add' || endpoint.kind === 'link_remove';
  if (viaParent) return { [grant.field]: actor };
  const target = fieldNamed(resource, grant.through)?.type;
  if (target?.kind !== 'reference') throw new CannotArrange(`${grant.through} is no reference`);
  return { [grant.through]: setup.row(target.target, 'held', { [grant.field]: actor }).id };
}

/** Values that make the row another user's, where rows have owners: so a role is shown to reach beyond one's own. */
function foreign(setup: Setup, resource: SpecResource, endpoint: SpecEndpoint, rule: RuleOf<'permit'>): Values {
  if (endpoint.kind === 'create' || endpoint.kind === 'nested_create' || endpoint.kind === 'link_remove') return {};
  const owner = rule.allow.find((grant) => grant.kind === 'field' && grant.through === null);
  if (owner?.kind !== 'field') return {};
  return fieldNamed(resource, owner.field)?.source === 'user' ? { [owner.field]: setup.user('owner') } : {};
}

/** A user who may update the row, but none of whom the field's grants name. */
function insider(setup: Setup, resource: SpecResource, update: SpecEndpoint, rule: RuleOf<'field_permit'>) {
  const grants = permitOn(resource, update)?.allow ?? [];
  const role = roleOutside(setup.model, rule.allow);
  for (const grant of grants) {
    if (grant.kind === 'self') {
      const actor = setup.user('insider', role);
      return { actor, row: setup.rowOf(actor) };
    }
    if (grant.kind === 'field' && !rule.allow.some((allowed) => allowed.kind === 'field')) {
      const actor = setup.user('insider', role);
      return { actor, row: setup.row(resource.name, resource.singular, heldBy(setup, resource, update, grant, actor)) };
    }
    const both = grant.kind === 'role' && role !== undefined && grant.roles.includes(role);
    if (both) return { actor: setup.user('insider', role), row: subjectOf(setup, resource, update, {}) };
  }
  if (grants.length > 0) throw new CannotArrange(`whoever may ${update.id} may change ${rule.fields.join(', ')} too`);
  return { actor: setup.user('insider', role), row: subjectOf(setup, resource, update, {}) };
}

/** Someone the field's grants name: the admin where it may, else the holder. */
function allowedActor(setup: Setup, rule: RuleOf<'field_permit'>, row: Row): string {
  const admin = rule.allow.some(
    (grant) => grant.kind === 'role' && grant.roles.includes(setup.model.auth.admin_role ?? ''),
  );
  if (admin) return ADMIN;
  const held = rule.allow.some(
    (grant) => grant.kind === 'field' && grant.through === null && row.values[grant.field] === 1,
  );
  if (held) return ADMIN;
  throw new CannotArrange(`nobody arranged may change ${Object.keys(readable(row.resource, row.values)).join(', ')}`);
}
