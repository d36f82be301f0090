/**
 * What words mean in this spec: resources, fields, values, verbs and people. Pure look-ups; null = means nothing here,
 * and then the phrasing does not match.
 */
import type { Grant, Scalar } from '../spec-rules.js';
import { valueList } from './field-phrases.js';
import { type DraftField, type DraftModel, type DraftResource, referencesOf, userResource } from './spec-draft.js';
import { labelOf, pluralOf, singularOf, spoken } from './spec-names.js';

const underscored = (words: string): string =>
  words
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');

/** `their own tasks`, `task`, `any account` -> the resource. */
export function thing(draft: DraftModel, words: string): DraftResource | null {
  const plain = underscored(
    words.replace(
      /^(?:(?:any|all|every|each|its|their|his|own|other|new|further|more|existing|this|that|some)\s+)+/g,
      '',
    ),
  );
  const plural = pluralOf(singularOf(plain));
  const found = draft.resources.find(
    (resource) => resource.name === plural || resource.name === plain || resource.singular === plain,
  );
  if (found) return found;
  return /^(?:user|account|profile|member)s?$/.test(plain) ? (userResource(draft) ?? null) : null;
}

/** `due date`, `due_date`, `role` -> the field. */
export function fieldIn(resource: DraftResource, words: string): DraftField | null {
  const name = underscored(
    words
      .replace(/^(?:its|their|his)\s+/, '')
      .replace(/'s\b/g, '')
      .replace(/\s+(?:field|value)$/, ''),
  );
  const found = resource.fields.find((field) => field.name === name || field.name === `${name}_id`);
  if (found) return found;
  const last = name.replace(new RegExp(`^${resource.singular}_|_of_${resource.singular}$`), '');
  return resource.fields.find((field) => field.name === last || field.name === `${last}_id`) ?? byStem(resource, last);
}

const TIME_WORDS = /^(?:start|end|expiry|begin|publication|cancellation)$/;

/** `expiry` -> expires_at, `start` -> starts_on, `inviter` -> invited_by_id: one field that begins so. */
function byStem(resource: DraftResource, word: string): DraftField | null {
  const person = /^(?<stem>[a-z]{3,})(?:er|or)$/.exec(word)?.groups?.['stem'];
  const stem = TIME_WORDS.test(word) ? word.replace(/(?:y|ation)$/, '') : person;
  const kinds = person === undefined ? ['date', 'datetime'] : ['reference'];
  if (stem === undefined) return null;
  const fits = resource.fields.filter(
    ({ name, type }) =>
      name.startsWith(stem) && kinds.includes(type?.kind ?? '') && (person === undefined || /_by(?:_id)?$/.test(name)),
  );
  return fits.length === 1 ? (fits[0] ?? null) : null;
}

/** Every word of a list is a field of the resource; null else. */
export function fieldsIn(resource: DraftResource, words: string): DraftField[] | null {
  const found = valueList(words).map((word) => fieldIn(resource, word));
  return found.length > 0 && found.every((field) => field !== null) ? found : null;
}

export interface FieldValues {
  readonly field: string;
  readonly values: Scalar[];
}

/** `completed or cancelled` -> the one enum field that has them all; `archived`, `inactive` -> a boolean field. */
export function valuesIn(resource: DraftResource, words: string): FieldValues | null {
  const named = /^(?<field>[\w ]+?) (?:is|are|=) (?<values>.+)$/.exec(words)?.groups;
  if (named) {
    const field = fieldIn(resource, named['field'] ?? '');
    const found = valuesIn(resource, named['values'] ?? '');
    return field && found?.field === field.name ? found : null;
  }
  const wanted = valueList(words.replace(/^(?:either|still|already|both|in status)\s+/, '')).map(underscored);
  const fits = resource.fields.flatMap((field) => {
    const known = field.type?.kind === 'enum' ? field.type.values : [];
    const values = wanted.map((word) => known.find((value) => underscored(value) === word));
    return wanted.length > 0 && values.every((value) => value !== undefined) ? [{ field: field.name, values }] : [];
  });
  if (fits.length === 1) return fits[0] ?? null;
  return fits.length === 0 && wanted.length === 1 ? booleanIn(resource, wanted[0] ?? '') : null;
}

function booleanIn(resource: DraftResource, word: string): FieldValues | null {
  const booleans = resource.fields.filter((field) => field.type?.kind === 'boolean');
  const plain = (field: DraftField): string => field.name.replace(/^(?:is|has)_/, '');
  const yes = booleans.find((field) => plain(field) === word);
  if (yes) return { field: yes.name, values: [true] };
  const no = booleans.find((field) =>
    [`in${plain(field)}`, `un${plain(field)}`, `not_${plain(field)}`, `non_${plain(field)}`].includes(word),
  );
  const off = no ?? (word === 'deactivated' ? booleans.find((field) => plain(field) === 'active') : undefined);
  return off ? { field: off.name, values: [false] } : null;
}

/** Values that mean 'over and done with', for adjectives such as open or active. */
const FINAL = /^(?:completed?|done|cancelled|canceled|closed|finished|resolved|archived|returned|delivered|rejected)$/;

/** `open` / `active` / `unfinished` -> the values of the status enum that are not final ones; a guess. */
export function openValues(resource: DraftResource): FieldValues | null {
  const field = resource.fields.find(
    (one) => one.type?.kind === 'enum' && one.type.values.some((value) => FINAL.test(value)),
  );
  if (field?.type?.kind !== 'enum') return null;
  const values = field.type.values.filter((value) => !FINAL.test(value));
  return values.length > 0 ? { field: field.name, values } : null;
}

/** Roles of the spec, in its order. */
export function rolesOf(draft: DraftModel): string[] {
  const field = userResource(draft)?.fields.find((one) => one.name === 'role');
  return field?.type?.kind === 'enum' ? field.type.values : [];
}

function roleIn(draft: DraftModel, words: string): string | null {
  const plain = words
    .replace(/^users? (?:with|having) (?:role )?/, '')
    .replace(/ (?:role|roles|users?)$/, '')
    .trim();
  const name = underscored(plain);
  return rolesOf(draft).find((role) => underscored(role) === name || underscored(role) === singularOf(name)) ?? null;
}

/** One person in a sentence -> who that is for a row of `resource`. */
function grantIn(draft: DraftModel, resource: DraftResource, words: string): Grant | null {
  const users = userResource(draft);
  const item = words.trim().replace(/^(?:its|their|only)\s+/, '');
  if (
    /^(?:users? (?:themselves|himself|itself|who owns? (?:it|account))|themselves|account owner|account holder)$/.test(
      item,
    )
  ) {
    return resource === users ? { kind: 'self' } : null;
  }
  const role = /^users?$/.test(item) ? null : roleIn(draft, item);
  if (role) return { kind: 'role', roles: [role] };
  const of = /^(?<label>[\w ]+?) of (?:its |their )?(?<thing>[\w ]+)$/.exec(item)?.groups;
  const possessive = /^(?<thing>[\w ]+?)(?:'s)? (?<label>\w+)$/.exec(item)?.groups;
  if (of) return labelGrant(draft, resource, of['label'] ?? '', thing(draft, of['thing'] ?? ''));
  const direct = labelGrant(draft, resource, item, resource);
  if (direct) return direct;
  return possessive
    ? labelGrant(draft, resource, possessive['label'] ?? '', thing(draft, possessive['thing'] ?? ''))
    : null;
}

/** A reference to the user resource whose label this is: on the row, or on the row that one of its references names. */
function labelGrant(draft: DraftModel, resource: DraftResource, label: string, of: DraftResource | null): Grant | null {
  const users = userResource(draft);
  if (!users || !of) return null;
  if (of === resource && !resource.link) {
    const field = personField(resource, users, label);
    return field ? { kind: 'field', field: field.name, through: null } : null;
  }
  const parent =
    of === resource && resource.link ? draft.resources.find((one) => one.name === resource.link?.left) : of;
  if (!parent) return null;
  const field = personField(parent, users, label);
  const through = referencesOf(resource, parent.name);
  const only = through.length === 1 ? through[0] : undefined;
  return field && only ? { kind: 'field', field: field.name, through: only.name } : null;
}

/** The field a label names; `owner` is the one that the acting user is put into. */
function personField(resource: DraftResource, users: DraftResource, label: string): DraftField | null {
  const references = referencesOf(resource, users.name);
  const named = references.find((field) => spoken(labelOf(field.name)) === label.trim());
  if (named) return named;
  const stem = fieldIn(resource, label.trim());
  if (stem && references.includes(stem)) return stem;
  const own = references.filter((field) => field.user || field.server);
  return /^(?:owner|creator|author)$/.test(label.trim()) && own.length === 1 ? (own[0] ?? null) : null;
}

/** `creator, assignee or admin` -> grants, roles joined; null when one of them is nobody known. */
export function grantsIn(draft: DraftModel, resource: DraftResource, words: string): Grant[] | null {
  const found = valueList(words).map((item) => grantIn(draft, resource, item));
  if (found.length === 0 || !found.every((grant) => grant !== null)) return null;
  return joinedGrants(found);
}

/** The same grants with at most one of kind role, at the place of the first. */
export function joinedGrants(grants: readonly Grant[]): Grant[] {
  const roles = [...new Set(grants.flatMap((grant) => (grant.kind === 'role' ? grant.roles : [])))];
  const first = grants.findIndex((grant) => grant.kind === 'role');
  return grants.flatMap((grant, index): Grant[] => {
    if (grant.kind !== 'role') return [grant];
    return index === first ? [{ kind: 'role', roles }] : [];
  });
}

/** The field that holds whose row it is: set from the acting user, or the only reference to users. */
export function ownerField(draft: DraftModel, resource: DraftResource): DraftField | null {
  const users = userResource(draft);
  if (!users) return null;
  const references = referencesOf(resource, users.name);
  const own = references.filter((field) => field.user || field.server);
  if (own.length === 1) return own[0] ?? null;
  return references.length === 1 ? (references[0] ?? null) : null;
}
