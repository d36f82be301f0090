/**
 * Families that change something besides what the request says: stamps, acting users, deletes.
 * Pure.
 */
import type { SpecRule } from '../spec-rules.js';
import { type Family, type OwnedRule, type Reading, ruleBase, type Scope, type Slots } from './rule-family.js';
import { type DraftField, type DraftResource, referencesOf, userResource } from './spec-draft.js';
import { isFormOf } from './verbs.js';
import { type FieldValues, fieldIn, thing, valuesIn } from './vocabulary.js';

const NOW = '(?: to (?:current (?:time|date|timestamp)|now|time of change))?(?: automatically)?';
const CLEARED = '(?:it is |is )?(?:cleared|reset|removed|emptied|set (?:back )?to null|null again)';

function readStamp(slots: Slots, scope: Scope): Reading | null {
  const owner = (slots['thing'] ? thing(scope.draft, slots['thing']) : null) ?? scope.resource;
  const field = owner && fieldIn(owner, slots['field'] ?? '');
  const when = owner && stampValues(owner, slots['value'] ?? '');
  const left = owner && slots['value2'] ? stampValues(owner, slots['value2']) : null;
  if (!owner || !field || !when || field.type?.kind !== 'datetime') return null;
  const leaves = slots['value2'] !== undefined || slots['cleared'] !== undefined;
  const [value, more] = when.values;
  if (
    value === undefined ||
    (leaves && more !== undefined) ||
    (slots['value2'] && left?.values.join() !== String(value))
  )
    return null;
  const rules = when.values.map((one): OwnedRule => {
    const base = ruleBase(scope, owner, field.name, 'stamp', ...(more === undefined ? [] : [String(one)]));
    const stamp = { family: 'stamp' as const, field: field.name, when: { field: when.field, value: one } };
    return { owner, rule: { ...base, refusal: null, ...stamp, clear_on_leave: leaves } };
  });
  const apply = (): void => {
    field.stamped = true;
    field.nullable = true;
  };
  return { rules, apply };
}

function stampValues(owner: DraftResource, words: string): FieldValues | null {
  const action = owner.endpoints.find(
    (endpoint) =>
      endpoint.kind === 'action' && isFormOf(words, endpoint.path.slice(endpoint.path.lastIndexOf('/') + 1)),
  );
  if (action?.kind === 'action') return { field: action.field, values: [action.value] };
  return valuesIn(owner, words.replace(/^status (?:of )?/, ''));
}

export const STAMP: Family = {
  name: 'stamp',
  example:
    'When a task becomes completed, completed_at is set to the current time; when it leaves completed, it is cleared.',
  phrasings: [
    `(?:when|if|while) {thing} (?:becomes?|is|is set to|is marked(?: as)?|moves? to|turns|changes to|reaches) {value},? (?:its )?{field} is set${NOW}[;,] (?:and )?(?:when|if|once) it (?:leaves|is no longer|stops being) {value2},? (?:it is |{field2} is )?${CLEARED.replace('(?:it is |is )?', '')}`,
    `(?:when|if|while) {thing} (?:becomes?|is|is set to|is marked(?: as)?|moves? to|turns|changes to|reaches) {value},? (?:its )?{field} is set${NOW}[;,]? (?<cleared>(?:and |or )?(?:${CLEARED}) (?:otherwise|when it leaves|when status changes|when it is reopened|afterwards))`,
    `(?:when|if|while) {thing} (?:becomes?|is|is set to|is marked(?: as)?|moves? to|turns|changes to|reaches) {value},? (?:its )?{field} is set${NOW}`,
    `(?:when|if) (?:its |{thing} )?status (?:becomes?|is|is set to|changes to) {value},? (?:its )?{field} is set${NOW}`,
    `(?:setting|changing|moving) (?:status |{thing} )?to {value} sets (?:its )?{field}${NOW}`,
    `marking {thing} (?:as )?{value} sets (?:its )?{field}${NOW}`,
    `{field} is set${NOW} when (?:{thing} (?:becomes?|is|is set to|is marked(?: as)?)|it (?:becomes|is)|status (?:becomes|changes to|is set to)) {value}`,
    `{value} {thing} (?:sets|stamps) (?:its )?{field}${NOW}`,
    `{value} (?:sets|stamps) (?:its )?{field}${NOW}`,
  ],
  read: readStamp,
};

