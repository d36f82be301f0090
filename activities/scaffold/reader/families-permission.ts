/**
 * Families about who may do what: permit, field_permit, open. Pure.
 */
import type { Grant, SpecRule } from '../spec-rules.js';
import {
  type Family,
  joined,
  oneRule,
  type Reading,
  refusalOf,
  ruleBase,
  type Scope,
  type Slots,
} from './rule-family.js';
import { type DraftResource, userResource } from './spec-draft.js';
import { spoken } from './spec-names.js';
import { endpointsFor, spokenVerb, type Verb, verbsIn } from './verbs.js';
import { fieldsIn, grantsIn, joinedGrants, ownerField, rolesOf, thing } from './vocabulary.js';

interface Deed {
  readonly owner: DraftResource;
  readonly verbs: Verb[];
  readonly endpoints: string[];
}

/** The endpoints that `verbs` on `thing` mean; in a link's section its far side (`add tags`) is the link. */
function deed(scope: Scope, verbWords: string, thingWords: string | undefined): Deed | null {
  const [what = '', ...where] = (thingWords ?? '').split(/ (?:to|from|of|on|in|for) /);
  const named = what === '' || /^(?:it|them)$/.test(what) ? scope.resource : thing(scope.draft, what);
  if (!named) return null;
  const parent = where.length === 1 ? thing(scope.draft, where[0] ?? '') : null;
  if (where.length > 0 && !parent) return null;
  const link = scope.draft.resources.find(
    (one) => one.link?.right === named.name && (one === scope.resource || one.link.left === parent?.name),
  );
  const owner = link ?? named;
  const verbs = verbsIn(verbWords, owner);
  const endpoints = verbs && endpointsFor(owner, verbs);
  return verbs && endpoints ? { owner, verbs, endpoints } : null;
}

function spokenVerbs(verbs: readonly Verb[], owner: DraftResource): string[] {
  const ofLinks: Partial<Record<Verb, string>> = owner.link ? { create: 'add', delete: 'remove' } : {};
  return verbs.map((verb) => ofLinks[verb] ?? spokenVerb(verb, owner));
}

function permit(scope: Scope, done: Deed, allow: readonly Grant[]): SpecRule | null {
  const { owner, endpoints } = done;
  const words = spokenVerbs(done.verbs, owner);
  const left = owner.link ? scope.draft.resources.find((one) => one.name === owner.link?.left) : undefined;
  const right = owner.link ? spoken(owner.link.right) : '';
  const what = left
    ? `${right} of this ${spoken(left.singular)}`
    : done.verbs.includes('create')
      ? spoken(owner.name)
      : `this ${spoken(owner.singular)}`;
  const refusal = refusalOf(scope, 403, 'FORBIDDEN', `You are not allowed to ${joined(words, 'or')} ${what}.`);
  if (!refusal) return null;
  return {
    ...ruleBase(scope, owner, 'permit', ...words),
    refusal,
    family: 'permit',
    endpoints,
    allow: joinedGrants(allow),
  };
}

/** `update` covers the actions that change a row, too: said once, so a guess that is shown. */
export function covers(done: Pick<Deed, 'owner' | 'verbs' | 'endpoints'>): { rule: string; note: string }[] {
  const actions = done.owner.endpoints.filter(
    (endpoint) => done.endpoints.includes(endpoint.id) && ['set_field', 'assign', 'bulk_set'].includes(endpoint.kind),
  );
  if (actions.length === 0 || !done.verbs.includes('update')) return [];
  return [{ rule: 'update-covers-actions', note: `update also covers ${joined(actions.map((one) => one.id))}` }];
}

function readPermit(slots: Slots, scope: Scope): Reading | null {
  const done = deed(scope, slots['verbs'] ?? '', slots['thing']);
  const allow = done && grantsIn(scope.draft, done.owner, slots['who'] ?? '');
  return done && allow ? oneRule(done.owner, permit(scope, done, allow), covers(done)) : null;
}

const ANYONE =
  /^(?:(?:any|every|all|each|regular|normal|other|signed-in) )*(?:users?|members?|accounts?|people|anyone|everyone|everybody)$/;

/** `users can update only their own account; admins can update any account`. */
function readOwn(slots: Slots, scope: Scope): Reading | null {
  const done = deed(scope, slots['verbs'] ?? '', slots['thing']);
  if (!done || !ANYONE.test(slots['anyone'] ?? '')) return null;
  const own = ownGrant(scope, done.owner);
  const others = slots['who'] === undefined ? [] : grantsIn(scope.draft, done.owner, slots['who']);
  if (!own || !others) return null;
  if (slots['verbs2'] !== undefined && verbsIn(slots['verbs2'], done.owner)?.join() !== done.verbs.join()) return null;
  if (slots['thing2'] !== undefined && thing(scope.draft, slots['thing2']) !== done.owner) return null;
  return oneRule(done.owner, permit(scope, done, [own, ...others]), covers(done));
}

function ownGrant(scope: Scope, owner: DraftResource): Grant | null {
  if (owner === userResource(scope.draft)) return { kind: 'self' };
  const field = ownerField(scope.draft, owner);
  return field ? { kind: 'field', field: field.name, through: null } : null;
}

function readForbidden(slots: Slots, scope: Scope): Reading | null {
  const done = deed(scope, slots['verbs'] ?? '', slots['thing']);
  const who = done && grantsIn(scope.draft, done.owner, slots['who'] ?? '');
  const [only] = who ?? [];
  if (!done || who?.length !== 1 || only?.kind !== 'role') return null;
  const roles = rolesOf(scope.draft).filter((role) => !only.roles.includes(role));
  if (roles.length === 0) return null;
  const guess = { rule: 'everyone-else-may', note: `open to the other roles: ${joined(roles)}` };
  return oneRule(done.owner, permit(scope, done, [{ kind: 'role', roles }]), [guess]);
}

