/**
 * Cases of what a request brings about besides itself: the acting user, soft deletes, cascades, counts, and
 * fields that only their own endpoint may write. Pure.
 */
import { fieldNamed, resourceNamed, type SpecModel, type SpecResource } from '../spec-model.js';
import type { RuleOf } from '../spec-rules.js';
import { CannotArrange, endpointOf, filledPath, grantedRoles, needEndpoint, permitOn } from './arrangement.js';
import { callOf } from './call.js';
import { refusal } from './call-case.js';
import { type FollowUp, invalidField, type PlannedCase, plannedCase } from './planned-case.js';
import { linked, readBack } from './proof.js';
import type { Row, Setup } from './setup.js';
import { newValue, subjectOf } from './subject.js';

export function actingUserCases(model: SpecModel, resource: SpecResource, rule: RuleOf<'acting_user'>): PlannedCase[] {
  const maker = endpointOf(resource, 'create', 'nested_create');
  if (!maker) return [];
  return [
    ...plannedCase(model, 1, `${rule.field} is the user who creates the row`, (setup) => {
      const role = grantedRoles(permitOn(resource, maker)?.allow ?? []).at(-1);
      return callOf(setup, maker.id, { actor: setup.user('author', role) }).success;
    }),
    ...(model.validation.reject_unknown_fields
      ? plannedCase(model, 1, `refuses a body that says who ${rule.field} is`, (setup) => {
          const someone = setup.user('someone');
          const call = callOf(setup, maker.id);
          const json = { ...(call.request.json as Record<string, never>), [rule.field]: someone };
          return refusal({ ...call, request: { ...call.request, json } }, invalidField(model, rule.field));
        })
      : []),
  ];
}

export function softDeleteCases(model: SpecModel, resource: SpecResource): PlannedCase[] {
  const remove = endpointOf(resource, 'delete');
  if (!remove || resource.soft_delete === null) return [];
  const { auth } = model;
  const users = resource.name === auth.user_resource && auth.active_field === resource.soft_delete.field;
  const me = endpointOf(resource, 'me', 'list');
  return [
    ...plannedCase(model, 1, 'a deleted row is only marked as deleted', (setup) => callOf(setup, remove.id).success),
    ...plannedCase(model, 2, 'a row that is not deleted is not marked', (setup) => {
      const row = setup.row(resource.name, resource.singular);
      setup.remove(setup.row(resource.name, 'other'));
      const [read] = readBack(setup, resource, row.id, row.values);
      if (!read) throw new CannotArrange(`nothing reads one of ${resource.name}`);
      return read;
    }),
    ...(users && me
      ? plannedCase(model, 1, 'a deleted user can no longer act', (setup) => {
          const row = setup.row(resource.name, 'leaver');
          setup.remove(row);
          const codes = { [model.errors.keys.code]: model.errors.codes.unauthorized };
          return {
            request: { method: me.method, path: me.path },
            as: String(row.id),
            expected_status: 401,
            expected_json: codes,
          };
        })
      : []),
  ];
}

export function onDeleteCases(model: SpecModel, resource: SpecResource, rule: RuleOf<'on_delete'>): PlannedCase[] {
  const child = resourceNamed(model, rule.child);
  const remove = endpointOf(resource, 'delete');
  if (!remove) return [];
  if (child.link) return linkCascadeCases(model, resource, child, remove.id);
  const arranged = (setup: Setup) => {
    const row = subjectOf(setup, resource, remove, {});
    return { row, kid: setup.row(child.name, 'child', { [rule.field]: row.id }) };
  };
  return [
    ...plannedCase(
      model,
      1,
      `${rule.action === 'cascade' ? 'deletes' : 'keeps'} its ${child.title.toLowerCase()}`,
      (setup) => {
        const { row, kid } = arranged(setup);
        const after =
          rule.action === 'cascade' ? gone(setup, kid) : readBack(setup, child, kid.id, { [rule.field]: null });
        return { ...callOf(setup, remove.id, { row }).success, afterwards: after };
      },
    ),
    ...plannedCase(model, 1, `leaves the ${child.title.toLowerCase()} of others alone`, (setup) => {
      const { kid } = arranged(setup);
      const other = subjectOf(setup, resource, remove, { about: {}, row: setup.row(resource.name, 'other') });
      return {
        ...callOf(setup, remove.id, { row: other }).success,
        afterwards: readBack(setup, child, kid.id, kid.values),
      };
    }),
  ];
}