export const ACTING_USER: Family = {
  name: 'acting_user',
  example: 'The creator of a task is the user who creates it.',
  phrasings: [
    '{field} (?:of {thing} )?is (?:always )?(?:user|person|one) who \\w+ it',
    "{thing}'s {field} is (?:always )?(?:user|person|one) who \\w+ it",
    '{field} (?:of {thing} )?is (?:always )?(?:set to |taken from |filled with )?(?:current|acting|signed-in|requesting) user(?: (?:on|at) creat(?:e|ion)| automatically)?',
    '{field} (?:of {thing} )?defaults to (?:current|acting|signed-in|requesting) user',
    '{field} is (?:set|taken) from (?:token|acting user|current user|signed-in user)',
    '{thing} belongs? to user who \\w+ it',
  ],
  read: (slots, scope) => {
    const owner = (slots['thing'] ? thing(scope.draft, slots['thing']) : null) ?? scope.resource;
    const users = userResource(scope.draft);
    if (!owner || !users) return null;
    const references = referencesOf(owner, users.name);
    const named = slots['field'] === undefined ? null : fieldIn(owner, slots['field']);
    const only = slots['field'] === undefined && references.length === 1 ? (references[0] ?? null) : null;
    const field = named ?? only;
    return field && references.includes(field) ? actingReading(scope, owner, field) : null;
  },
};

/** The rule that puts the acting user into `field`, and the mark on the field. */
export function actingReading(scope: Scope, owner: DraftResource, field: DraftField): Reading {
  const rule: SpecRule = {
    ...ruleBase(scope, owner, field.name, 'acting-user'),
    refusal: null,
    family: 'acting_user',
    field: field.name,
  };
  const apply = (): void => {
    field.user = true;
  };
  return { rules: [{ owner, rule }], apply };
}

/** `deletes its comments` / `removes its tags` / `removes it from its tasks` -> what happens to one child. */
function onDelete(scope: Scope, owner: DraftResource, words: string, how: string): OwnedRule | null {
  const named = /^(?:replies|children|descendants|sub\w+)$/.test(words) ? owner : thing(scope.draft, words);
  if (!named) return null;
  const link = scope.draft.resources.find(
    ({ link: sides }) =>
      sides && [sides.left, sides.right].includes(owner.name) && [sides.left, sides.right].includes(named.name),
  );
  const child = link ?? named;
  if (link && /delet/.test(how) && !/from/.test(how)) return null;
  const fields = referencesOf(child, owner.name);
  const [field] = fields;
  if (!field || fields.length > 1) return null;
  const action = link || /delet|remov/.test(how) ? 'cascade' : 'set_null';
  if (action === 'set_null' && field.required === true) return null;
  const base = ruleBase(scope, owner, 'delete', child.name);
  return { owner, rule: { ...base, refusal: null, family: 'on_delete', child: child.name, field: field.name, action } };
}

function readOnDelete(slots: Slots, scope: Scope): Reading | null {
  const owner = thing(scope.draft, slots['thing'] ?? '');
  if (!owner) return null;
  const rules: OwnedRule[] = [];
  for (const [words, how] of [
    [slots['first'], slots['how'] ?? 'delete'],
    [slots['second'], slots['how2'] ?? slots['how'] ?? 'delete'],
  ]) {
    if (words === undefined) continue;
    const rule = onDelete(scope, owner, words, how ?? '');
    if (!rule) return null;
    rules.push(rule);
  }
  if (slots['kept'] !== undefined && !thing(scope.draft, slots['kept'])) return null;
  return rules.length > 0 ? { rules } : null;
}

