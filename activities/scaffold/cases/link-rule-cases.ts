/**
 * Cases of rules about lists of ids and links: all or nothing, adding twice, removing what is not there. Pure.
 */
import type { SpecModel } from '../spec-model.js';
import type { RuleOf } from '../spec-rules.js';
import { CannotArrange, endpointById, filledPath, MISSING_ID, type Values } from './arrangement.js';
import { callOf } from './call.js';
import { refusal } from './call-case.js';
import { type PlannedCase, plannedCase, refused } from './planned-case.js';
import { linked } from './proof.js';

export function bulkAtomicCases(model: SpecModel, rule: RuleOf<'bulk_atomic'>): PlannedCase[] {
  return rule.endpoints.flatMap((id) => [
    ...plannedCase(model, 1, `${id} changes nothing when one id has no row`, (setup) => {
      const { endpoint } = endpointById(model, id);
      if (endpoint.kind !== 'bulk_set') throw new CannotArrange(`${id} is no bulk update`);
      const call = callOf(setup, id);
      const json = { ...(call.request.json as Values), [endpoint.ids_param]: [call.row?.id ?? null, MISSING_ID] };
      const request = { ...call.request, json };
      return refusal({ ...call, request }, refused(model, rule.refusal.status, rule.refusal.error_code));
    }),
    ...plannedCase(model, 1, `${id} changes the rows when every id has one`, (setup) => callOf(setup, id).success),
  ]);
}

export function linkIdempotentCases(model: SpecModel, rule: RuleOf<'link_idempotent'>): PlannedCase[] {
  return rule.endpoints.flatMap((id) => [
    ...plannedCase(model, 1, `${id} changes nothing for a link that is there`, (setup) => {
      const { resource, endpoint } = endpointById(model, id);
      if (!resource.link || endpoint.kind !== 'link_add') throw new CannotArrange(`${id} adds no links`);
      const left = setup.row(resource.link.left, 'parent');
      const right = setup.row(resource.link.right, 'linked_before');
      setup.link(resource, left, right);
      const call = callOf(setup, id, { row: left });
      return {
        ...call.success,
        request: { ...call.request, json: { [endpoint.ids_param]: [right.id] } },
        expected_json: { $: { $length: 1 }, '0.id': right.id },
        afterwards: linked(setup, resource, left, [right]),
      };
    }),
    ...plannedCase(model, 1, `${id} adds a link that is not there to the others`, (setup) => {
      const { resource } = endpointById(model, id);
      if (!resource.link) throw new CannotArrange(`${id} adds no links`);
      const left = setup.row(resource.link.left, 'parent');
      setup.link(resource, left, setup.row(resource.link.right, 'linked_before'));
      const { afterwards: _only, ...success } = callOf(setup, id, { row: left }).success;
      return { ...success, expected_json: { $: { $length: 2 } } };
    }),
  ]);
}

export function linkMissingCases(model: SpecModel, rule: RuleOf<'link_missing'>): PlannedCase[] {
  return rule.endpoints.flatMap((id) => [
    ...plannedCase(model, 1, `${id} answers ${rule.refusal.status} for a link that is not there`, (setup) => {
      const { resource, endpoint } = endpointById(model, id);
      if (!resource.link) throw new CannotArrange(`${id} removes no links`);
      const left = setup.row(resource.link.left, 'parent');
      const right = setup.row(resource.link.right, 'unlinked');
      const request = { method: endpoint.method, path: filledPath(endpoint, [left.id, right.id]) };
      const as = setup.actorFor(resource, endpoint, left);
      return { request, as, ...refused(model, rule.refusal.status, rule.refusal.error_code) };
    }),
    ...plannedCase(model, 1, `${id} removes a link that is there`, (setup) => callOf(setup, id).success),
  ]);
}
