/**
 * Cases of times that the server sets when another field comes to a value, and clears when it leaves it. Pure.
 */
import { fieldNamed, type SpecModel, type SpecResource } from '../spec-model.js';
import type { RuleOf, Scalar } from '../spec-rules.js';
import { CannotArrange, needEndpoint, type Values } from './arrangement.js';
import { callOf } from './call.js';
import { type Check, type PlannedCase, plannedCase } from './planned-case.js';
import { readBack } from './proof.js';
import type { Setup } from './setup.js';

export function stampCases(model: SpecModel, resource: SpecResource, rule: RuleOf<'stamp'>): PlannedCase[] {
  const { field, when } = rule;
  const wanted = String(when.value);
  const stamped = { [field]: { $type: 'datetime' } };
  const empty = { [field]: null };
  const others = otherValues(resource, rule);
  return [
    ...plannedCase(model, 1, `${field} is set when ${when.field} becomes ${wanted}`, (setup) =>
      stampCheck(setup, resource, rule, undefined, when.value, stamped),
    ),
    ...plannedCase(model, 2, `${field} stays empty while ${when.field} becomes something else`, (setup) => {
      const other = others.find((value) => value !== fieldNamed(resource, when.field)?.default);
      return stampCheck(setup, resource, rule, undefined, other, empty);
    }),
    ...(rule.clear_on_leave
      ? plannedCase(model, 1, `${field} is cleared when ${when.field} leaves ${wanted}`, (setup) =>
          stampCheck(setup, resource, rule, when.value, others[0], empty),
        )
      : []),
    ...plannedCase(model, 2, `${field} is set on a row created with ${when.field} ${wanted}`, (setup) => {
      const maker = needEndpoint(resource, 'create', 'nested_create');
      const check = callOf(setup, maker.id, { body: { [when.field]: when.value } }).success;
      return { ...check, expected_json: { ...check.expected_json, ...stamped } };
    }),
  ];
}

/** A row goes from one value of the watched field to another; then the stamp holds this, in the answer and later. */
function stampCheck(
  setup: Setup,
  resource: SpecResource,
  rule: RuleOf<'stamp'>,
  from: Scalar | undefined,
  to: Scalar | undefined,
  stamp: Values,
): Check {
  if (to === undefined) throw new CannotArrange(`${rule.when.field} has no other value`);
  const row = setup.row(resource.name, resource.singular, from === undefined ? {} : { [rule.when.field]: from });
  const action = resource.endpoints.find((known) => known.kind === 'set_field' && known.field === rule.when.field);
  const step = resource.endpoints.find(
    (known) => known.kind === 'action' && known.field === rule.when.field && known.value === to,
  );
  const endpoint = step ?? action ?? needEndpoint(resource, 'update');
  if (step) setup.prepare(row, step);
  const check = callOf(setup, endpoint.id, step ? { row } : { row, body: { [rule.when.field]: to } }).success;
  const afterwards = readBack(setup, resource, row.id, stamp);
  return { ...check, expected_json: { ...check.expected_json, ...stamp }, afterwards };
}

function otherValues(resource: SpecResource, { when }: RuleOf<'stamp'>): Scalar[] {
  const type = fieldNamed(resource, when.field)?.type;
  if (type?.kind === 'boolean') return [when.value !== true];
  return type?.kind === 'enum' ? type.values.filter((value) => value !== when.value) : [];
}