/** Deleting one end of a link removes the link, not the other end. */
function linkCascadeCases(
  model: SpecModel,
  resource: SpecResource,
  child: SpecResource,
  removeId: string,
): PlannedCase[] {
  const { link } = child;
  if (!link) return [];
  const ends = (setup: Setup): { left: Row; right: Row } => {
    const ends = { left: setup.row(link.left, 'left_end'), right: setup.row(link.right, 'right_end') };
    setup.link(child, ends.left, ends.right);
    return ends;
  };
  const isLeft = link.left === resource.name;
  return [
    ...plannedCase(model, 1, 'removes its links and keeps the rows at their other end', (setup) => {
      const { left, right } = ends(setup);
      const far = isLeft ? right : left;
      const kept = readBack(setup, far.resource, far.id, far.values);
      const links = isLeft ? farList(setup, child, right) : linked(setup, child, left, []);
      return { ...callOf(setup, removeId, { row: isLeft ? left : right }).success, afterwards: [...kept, ...links] };
    }),
    ...plannedCase(model, 1, 'leaves the links of others alone', (setup) => {
      const { left, right } = ends(setup);
      const other = setup.row(resource.name, 'other');
      return { ...callOf(setup, removeId, { row: other }).success, afterwards: linked(setup, child, left, [right]) };
    }),
  ];
}

/** The rows linked to a right end, seen from there: none. */
function farList(setup: Setup, child: SpecResource, right: Row): FollowUp[] {
  const list = child.endpoints.find((known) => known.kind === 'nested_list' && known.parent === right.resource.name);
  if (!list) return [];
  const { total, items } = setup.model.page;
  const request = { method: list.method, path: filledPath(list, [right.id]) };
  return [{ request, expected_status: list.status, expected_json: { [total]: 0, [items]: [] } }];
}

function gone(setup: Setup, row: Row): FollowUp[] {
  const get = needEndpoint(row.resource, 'get');
  const code = { [setup.model.errors.keys.code]: setup.model.errors.codes.not_found };
  return [
    { request: { method: get.method, path: filledPath(get, [row.id]) }, expected_status: 404, expected_json: code },
  ];
}

export function countCases(model: SpecModel, resource: SpecResource, rule: RuleOf<'count'>): PlannedCase[] {
  const of = resourceNamed(model, rule.of);
  const addOne = (setup: Setup, row: Row, alias: string) => {
    if (!of.link) return setup.row(of.name, alias, { [rule.through]: row.id });
    const isLeft = of.link.left_field === rule.through;
    const far = setup.row(isLeft ? of.link.right : of.link.left, alias);
    setup.link(of, isLeft ? row : far, isLeft ? far : row);
    return far;
  };
  const reads = (setup: Setup, row: Row, count: number) => {
    const [read] = readBack(setup, resource, row.id, { [rule.field]: count });
    if (!read) throw new CannotArrange(`nothing reads one of ${resource.name}`);
    return read;
  };
  return [
    ...plannedCase(model, 1, `${rule.field} is 0 at first`, (setup) =>
      reads(setup, setup.row(resource.name, 'counted'), 0),
    ),
    ...plannedCase(model, 1, `${rule.field} counts its own and no others`, (setup) => {
      const row = setup.row(resource.name, 'counted');
      addOne(setup, row, 'first');
      addOne(setup, row, 'second');
      addOne(setup, setup.row(resource.name, 'uninvolved'), 'third');
      return reads(setup, row, 2);
    }),
    ...plannedCase(model, 2, `${rule.field} goes down when one is deleted`, (setup) => {
      const row = setup.row(resource.name, 'counted');
      addOne(setup, row, 'first');
      setup.remove(addOne(setup, row, 'second'));
      return reads(setup, row, 1);
    }),
  ];
}

export function onlyThroughCases(
  model: SpecModel,
  resource: SpecResource,
  rule: RuleOf<'only_through'>,
): PlannedCase[] {
  const update = endpointOf(resource, 'update');
  const field = fieldNamed(resource, rule.field);
  if (!update || !field) return [];
  return [
    ...plannedCase(model, 1, `${update.id} refuses ${rule.field}`, (setup) => {
      const row = subjectOf(setup, resource, update, {});
      const call = callOf(setup, update.id, { row, body: { [rule.field]: newValue(setup, row, field, 'other') } });
      return refusal(call, invalidField(model, rule.field));
    }),
    ...rule.endpoints
      .slice(0, 1)
      .flatMap((id) => plannedCase(model, 1, `${id} changes ${rule.field}`, (setup) => callOf(setup, id).success)),
  ];
}
