/**
 * Cases of rules about values: taken ones, references to inactive rows, dates in the past, combinations that never
 * are. Each is shown wherever the value can be written, and each with a value that passes. Pure.
 */
import type { JsonValue } from '../../features/feature.js';
import type { SpecEndpoint } from '../spec-endpoints.js';
import { fieldNamed, type SpecField, type SpecModel, type SpecResource } from '../spec-model.js';
import type { RuleOf, SpecRule } from '../spec-rules.js';
import { CannotArrange, endpointOf, isForbidden, type Values, withDefaults } from './arrangement.js';
import { callOf } from './call.js';
import { refusal } from './call-case.js';
import { type Check, type PlannedCase, plannedCase, refused, type Tier } from './planned-case.js';
import type { Setup } from './setup.js';

export function uniqueCases(model: SpecModel, resource: SpecResource, rule: RuleOf<'unique'>): PlannedCase[] {
  const maker = endpointOf(resource, 'create', 'nested_create');
  const update = endpointOf(resource, 'update');
  const names = rule.fields.join(' and ');
  const text = rule.fields.map((name) => fieldNamed(resource, name)).find(isText);
  const taken = (setup: Setup) => setup.row(resource.name, 'taken', textValues(text, 'word')).values;
  const sameAs = (values: Values) => Object.fromEntries(rule.fields.map((name) => [name, values[name] ?? null]));
  if (!maker) return [];
  return [
    ...plannedCase(model, 1, `refuses a second row with the same ${names}`, (setup) => {
      const call = callOf(setup, maker.id, { body: sameAs(taken(setup)) });
      return refusal(call, no(model, rule));
    }),
    ...(rule.case_insensitive && text
      ? plannedCase(model, 1, `refuses the same ${names} in capitals`, (setup) => {
          const body = { ...sameAs(taken(setup)), ...textValues(text, 'upper_word') };
          return refusal(callOf(setup, maker.id, { body }), no(model, rule));
        })
      : []),
    ...plannedCase(model, 1, `takes rows with another ${names}`, (setup) => {
      taken(setup);
      return callOf(setup, maker.id).success;
    }),
    ...(update && text?.update
      ? [
          ...plannedCase(model, 2, `refuses to change ${names} to one that is taken`, (setup) => {
            const body = sameAs(taken(setup));
            return refusal(callOf(setup, update.id, { body }), no(model, rule));
          }),
          ...plannedCase(model, 3, `lets a row keep its own ${names}`, (setup) => {
            const row = setup.row(resource.name, 'taken', textValues(text, 'word'));
            return callOf(setup, update.id, { row, body: sameAs(row.values) }).success;
          }),
        ]
      : []),
  ];
}

export function referenceActiveCases(
  model: SpecModel,
  resource: SpecResource,
  rule: RuleOf<'reference_active'>,
): PlannedCase[] {
  return writers(resource, rule.field).flatMap((endpoint, index) => [
    ...plannedCase(model, index < 2 ? 1 : 3, `${endpoint.id} refuses an inactive ${rule.field}`, (setup) => {
      const target = setup.row(rule.target, 'inactive', { [rule.active_field]: false });
      return refusal(callOf(setup, endpoint.id, { body: { [rule.field]: target.id } }), no(model, rule));
    }),
    ...plannedCase(model, index === 0 ? 1 : 3, `${endpoint.id} takes an active ${rule.field}`, (setup) => {
      const target = setup.row(rule.target, 'active');
      return callOf(setup, endpoint.id, { body: { [rule.field]: target.id } }).success;
    }),
  ]);
}

export function notPastCases(model: SpecModel, resource: SpecResource, rule: RuleOf<'not_past'>): PlannedCase[] {
  const kind = fieldNamed(resource, rule.field)?.type.kind === 'date' ? 'date' : 'datetime';
  return writers(resource, rule.field).flatMap((endpoint) => {
    const on = endpoint.kind === 'create' || endpoint.kind === 'nested_create' ? 'create' : 'update';
    const send = (value: string) => (setup: Setup) => callOf(setup, endpoint.id, { body: { [rule.field]: value } });
    const past = `{{past_${kind}:2}}`;
    return [
      ...(rule.on.includes(on)
        ? plannedCase(model, 1, `${endpoint.id} refuses a ${rule.field} in the past`, (setup) =>
            refusal(send(past)(setup), no(model, rule)),
          )
        : plannedCase(
            model,
            2,
            `${endpoint.id} takes a ${rule.field} in the past`,
            (setup) => send(past)(setup).success,
          )),
      ...plannedCase(
        model,
        on === 'create' ? 1 : 3,
        `${endpoint.id} takes a ${rule.field} in the future`,
        (setup) => send(`{{future_${kind}:2}}`)(setup).success,
      ),
    ];
  });
}

