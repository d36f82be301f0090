/**
 * Cases of states that refuse a request: of the row itself, of rows that refer to it, of its parent. Each guard is
 * shown shut in every state it names, and open in another one. Pure.
 */
import type { JsonValue } from '../../features/feature.js';
import { fieldNamed, type SpecModel, type SpecResource } from '../spec-model.js';
import type { RuleOf, Scalar } from '../spec-rules.js';
import { endpointById } from './arrangement.js';
import { type Call, callOf } from './call.js';
import { refusal } from './call-case.js';
import { type PlannedCase, plannedCase, refused, type Tier } from './planned-case.js';
import type { Setup } from './setup.js';
import { subjectOf } from './subject.js';

export function guardStatusCases(
  model: SpecModel,
  resource: SpecResource,
  rule: RuleOf<'guard_status'>,
): PlannedCase[] {
  const { field, values } = rule.blocked;
  return rule.endpoints.flatMap((id) => [
    ...values.flatMap((value, index) =>
      plannedCase(model, tierOf(index), `${id} is refused while ${field} is ${String(value)}`, (setup) => {
        const { endpoint } = endpointById(model, id);
        const row = subjectOf(setup, resource, endpoint, { about: { [field]: value } });
        return refusal(callOf(setup, id, { row }), refused(model, rule.refusal.status, rule.refusal.error_code));
      }),
    ),
    ...openValues(resource, field, values).flatMap((value, index) =>
      plannedCase(
        model,
        index === 0 ? 1 : 3,
        `${id} works while ${field} is ${String(value)}`,
        (setup) => callOf(setup, id, { about: { [field]: value } }).success,
      ),
    ),
  ]);
}

export function guardRelatedCases(
  model: SpecModel,
  resource: SpecResource,
  rule: RuleOf<'guard_related'>,
): PlannedCase[] {
  if (rule.absent) return absentCases(model, resource, rule);
  const related = model.resources.find((known) => known.name === rule.related);
  const where = rule.where;
  const call = (setup: Setup, id: string, state: Record<string, JsonValue>): Call => {
    const row = subjectOf(setup, resource, endpointById(model, id).endpoint, {});
    setup.row(rule.related, 'related', { [rule.field]: row.id, ...state });
    return callOf(setup, id, { row });
  };
  const open = where && related ? openValues(related, where.field, where.values) : [];
  return rule.endpoints.flatMap((id) => [
    ...(where ? where.values : [null]).flatMap((value, index) => {
      const state = where ? ` with ${where.field} ${String(value)}` : '';
      return plannedCase(
        model,
        tierOf(index),
        `${id} is refused while one of ${rule.related}${state} refers to it`,
        (setup) =>
          refusal(
            call(setup, id, where ? { [where.field]: value } : {}),
            refused(model, rule.refusal.status, rule.refusal.error_code),
          ),
      );
    }),
    ...open.flatMap((value, index) =>
      plannedCase(
        model,
        index === 0 ? 1 : 3,
        `${id} works once its ${rule.related} are ${String(value)}`,
        (setup) => call(setup, id, where ? { [where.field]: value } : {}).success,
      ),
    ),
    ...(where
      ? []
      : plannedCase(model, 1, `${id} works while nothing refers to it`, (setup) => callOf(setup, id).success)),
  ]);
}

/** Refused as long as no such row is there. */
function absentCases(model: SpecModel, resource: SpecResource, rule: RuleOf<'guard_related'>): PlannedCase[] {
  return rule.endpoints.flatMap((id) => [
    ...plannedCase(model, 1, `${id} is refused while there are no ${rule.related}`, (setup) => {
      const row = subjectOf(setup, resource, endpointById(model, id).endpoint, {});
      return refusal(callOf(setup, id, { row }), refused(model, rule.refusal.status, rule.refusal.error_code));
    }),
    ...plannedCase(model, 1, `${id} works once there are ${rule.related}`, (setup) => callOf(setup, id).success),
  ]);
}

export function guardParentCases(model: SpecModel, rule: RuleOf<'guard_parent'>): PlannedCase[] {
  const parent = model.resources.find((known) => known.name === rule.parent);
  if (!parent) return [];
  const { field, values } = rule.blocked;
  const states = (id: string, state: Scalar) => (setup: Setup) => parentCall(setup, id, rule, state);
  return rule.endpoints.flatMap((id) => [
    ...values.flatMap((value, index) =>
      plannedCase(model, tierOf(index), `${id} is refused while the parent's ${field} is ${String(value)}`, (setup) =>
        refusal(states(id, value)(setup), refused(model, rule.refusal.status, rule.refusal.error_code)),
      ),
    ),
    ...openValues(parent, field, values).flatMap((value, index) =>
      plannedCase(
        model,
        index === 0 ? 1 : 3,
        `${id} works while the parent's ${field} is ${String(value)}`,
        (setup) => states(id, value)(setup).success,
      ),
    ),
  ]);
}

/** The parent comes into its state after the row exists, for endpoints about the row itself. */
function parentCall(setup: Setup, id: string, rule: RuleOf<'guard_parent'>, state: Scalar): Call {
  const { resource, endpoint } = endpointById(setup.model, id);
  const { field } = rule.blocked;
  const reached = endpoint.kind === 'nested_create' || endpoint.kind === 'link_add' || endpoint.kind === 'link_remove';
  if (reached) return callOf(setup, id, { about: { [field]: state } });
  const parent = setup.row(rule.parent, 'parent');
  if (endpoint.kind === 'create') {
    setup.change(parent, field, state);
    return callOf(setup, id, { body: { [rule.through]: parent.id } });
  }
  const row = subjectOf(setup, resource, endpoint, { about: { [rule.through]: parent.id } });
  setup.change(parent, field, state);
  return callOf(setup, id, { row });
}

/** Values of the field that a guard leaves alone. */
function openValues(resource: SpecResource, name: string, blocked: readonly Scalar[]): Scalar[] {
  const field = fieldNamed(resource, name);
  if (!field) return [];
  const all: Scalar[] =
    field.type.kind === 'enum' ? field.type.values : field.type.kind === 'boolean' ? [true, false] : [];
  return all.filter((value) => !blocked.includes(value));
}

function tierOf(index: number): Tier {
  return index === 0 ? 1 : 3;
}
