/**
 * Builds the `given` steps of one test case: rows with what they refer to, users with a role, links, changes of state.
 * Every row is made by a request that the model allows its actor; what can't be arranged throws `CannotArrange`.
 */
import type { CaseRequest, GivenStep, JsonValue } from '../../features/feature.js';
import type { EndpointOf, SpecEndpoint } from '../spec-endpoints.js';
import {
  fieldNamed,
  resourceNamed,
  rulesOf,
  type SpecField,
  type SpecModel,
  type SpecResource,
} from '../spec-model.js';
import type { Grant } from '../spec-rules.js';
import { CannotArrange, filledPath, isForbidden, needEndpoint, permitOn, type Values } from './arrangement.js';
import { sampleValue } from './sample.js';
import { inOrder } from './span.js';
import { openParent, stepsTo, unmetGuards } from './state-path.js';

/** A row that an earlier step made. */
export interface Row {
  readonly resource: SpecResource;
  /** `{{task_id}}`; for link targets and paths. */
  readonly id: JsonValue;
  readonly alias: string;
  /** What was sent for it, with the acting user's fields. */
  readonly values: Values;
}

export const ADMIN = 'admin';

export class Setup {
  readonly given: GivenStep[] = [];
  private readonly rows = new Map<JsonValue, Row>();
  private slot = 0;
  private readonly roles = new Map<string, string | null>();

  constructor(readonly model: SpecModel) {
    this.roles.set(ADMIN, model.auth.admin_role);
  }

  /** A new user, as an actor (`{{reader_id}}`): with this role, else the default one. */
  user(alias: string, role?: string): string {
    const { user_resource, role_field } = this.model.auth;
    if (user_resource === null) throw new CannotArrange('the spec has no users to act as');
    const values: Values = role !== undefined && role_field !== null ? { [role_field]: role } : {};
    return String(this.row(user_resource, alias, values).id);
  }

  /** A new row with its required values, these on top, and every row that it must refer to. */
  row(resourceName: string, alias: string, values: Values = {}): Row {
    const resource = resourceNamed(this.model, resourceName);
    const maker = needEndpoint(resource, 'create', 'nested_create');
    const wanted = this.allowed(resource, { ...this.required(resource, alias, values), ...values }, values);
    const full = this.settled(resource, wanted, values);
    const actor = this.actorIn(resource, full) ?? ADMIN;
    const later = Object.keys(full).filter((name) => this.comesLater(resource, name, full[name] ?? null));
    const stored = { ...full, ...this.userFields(resource, actor) };
    if (!this.permitted(resource, maker, actor, stored)) throw new CannotArrange(`${actor} may not ${maker.id}`);
    const row: Row = { resource, id: `{{${alias}_id}}`, alias, values: stored };
    const request = this.createRequest(resource, maker, full, later);
    this.step(request, actor, { [`${alias}_id`]: 'id' }, maker.status);
    this.remember(row);
    const made = {
      ...row,
      values: Object.fromEntries(Object.entries(stored).filter(([name]) => !later.includes(name))),
    };
    for (const name of later) this.change(made, name, full[name] ?? null);
    return row;
  }

  /** The values with a start before its end; each call has a time of its own. */
  settled(resource: SpecResource, values: Values, given: Values): Values {
    this.slot += 1;
    return inOrder(resource, values, given, this.slot);
  }

  /** The row of that id. */
  rowWith(id: JsonValue): Row {
    const row = this.rows.get(id);
    if (!row) throw new CannotArrange('no such row was made');
    return row;
  }

  /** The row of a user made here. */
  rowOf(actor: string): Row {
    const row = this.rows.get(actor);
    if (!row) throw new CannotArrange(`${actor} is no user of this case`);
    return row;
  }

  /** The request that makes such a row: body without server-made fields, parent in the path. */
  createRequest(
    resource: SpecResource,
    maker: EndpointOf<'create' | 'nested_create'>,
    values: Values,
    without: readonly string[] = [],
  ): CaseRequest {
    const writable = (name: string) => fieldNamed(resource, name)?.create !== 'never' && !without.includes(name);
    const json = Object.fromEntries(Object.entries(values).filter(([name]) => writable(name)));
    const ids = maker.kind === 'nested_create' ? [values[maker.field] ?? null] : [];
    return { method: maker.method, path: filledPath(maker, ids), json };
  }

  /** Brings a field of a row to a value through the endpoints that may write it, one step after the other. */
  change(row: Row, name: string, value: JsonValue): void {
    const { resource } = row;
    for (const { endpoint, json } of stepsTo(resource, row.values, name, value)) {
      this.prepare(row, endpoint);
      const request = { method: endpoint.method, path: filledPath(endpoint, [row.id]), ...(json ? { json } : {}) };
      this.step(request, this.actorFor(resource, endpoint, row), undefined, endpoint.status);
    }
  }

  /** Makes the rows without which the endpoint refuses. */
  prepare(row: Row, endpoint: SpecEndpoint): void {
    for (const { related, field, where } of unmetGuards(row.resource, endpoint)) {
      const state: Values = where ? { [where.field]: where.values[0] ?? null } : {};
      this.row(related, `${row.alias}_${related}`, { ...state, [field]: row.id });
    }
  }

  /** Adds a link between two rows. */
  link(linkResource: SpecResource, left: Row, right: Row): void {
    const add = needEndpoint(linkResource, 'link_add');
    const request = { method: add.method, path: filledPath(add, [left.id]), json: { [add.ids_param]: [right.id] } };
    this.step(request, this.actorFor(linkResource, add, left), undefined, add.status);
  }