const DOES = '(?:deletes?|removes?|clears?|unlinks?)';
const KEPT =
  '(?:[;,] (?:but )?{kept} (?:stay|stays|remain|are kept|are not deleted|themselves stay|themselves are kept))?';

export const ON_DELETE: Family = {
  name: 'on_delete',
  example: 'Deleting a task deletes its comments and removes its tags.',
  phrasings: [
    `deleting {thing} (?:also )?(?<how>removes? (?:it )?from) (?:all |all of )?(?:its |all )?{first}${KEPT}`,
    `deleting {thing} (?:also )?(?<how>${DOES}) (?:all |all of )?its {first} and (?:also )?(?<how2>${DOES}) (?:all )?its {second}${KEPT}`,
    `deleting {thing} (?:also )?(?<how>${DOES}) (?:all |all of )?(?:its )?{first} and (?:its )?{second}${KEPT}`,
    `deleting {thing} (?:also )?(?<how>${DOES}) (?:all |all of )?(?:its )?{first}(?: too| as well)?${KEPT}`,
    `(?:when|if) {thing} is (?:deleted|removed),? (?:all |all of )?its {first} are (?<how>deleted|removed)(?: too| as well| with it)?${KEPT}`,
    '(?:when|if) {thing} is (?:deleted|removed),? it is (?<how>removed from) (?:all |all of )?(?:its )?{first}',
    '{first} are (?<how>deleted|removed) (?:together )?with their {thing}',
  ],
  read: readOnDelete,
};

export const SOFT_DELETE: Family = {
  name: 'soft_delete',
  example: 'Deleting a user is a soft delete: is_active becomes false and the row stays readable.',
  phrasings: [
    'deleting {thing} is soft delete(?:[:;,] {field} (?:becomes|is set to) (?<value>false|current time|now)(?:,? and row stays(?: readable)?)?)?',
    '{thing} (?:are|is) (?:only )?soft[- ]deleted(?:[:;,]? \\(?{field} (?:becomes|is set to|=) (?<value>false|current time|now)\\)?)?',
    'deleting {thing} (?:only )?(?:sets (?<field>\\w+) to (?<value>false|current time|now)|deactivates it)',
    'delete (?:is|means) soft delete(?:[:;,] {field} (?:becomes|is set to) (?<value>false|current time|now))?',
  ],
  read: (slots, scope) => {
    const owner = slots['thing'] ? thing(scope.draft, slots['thing']) : scope.resource;
    return owner ? softDelete(scope, owner, slots['field'], slots['value']) : null;
  },
};

/** Soft delete over a flag or a time, named or found by its usual name. Null when there is no such field. */
export function softDelete(scope: Scope, owner: DraftResource, named?: string, value?: string): Reading | null {
  const candidates = named === undefined ? ['is_active', 'active', 'deleted_at'] : [named];
  const field = candidates.map((name) => fieldIn(owner, name)).find((found) => found !== null);
  const flag = field?.type?.kind === 'boolean';
  if (!field || (!flag && field.type?.kind !== 'datetime')) return null;
  if (value !== undefined && flag !== (value === 'false')) return null;
  const rule: SpecRule = {
    ...ruleBase(scope, owner, 'soft-delete'),
    refusal: null,
    family: 'soft_delete',
    field: field.name,
  };
  const apply = (): void => {
    owner.softDelete = { kind: flag ? 'flag' : 'timestamp', field: field.name };
    if (!flag) field.stamped = true;
    if (!flag) field.nullable = true;
  };
  return owner.softDelete?.field === field.name ? { rules: [] } : { rules: [{ owner, rule }], apply };
}

export const EFFECT_FAMILIES: readonly Family[] = [STAMP, ACTING_USER, SOFT_DELETE, ON_DELETE];
