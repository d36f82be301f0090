/**
 * Cases of a resource's fields: both sides of each stated bound, wrong kinds, trimming, secrets. Pure.
 */
import { rulesOf, type SpecField, type SpecModel, type SpecResource } from '../spec-model.js';
import { endpointOf, isForbidden, type Values } from './arrangement.js';
import { callOf } from './call.js';
import { inTurn } from './list-check.js';
import { invalidField, type PlannedCase, plannedCase, type Tier } from './planned-case.js';
import { type BoundaryValue, boundaryValues } from './sample.js';

export function fieldCases(model: SpecModel, resource: SpecResource): PlannedCase[] {
  const maker = endpointOf(resource, 'create', 'nested_create');
  if (!maker) return [];
  const fields = resource.fields.filter((field) => field.create !== 'never');
  return [
    ...fields.flatMap((field) => boundCases(model, resource, maker.id, field)),
    ...fields.flatMap((field) => textCases(model, maker.id, field)),
    ...secretCases(model, resource, maker.id),
    ...updateBounds(model, resource),
  ];
}

/** All that is out of bounds in one case, in turn; each value on a bound in a case of its own. */
function boundCases(model: SpecModel, resource: SpecResource, makerId: string, field: SpecField): PlannedCase[] {
  const bounds = boundaryValues(field, 'bound');
  const outside = bounds.filter((bound) => !bound.valid);
  const within = bounds.filter((bound) => bound.valid && isFresh(resource, field, bound));
  const name = `refuses ${field.name}: ${outside.map((bound) => bound.label).join(', ')}`;
  return [
    ...(outside.length === 0
      ? []
      : plannedCase(model, tierOf(field), name, (setup) => {
          const call = callOf(setup, makerId, { body: { [field.name]: outside[0]?.value ?? null } });
          const body = call.request.json as Values;
          const sent = (bound: BoundaryValue) => ({ ...call.request, json: { ...body, [field.name]: bound.value } });
          return inTurn(
            outside.map((bound) => ({ request: sent(bound), as: call.actor, ...invalidField(model, field.name) })),
          );
        })),
    ...within.flatMap((bound, index) =>
      plannedCase(
        model,
        index === 0 ? 2 : 3,
        `takes ${field.name}: ${bound.label}`,
        (setup) => callOf(setup, makerId, { body: { [field.name]: bound.value } }).success,
      ),
    ),
  ];
}

/** A stated length or range matters more than a value of the wrong kind. */
function tierOf(field: SpecField): Tier {
  const bounded = ['string', 'text', 'integer', 'decimal', 'email', 'hex_colour'].includes(field.type.kind);
  return bounded ? 1 : field.type.kind === 'enum' ? 2 : 3;
}

/** A valid value that is taken by no other row: a short one of a unique field could be. */
function isFresh(resource: SpecResource, field: SpecField, bound: BoundaryValue): boolean {
  if (isForbidden(resource, { [field.name]: bound.value })) return false;
  const unique = rulesOf(resource, 'unique').some((rule) => rule.fields.includes(field.name));
  const length = /^\{\{text:(\d+)/.exec(String(bound.value))?.[1];
  return !unique || Number(length ?? 0) >= 12;
}

/** Text is trimmed before its length is checked, where the spec says so. */
function textCases(model: SpecModel, makerId: string, field: SpecField): PlannedCase[] {
  const { type } = field;
  const text = (type.kind === 'string' && type.pattern === null) || type.kind === 'text';
  if (!model.validation.trim_text || !text || (type.max_length ?? 255) < 20) return [];
  return [
    ...((type.min_length ?? 0) > 0
      ? plannedCase(model, 2, `refuses ${field.name}: spaces only`, (setup) => {
          const call = callOf(setup, makerId, { body: { [field.name]: '   ' } });
          return { request: call.request, as: call.actor, ...invalidField(model, field.name) };
        })
      : []),
    ...plannedCase(model, field.create === 'required' ? 2 : 4, `trims ${field.name}`, (setup) => {
      const { success } = callOf(setup, makerId, { body: { [field.name]: '  {{word:padded}}  ' } });
      const trimmed = { [field.name]: '{{word:padded}}' };
      const afterwards = (success.afterwards ?? []).map((step) => ({
        ...step,
        expected_json: { ...step.expected_json, ...trimmed },
      }));
      return { ...success, expected_json: { ...success.expected_json, ...trimmed }, afterwards };
    }),
  ];
}

/** Fields that are never shown are in no response. */
function secretCases(model: SpecModel, resource: SpecResource, makerId: string): PlannedCase[] {
  const secrets = resource.fields.filter((field) => !field.readable);
  if (secrets.length === 0) return [];
  const absent = Object.fromEntries(secrets.map((field) => [field.name, { $absent: true }]));
  return plannedCase(model, 1, `never shows ${secrets.map((field) => field.name).join(', ')}`, (setup) => {
    const { success } = callOf(setup, makerId);
    const afterwards = (success.afterwards ?? []).map((step) => ({
      ...step,
      expected_json: { ...step.expected_json, ...absent },
    }));
    return { ...success, expected_json: { ...success.expected_json, ...absent }, afterwards };
  });
}

/** The same bounds on an update. */
function updateBounds(model: SpecModel, resource: SpecResource): PlannedCase[] {
  const update = endpointOf(resource, 'update');
  if (!update) return [];
  const fields = resource.fields.filter((field) => field.update && field.type.kind !== 'reference');
  return fields.flatMap((field) =>
    boundaryValues(field, 'bound')
      .filter((bound) => !bound.valid)
      .slice(0, 1)
      .flatMap((bound) =>
        plannedCase(model, 4, `refuses ${field.name}: ${bound.label}, on update`, (setup) => {
          const call = callOf(setup, update.id, { body: { [field.name]: bound.value } });
          return {
            request: call.request,
            as: call.actor,
            ...invalidField(model, field.name),
            afterwards: call.untouched,
          };
        }),
      ),
  );
}