export const PERMIT: Family = {
  name: 'permit',
  example: 'Only the creator or an admin can delete a task.',
  phrasings: [
    'only {who} can {verbs} {thing}',
    'only {who} can {verbs}',
    '{thing} can only be {verbs} by {who}',
    '{thing} can be {verbs} only by {who}',
    '{thing} can be {verbs} by {who} only',
    '{thing} can be {verbs} by {who}',
    '{thing} (?:is|are) {verbs} only by {who}',
    '{verbs} {thing} (?:requires|needs|is limited to|is restricted to|is reserved for) {who}(?: role| rights| access)?',
    '{verbs} {thing} is (?:for )?{who} only',
    '{who} only can {verbs} {thing}',
    '(?:no one|nobody) (?:but|except|other than) {who} can {verbs} {thing}',
    '{thing} cannot be {verbs} by anyone (?:but|except|other than) {who}',
  ],
  read: readPermit,
};

export const OWN: Family = {
  name: 'permit',
  example: 'Users can update only their own account; admins can update any account.',
  phrasings: [
    '{anyone} can {verbs} only (?:their|his or her|its) own {thing}[;,] (?:and |while |but )?{who} can {verbs2} (?:any|all|every) {thing2}',
    '{anyone} can only {verbs} (?:their|his or her|its) own {thing}[;,] (?:and |while |but )?{who} can {verbs2} (?:any|all|every) {thing2}',
    '{anyone} can {verbs} (?:their|his or her|its) own {thing}[;,] (?:and |while |but )?{who} can {verbs2} (?:any|all|every) {thing2}',
    '{anyone} can {verbs} only (?:their|his or her|its) own {thing},? (?:unless they are|except for|except|but) {who}',
    '{anyone} can only {verbs} (?:their|his or her|its) own {thing},? (?:unless they are|except for|except|but) {who}',
    '{anyone} can {verbs} only (?:their|his or her|its) own {thing}',
    '{anyone} can only {verbs} (?:their|his or her|its) own {thing}',
    "{anyone} cannot {verbs} (?:other people's|someone else's|others'|other users'|each other's) {thing}",
  ],
  read: readOwn,
};

/** `admins can update any task`: widens the permit of these endpoints; without one it says what holds anyway. */
export const ANY: Family = {
  name: 'permit',
  example: 'Admins can update any task.',
  phrasings: [
    '{who} can (?:also |always )?{verbs} (?:any|all|every) {thing}',
    '{who} can (?:also |always ){verbs} {thing}',
  ],
  read: (slots, scope) => {
    const done = deed(scope, slots['verbs'] ?? '', slots['thing']);
    const allow = done && grantsIn(scope.draft, done.owner, slots['who'] ?? '');
    if (!done || !allow || scope.status !== null) return null;
    const apply = (): void => {
      scope.draft.extras.push({ owner: done.owner, endpoints: done.endpoints, allow });
    };
    return { rules: [], apply };
  },
};

export const FORBIDDEN: Family = {
  name: 'permit',
  example: 'Managers cannot delete users.',
  phrasings: ['{who} cannot {verbs} {thing}'],
  read: readForbidden,
};

export const OPEN: Family = {
  name: 'open',
  example: 'Any signed-in user can list tasks.',
  phrasings: ['{anyone} can {verbs} {thing}'],
  read: (slots, scope) => {
    const done = deed(scope, slots['verbs'] ?? '', slots['thing']);
    const open = /^(?:any|every|all|signed-in|anyone|everyone|everybody)\b/.test(slots['anyone'] ?? '');
    if (!done || !open || !ANYONE.test(slots['anyone'] ?? '') || /\bown\b/.test(slots['thing'] ?? '')) return null;
    return { rules: [] };
  },
};

export const FIELD_PERMIT: Family = {
  name: 'field_permit',
  example: 'Only admins can change role or is_active.',
  phrasings: [
    'only {who} can (?:change|set|update|edit|modify) {fields} of {thing}',
    'only {who} can (?:change|set|update|edit|modify) {fields}',
    '{fields} can (?:only )?be (?:changed|set|updated|edited|modified) (?:only )?by {who}(?: only)?',
    '(?:changing|setting|updating|editing|modifying) {fields} (?:requires|needs) {who}(?: role| rights)?',
    '{fields} changes? (?:requires?|needs?) {who}(?: role| rights)?',
    'changes? (?:to|of) {fields} (?:requires?|needs?) {who}(?: role| rights)?',
  ],
  read: (slots, scope) => {
    const owner = slots['thing'] ? thing(scope.draft, slots['thing']) : scope.resource;
    const fields = owner && fieldsIn(owner, slots['fields'] ?? '');
    const allow = owner && grantsIn(scope.draft, owner, slots['who'] ?? '');
    if (!owner || !fields || !allow) return null;
    const names = fields.map((field) => field.name);
    const refusal = refusalOf(scope, 403, 'FORBIDDEN', `You are not allowed to change ${joined(names, 'or')}.`);
    if (!refusal) return null;
    return oneRule(owner, {
      ...ruleBase(scope, owner, 'permit', ...names),
      refusal,
      family: 'field_permit',
      fields: names,
      allow,
    });
  },
};

/** Field permits are tried first: `change role` names a field, not a resource. */
export const PERMISSION_FAMILIES: readonly Family[] = [FIELD_PERMIT, PERMIT, OWN, OPEN, ANY, FORBIDDEN];
