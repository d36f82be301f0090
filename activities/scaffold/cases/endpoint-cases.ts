/**
 * Success and failure of each endpoint that is no list. Pure. Every success is read back by a later request, and every
 * refusal of a write is followed by a look at what must not have changed.
 */
import type { JsonValue } from '../../features/feature.js';
import type { EndpointOf, SpecEndpoint } from '../spec-endpoints.js';
import { fieldNamed, type SpecField, type SpecModel, type SpecResource } from '../spec-model.js';
import { freelyUpdatable, MISSING_ID, type Values } from './arrangement.js';
import { bulkCases, linkAddCases } from './batch-cases.js';
import { callOf } from './call.js';
import { missing, refusal, simple, wrongValue } from './call-case.js';
import { invalidField, type PlannedCase, plannedCase, refusedAs } from './planned-case.js';
import { readable, readBack } from './proof.js';
import type { Setup } from './setup.js';
import { newValue, subjectOf } from './subject.js';

/** Cases of the feature that is this endpoint; empty for lists. */
export function endpointCases(model: SpecModel, resource: SpecResource, endpoint: SpecEndpoint): PlannedCase[] {
  switch (endpoint.kind) {
    case 'create':
    case 'nested_create':
      return createCases(model, resource, endpoint);
    case 'get':
      return [...simple(model, endpoint, 'returns the row that was created'), ...missing(model, endpoint)];
    case 'me':
      return meCases(model, resource, endpoint);
    case 'update':
      return updateCases(model, resource, endpoint);
    case 'delete':
      return [...simple(model, endpoint, 'deletes the row, as a later read shows'), ...missing(model, endpoint)];
    case 'set_field':
    case 'assign':
      return actionCases(model, resource, endpoint);
    case 'action':
      return [...simple(model, endpoint, `sets ${endpoint.field} to ${endpoint.value}`), ...missing(model, endpoint)];
    case 'link_remove':
      return [...simple(model, endpoint, 'removes the link and nothing else'), ...missing(model, endpoint)];
    case 'bulk_set':
      return bulkCases(model, resource, endpoint);
    case 'link_add':
      return linkAddCases(model, resource, endpoint);
    default:
      return [];
  }
}

function createCases(
  model: SpecModel,
  resource: SpecResource,
  endpoint: EndpointOf<'create' | 'nested_create'>,
): PlannedCase[] {
  const required = resource.fields.filter((field) => field.create === 'required' && field.type.kind !== 'reference');
  return [
    ...plannedCase(model, 1, 'stores every field that is sent', (setup) => {
      const values = everyField(setup, resource);
      return callOf(setup, endpoint.id, { body: setup.settled(resource, setup.allowed(resource, values, {}), {}) })
        .success;
    }),
    ...plannedCase(model, 1, 'fills in defaults for what is left out', (setup) => {
      const call = callOf(setup, endpoint.id);
      const defaults = { ...defaultsOf(resource), ...call.success.expected_json };
      return { ...call.success, expected_json: { ...serverFields(resource), ...defaults } };
    }),
    ...required.flatMap((field, index) =>
      plannedCase(model, index === 0 ? 1 : 2, `refuses a body without ${field.name}`, (setup) => {
        const call = callOf(setup, endpoint.id);
        const { [field.name]: _left, ...json } = call.request.json as Record<string, JsonValue>;
        return { request: { ...call.request, json }, as: call.actor, ...invalidField(model, field.name) };
      }),
    ),
    ...(endpoint.kind === 'nested_create' ? missing(model, endpoint) : []),
    ...referenceCases(model, resource, endpoint, 'create'),
  ];
}

/** A good value for each field that a create takes. */
function everyField(setup: Setup, resource: SpecResource): Values {
  const fields = resource.fields.filter((field) => field.create !== 'never');
  return Object.fromEntries(fields.map((field) => [field.name, setup.valueFor(field, `full_${field.name}`)]));
}

function defaultsOf(resource: SpecResource): Values {
  const fields = resource.fields.filter(
    (field) => field.readable && field.source === 'client' && field.create !== 'required',
  );
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = field.default ?? (field.nullable ? null : undefined);
      if (field.type.kind === 'decimal' && value !== null && value !== undefined)
        return [[field.name, Number(value).toFixed(field.type.scale)]];
      return value === undefined ? [] : [[field.name, value]];
    }),
  );
}

function serverFields(resource: SpecResource): Values {
  const times = resource.fields.filter((field) => field.source === 'created' || field.source === 'updated');
  return Object.fromEntries(
    times.map((field) => [field.name, { $type: field.type.kind === 'date' ? 'date' : 'datetime' }]),
  );
}

