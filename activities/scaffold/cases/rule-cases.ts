/**
 * The cases of any business rule: at least one request that it refuses or affects, and one that it does not. Pure.
 */
import type { SpecModel, SpecResource } from '../spec-model.js';
import type { SpecRule } from '../spec-rules.js';
import { actingUserCases, countCases, onDeleteCases, onlyThroughCases, softDeleteCases } from './effect-cases.js';
import { guardParentCases, guardRelatedCases, guardStatusCases } from './guard-cases.js';
import { bulkAtomicCases, linkIdempotentCases, linkMissingCases } from './link-rule-cases.js';
import { fieldPermitCases, permitCases } from './permit-cases.js';
import type { PlannedCase } from './planned-case.js';
import { stampCases } from './stamp-cases.js';
import { noOverlapCases, orderCases } from './time-rule-cases.js';
import { forbiddenCombinationCases, notPastCases, referenceActiveCases, uniqueCases } from './value-rule-cases.js';

export function ruleCases(model: SpecModel, resource: SpecResource, rule: SpecRule): PlannedCase[] {
  switch (rule.family) {
    case 'permit':
      return permitCases(model, rule);
    case 'field_permit':
      return fieldPermitCases(model, resource, rule);
    case 'guard_status':
      return guardStatusCases(model, resource, rule);
    case 'guard_related':
      return guardRelatedCases(model, resource, rule);
    case 'guard_parent':
      return guardParentCases(model, rule);
    case 'unique':
      return uniqueCases(model, resource, rule);
    case 'reference_active':
      return referenceActiveCases(model, resource, rule);
    case 'not_past':
      return notPastCases(model, resource, rule);
    case 'forbidden_combination':
      return forbiddenCombinationCases(model, resource, rule);
    case 'order':
      return orderCases(model, resource, rule);
    case 'no_overlap':
      return noOverlapCases(model, resource, rule);
    case 'bulk_atomic':
      return bulkAtomicCases(model, rule);
    case 'link_idempotent':
      return linkIdempotentCases(model, rule);
    case 'link_missing':
      return linkMissingCases(model, rule);
    default:
      return effectCases(model, resource, rule);
  }
}

type Effect = Extract<
  SpecRule,
  { family: 'stamp' | 'acting_user' | 'on_delete' | 'soft_delete' | 'count' | 'only_through' }
>;

function effectCases(model: SpecModel, resource: SpecResource, rule: Effect): PlannedCase[] {
  switch (rule.family) {
    case 'stamp':
      return stampCases(model, resource, rule);
    case 'acting_user':
      return actingUserCases(model, resource, rule);
    case 'on_delete':
      return onDeleteCases(model, resource, rule);
    case 'soft_delete':
      return softDeleteCases(model, resource);
    case 'count':
      return countCases(model, resource, rule);
    case 'only_through':
      return onlyThroughCases(model, resource, rule);
  }
}