  /** Deletes a row. */
  remove(row: Row): void {
    const endpoint = needEndpoint(row.resource, 'delete');
    const actor = this.actorFor(row.resource, endpoint, row);
    this.step({ method: endpoint.method, path: filledPath(endpoint, [row.id]) }, actor, undefined, endpoint.status);
  }

  /** Someone who may call the endpoint about the row: the admin, else whom a grant names. */
  actorFor(resource: SpecResource, endpoint: SpecEndpoint, row: Row | null): string {
    const values = this.contextOf(resource, row);
    const holders = (permitOn(resource, endpoint)?.allow ?? []).map((grant) => this.holder(grant, values, row));
    const actor = [ADMIN, ...holders].find(
      (candidate) => candidate !== undefined && this.permitted(resource, endpoint, candidate, values, row),
    );
    if (actor === undefined) throw new CannotArrange(`nobody arranged may call ${endpoint.id}`);
    return actor;
  }

  /** Whether the endpoint's permit lets the actor pass; `values` are those of the row, or of the row to be. */
  permitted(resource: SpecResource, endpoint: SpecEndpoint, actor: string, values: Values, row?: Row | null): boolean {
    const permit = permitOn(resource, endpoint);
    if (!permit) return true;
    return permit.allow.some((grant) =>
      grant.kind === 'role'
        ? grant.roles.includes(this.roles.get(actor) ?? '')
        : this.holder(grant, values, row ?? null) === actor,
    );
  }

  /** Values that grants about a link, or a row that is only reached through a parent, are judged by. */
  contextOf(resource: SpecResource, row: Row | null): Values {
    if (row === null) return {};
    if (resource.link && row.resource.name === resource.link.left) return { [resource.link.left_field]: row.id };
    return row.values;
  }

  /** The actor as the value of a reference: 1 for the seeded admin. */
  idOf(actor: string): JsonValue {
    return actor === ADMIN ? this.model.auth.seed_user_id : actor;
  }

  /** The values with enums chosen so that no forbidden combination arises; `fixed` ones are left alone. */
  allowed(resource: SpecResource, values: Values, fixed: Values): Values {
    if (!isForbidden(resource, values)) return values;
    for (const rule of rulesOf(resource, 'forbidden_combination')) {
      for (const term of rule.terms) {
        const type = fieldNamed(resource, term.field)?.type;
        if (term.field in fixed || type?.kind !== 'enum') continue;
        for (const value of type.values) {
          if (!isForbidden(resource, { ...values, [term.field]: value })) return { ...values, [term.field]: value };
        }
      }
    }
    throw new CannotArrange(`no allowed combination in ${resource.name}`);
  }

  /** Values for the required fields and for the parent in the path, with rows made for their references. */
  required(resource: SpecResource, alias: string, given: Values): Values {
    const wanted = resource.fields.filter(
      (field) => (field.create === 'required' || field.source === 'path') && !(field.name in given),
    );
    return Object.fromEntries(
      wanted.map((field) => [field.name, this.valueFor(field, `${alias}_${field.name}`, resource)]),
    );
  }

  /** A good value for a field; for a reference, the id of a row made for it. */
  valueFor(field: SpecField, tag: string, of?: SpecResource): JsonValue {
    if (field.type.kind !== 'reference') return sampleValue(field, tag);
    const state = of ? openParent(resourceNamed(this.model, field.type.target), of, field.name) : {};
    return this.row(field.type.target, tag, state).id;
  }

  /** Names the fields that the server fills with the acting user. */
  userFields(resource: SpecResource, actor: string): Values {
    const fields = resource.fields.filter((field) => field.source === 'user');
    return Object.fromEntries(fields.map((field) => [field.name, this.idOf(actor)]));
  }

  private step(request: CaseRequest, actor: string, capture: GivenStep['capture'], status: number): void {
    const as = actor === ADMIN ? {} : { as: actor };
    this.given.push({ request, ...as, expected_status: status, ...(capture ? { capture } : {}) });
  }

  private remember(row: Row): void {
    this.rows.set(row.id, row);
    const { user_resource, role_field } = this.model.auth;
    if (row.resource.name !== user_resource) return;
    const field = role_field === null ? undefined : fieldNamed(row.resource, role_field);
    const role = role_field === null ? undefined : (row.values[role_field] ?? field?.default);
    this.roles.set(String(row.id), typeof role === 'string' ? role : null);
  }

  /** Who must act so that the fields of the acting user hold what is wanted. */
  private actorIn(resource: SpecResource, values: Values): string | undefined {
    const field = resource.fields.find((known) => known.source === 'user' && known.name in values);
    if (!field) return undefined;
    return values[field.name] === this.model.auth.seed_user_id ? ADMIN : String(values[field.name]);
  }

  /** A value that a create can't bring about and a later change can. */
  private comesLater(resource: SpecResource, name: string, value: JsonValue): boolean {
    const field = fieldNamed(resource, name);
    if (field?.source !== 'client') return false;
    const past = typeof value === 'string' && value.startsWith('{{past_');
    const refused = rulesOf(resource, 'not_past').some((rule) => rule.field === name && rule.on.includes('create'));
    return field.create === 'never' || (past && refused);
  }

  /** The user id that a grant about a row names, as an actor. */
  private holder(grant: Grant, values: Values, row: Row | null): string | undefined {
    if (grant.kind === 'role') return undefined;
    if (grant.kind === 'self') return row === null ? undefined : String(row.id);
    const held = grant.through === null ? values : this.rows.get(values[grant.through] ?? null)?.values;
    const id = held?.[grant.field];
    if (id === undefined || id === null) return undefined;
    return id === this.model.auth.seed_user_id ? ADMIN : String(id);
  }
}