/** A reference in the body that points at no row. */
function referenceCases(
  model: SpecModel,
  resource: SpecResource,
  endpoint: SpecEndpoint,
  on: 'create' | 'update',
): PlannedCase[] {
  const written = (field: SpecField) => (on === 'create' ? field.create !== 'never' : field.update);
  return resource.fields
    .filter((field) => field.type.kind === 'reference' && written(field))
    .flatMap((field) =>
      plannedCase(model, 2, `refuses a ${field.name} that points at no row`, (setup) => {
        const call = callOf(setup, endpoint.id, { body: { [field.name]: MISSING_ID } });
        return refusal({ ...call, untouched: [] }, invalidField(model, field.name));
      }),
    );
}

function meCases(model: SpecModel, resource: SpecResource, endpoint: EndpointOf<'me'>): PlannedCase[] {
  return [
    ...plannedCase(model, 1, 'returns the user who asks', (setup) => {
      const row = setup.row(resource.name, 'self');
      const expected_json = { id: row.id, ...readable(resource, row.values) };
      const request = { method: endpoint.method, path: endpoint.path };
      return { request, as: String(row.id), expected_status: endpoint.status, expected_json };
    }),
    ...plannedCase(model, 1, 'answers 401 to an unknown user', () => ({
      request: { method: endpoint.method, path: endpoint.path },
      as: 'unknown',
      ...refusedAs(model, 'unauthorized'),
    })),
  ];
}

function updateCases(model: SpecModel, resource: SpecResource, endpoint: EndpointOf<'update'>): PlannedCase[] {
  const solid = freelyUpdatable(resource).find((field) => !field.nullable);
  return [
    ...plannedCase(model, 1, 'changes the fields that are sent and keeps the others', (setup) => {
      const call = callOf(setup, endpoint.id);
      const kept = readable(resource, { ...call.row?.values, ...(call.request.json as Values) });
      const id = call.row?.id ?? null;
      return { ...call.success, expected_json: { id, ...kept }, afterwards: readBack(setup, resource, id, kept) };
    }),
    ...plannedCase(model, 3, 'changes every field that it takes', (setup) => {
      const row = subjectOf(setup, resource, endpoint, {});
      const fields = freelyUpdatable(resource);
      const body = Object.fromEntries(
        fields.map((field) => [field.name, newValue(setup, row, field, `n_${field.name}`)]),
      );
      return callOf(setup, endpoint.id, { row, body: setup.settled(resource, body, {}) }).success;
    }),
    ...plannedCase(model, 3, 'changes nothing for an empty body', (setup) => {
      const call = callOf(setup, endpoint.id, { body: {} });
      return {
        ...call.success,
        expected_json: { id: call.row?.id ?? null, ...readable(resource, call.row?.values ?? {}) },
      };
    }),
    ...(solid
      ? plannedCase(model, 2, `refuses null for ${solid.name}`, (setup) => {
          const call = callOf(setup, endpoint.id, { body: { [solid.name]: null } });
          return refusal(call, invalidField(model, solid.name));
        })
      : []),
    ...missing(model, endpoint),
    ...referenceCases(model, resource, endpoint, 'update'),
  ];
}

function actionCases(
  model: SpecModel,
  resource: SpecResource,
  endpoint: EndpointOf<'set_field' | 'assign'>,
): PlannedCase[] {
  const field = fieldNamed(resource, endpoint.field);
  const wrong: JsonValue = field?.type.kind === 'reference' ? MISSING_ID : '{{word:wrong}}';
  const free = field?.type.kind === 'string' || field?.type.kind === 'text';
  return [
    ...simple(model, endpoint, `sets ${endpoint.field}, as a later read shows`),
    ...missing(model, endpoint),
    ...(free ? [] : wrongValue(model, endpoint, endpoint.field, wrong)),
    ...plannedCase(model, 3, `refuses a body without ${endpoint.field}`, (setup) => {
      const call = callOf(setup, endpoint.id);
      return refusal({ ...call, request: { ...call.request, json: {} } }, invalidField(model, endpoint.field));
    }),
    ...(endpoint.kind === 'assign' && field?.nullable && field.type.kind === 'reference'
      ? plannedCase(model, 1, `clears ${endpoint.field} with null`, (setup) => {
          const about = { [field.name]: setup.valueFor(field, 'before') };
          return callOf(setup, endpoint.id, { about, body: { [field.name]: null } }).success;
        })
      : []),
  ];
}