export function forbiddenCombinationCases(
  model: SpecModel,
  resource: SpecResource,
  rule: RuleOf<'forbidden_combination'>,
): PlannedCase[] {
  const maker = endpointOf(resource, 'create', 'nested_create');
  const all = Object.fromEntries(rule.terms.map((term) => [term.field, term.value]));
  const words = rule.terms.map((term) => `${term.field} ${String(term.value)}`).join(' and ');
  return [
    ...(maker
      ? plannedCase(model, 1, `refuses to create ${words}`, (setup) =>
          refusal(callOf(setup, maker.id, { body: all }), no(model, rule)),
        )
      : []),
    ...rule.terms.flatMap((term, index) => [
      ...writers(resource, term.field)
        .filter((endpoint) => endpoint.kind !== 'create' && endpoint.kind !== 'nested_create')
        .flatMap((endpoint, place) =>
          plannedCase(
            model,
            index === 0 && place === 0 ? 1 : 2,
            `${endpoint.id} refuses what leads to ${words}`,
            (setup) => {
              const row = setup.row(resource.name, resource.singular, withoutTerm(resource, all, term.field));
              return refusal(callOf(setup, endpoint.id, { row, body: { [term.field]: term.value } }), no(model, rule));
            },
          ),
        ),
      ...(maker ? allowedCase(model, resource, maker, all, term.field, index === 0 ? 1 : 2) : []),
    ]),
  ];
}

/** All but one of the terms hold: that is allowed. */
function allowedCase(
  model: SpecModel,
  resource: SpecResource,
  maker: SpecEndpoint,
  all: Values,
  field: string,
  tier: Tier,
): PlannedCase[] {
  return plannedCase(
    model,
    tier,
    `takes another ${field} with the rest`,
    (setup) => callOf(setup, maker.id, { body: withoutTerm(resource, all, field) }).success,
  );
}

/** The combination with another value of this field. */
function withoutTerm(resource: SpecResource, all: Values, name: string): Values {
  const field = fieldNamed(resource, name);
  const values: JsonValue[] =
    field?.type.kind === 'enum' ? field.type.values : field?.type.kind === 'boolean' ? [true, false] : [];
  const other = values.find((value) => value !== all[name] && !isForbidden(resource, { ...all, [name]: value }));
  if (other === undefined) throw new CannotArrange(`${name} has no other value`);
  return withDefaults(resource, {})[name] === other ? without(all, name) : { ...all, [name]: other };
}

function without(values: Values, name: string): Values {
  return Object.fromEntries(Object.entries(values).filter(([key]) => key !== name));
}

/** Endpoints whose body may hold the field, creates first. */
function writers(resource: SpecResource, name: string): SpecEndpoint[] {
  const field = fieldNamed(resource, name);
  const writes = (endpoint: SpecEndpoint) => {
    if (endpoint.kind === 'create' || endpoint.kind === 'nested_create') return field?.create !== 'never';
    if (endpoint.kind === 'update') return field?.update === true;
    const action = endpoint.kind === 'set_field' || endpoint.kind === 'assign' || endpoint.kind === 'bulk_set';
    return action && endpoint.field === name;
  };
  const rank = (endpoint: SpecEndpoint) => (endpoint.kind === 'create' || endpoint.kind === 'nested_create' ? 0 : 1);
  return resource.endpoints.filter(writes).sort((left, right) => rank(left) - rank(right));
}

function no(
  model: SpecModel,
  rule: Extract<SpecRule, { refusal: object }>,
): Pick<Check, 'expected_status'> & Partial<Check> {
  return refused(model, rule.refusal.status, rule.refusal.error_code);
}

function isText(field: SpecField | undefined): field is SpecField {
  if (field?.type.kind === 'email') return true;
  const long = field?.type.kind === 'string' && field.type.pattern === null && (field.type.max_length ?? 255) >= 12;
  return long || field?.type.kind === 'text';
}

/** The field's value from a word that can also be had in capitals. */
function textValues(field: SpecField | undefined, generator: 'word' | 'upper_word'): Values {
  if (!field) return {};
  const word = `{{${generator}:taken}}`;
  return { [field.name]: field.type.kind === 'email' ? `${word}@example.com` : word };
}
