/**
 * Cases of rules about two times of a row: which comes first, and that no two rows of one thing overlap. Pure.
 */
import type { JsonValue } from '../../features/feature.js';
import type { EndpointOf } from '../spec-endpoints.js';
import { fieldNamed, type SpecField, type SpecModel, type SpecResource } from '../spec-model.js';
import type { RuleOf, SpecRule } from '../spec-rules.js';
import { endpointOf, type Values } from './arrangement.js';
import { type Call, callOf } from './call.js';
import { refusal } from './call-case.js';
import { type PlannedCase, plannedCase, refused } from './planned-case.js';
import type { Row, Setup } from './setup.js';

const no = (model: SpecModel, { refusal: how }: Extract<SpecRule, { refusal: object }>) =>
  refused(model, how.status, how.error_code);

export function orderCases(model: SpecModel, resource: SpecResource, rule: RuleOf<'order'>): PlannedCase[] {
  const maker = endpointOf(resource, 'create', 'nested_create');
  const update = endpointOf(resource, 'update');
  const first = fieldNamed(resource, rule.first);
  const second = fieldNamed(resource, rule.second);
  if (!maker || !first || !second || first.create === 'never' || second.create === 'never') return [];
  const pair = (low: number, high: number) => ({ [first.name]: at(first, low), [second.name]: at(second, high) });
  const send = (low: number, high: number) => (setup: Setup) => callOf(setup, maker.id, { body: pair(low, high) });
  return [
    ...plannedCase(model, 1, `refuses ${second.name} before ${first.name}`, (setup) =>
      refusal(send(20, 15)(setup), no(model, rule)),
    ),
    ...plannedCase(model, 2, `${rule.strict ? 'refuses' : 'takes'} ${second.name} equal to ${first.name}`, (setup) =>
      rule.strict ? refusal(send(20, 20)(setup), no(model, rule)) : send(20, 20)(setup).success,
    ),
    ...plannedCase(model, 1, `takes ${second.name} after ${first.name}`, (setup) => send(15, 20)(setup).success),
    ...(update && second.update
      ? plannedCase(model, 2, `${update.id} refuses ${second.name} before ${first.name}`, (setup) => {
          const row = setup.row(resource.name, resource.singular, pair(20, 25));
          return refusal(callOf(setup, update.id, { row, body: { [second.name]: at(second, 15) } }), no(model, rule));
        })
      : []),
  ];
}

function at({ type }: SpecField, step: number): JsonValue {
  if (type.kind === 'date' || type.kind === 'datetime') return `{{future_${type.kind}:${step}}}`;
  const low = 'min' in type ? (type.min ?? 0) : 0;
  return type.kind === 'decimal' ? (low + step).toFixed(type.scale) : low + step;
}

export function noOverlapCases(model: SpecModel, resource: SpecResource, rule: RuleOf<'no_overlap'>): PlannedCase[] {
  const maker = endpointOf(resource, 'create', 'nested_create');
  const start = fieldNamed(resource, rule.start);
  const end = fieldNamed(resource, rule.end);
  if (!maker || !start || !end) return [];
  const span = spanOf(start, end);
  const taken = (setup: Setup): Row => setup.row(resource.name, 'taken', span(20, 30));
  const send = (setup: Setup, row: Row, from: number, to: number, same = true) =>
    sameTime(setup, maker, resource, rule, row, span(from, to), same);
  const [away] = rule.unless?.values ?? [];
  return [
    ...plannedCase(model, 1, `refuses a time that begins within another of the same ${rule.per}`, (setup) =>
      refusal(send(setup, taken(setup), 25, 35), no(model, rule)),
    ),
    ...plannedCase(model, 1, `refuses a time that encloses another of the same ${rule.per}`, (setup) =>
      refusal(send(setup, taken(setup), 15, 35), no(model, rule)),
    ),
    ...plannedCase(
      model,
      1,
      'takes a time that begins when another ends',
      (setup) => send(setup, taken(setup), 30, 40).success,
    ),
    ...plannedCase(
      model,
      1,
      `takes the same time for another ${rule.per}`,
      (setup) => send(setup, taken(setup), 20, 30, false).success,
    ),
    ...(rule.unless && away !== undefined
      ? plannedCase(model, 1, `takes the time of a row that is ${String(away)}`, (setup) => {
          const row = taken(setup);
          setup.change(row, rule.unless?.field ?? '', away);
          return send(setup, row, 20, 30).success;
        })
      : []),
  ];
}

const spanOf =
  (start: SpecField, end: SpecField) =>
  (from: number, to: number): Values => ({ [start.name]: at(start, from), [end.name]: at(end, to) });

/** Another row at that time, of the same thing or of another. */
function sameTime(
  setup: Setup,
  maker: EndpointOf<'create' | 'nested_create'>,
  resource: SpecResource,
  rule: RuleOf<'no_overlap'>,
  row: Row,
  times: Values,
  same: boolean,
): Call {
  const held = row.values[rule.per] ?? null;
  if (maker.kind === 'create' || maker.field !== rule.per)
    return callOf(setup, maker.id, { body: { ...times, ...(same ? { [rule.per]: held } : {}) } });
  const target = fieldNamed(resource, rule.per)?.type;
  const name = target?.kind === 'reference' ? target.target : '';
  return callOf(setup, maker.id, { row: same ? setup.rowWith(held) : setup.row(name, 'elsewhere'), body: times });
}
