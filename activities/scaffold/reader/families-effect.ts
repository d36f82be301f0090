/**
 * Families that change something besides what the request says: stamps, acting users, deletes, counts, bulk, links.
 * Pure.
 */
import type { SpecRule } from '../spec-rules.js';
import {
  type Family,
  type OwnedRule,
  oneRule,
  type Reading,
  refusalOf,
  ruleBase,
  type Scope,
  type Slots,
} from './rule-family.js';
import { type DraftField, type DraftResource, referencesOf, userResource } from './spec-draft.js';
import { labelOf, singularOf, spoken } from './spec-names.js';
import { fieldIn, thing, valuesIn } from './vocabulary.js';

const NOW = '(?: to (?:current (?:time|date|timestamp)|now|time of change))?(?: automatically)?';
const CLEARED = '(?:it is |is )?(?:cleared|reset|removed|emptied|set (?:back )?to null|null again)';

function readStamp(slots: Slots, scope: Scope): Reading | null {
  const owner = (slots['thing'] ? thing(scope.draft, slots['thing']) : null) ?? scope.resource;
  const field = owner && fieldIn(owner, slots['field'] ?? '');
  const when = owner && stampValue(owner, slots['value'] ?? '');
  const left = owner && slots['value2'] ? stampValue(owner, slots['value2']) : null;
  if (!owner || !field || !when || field.type?.kind !== 'datetime') return null;
  if (slots['value2'] && left?.value !== when.value) return null;
  const rule: SpecRule = {
    ...ruleBase(scope, owner, field.name, 'stamp'),
    refusal: null,
    family: 'stamp',
    field: field.name,
    when,
    clear_on_leave: slots['value2'] !== undefined || slots['cleared'] !== undefined,
  };
  const apply = (): void => {
    field.stamped = true;
    field.nullable = true;
  };
  return { rules: [{ owner, rule }], apply };
}

function stampValue(
  owner: DraftResource,
  words: string,
): { field: string; value: string | number | boolean | null } | null {
  const found = valuesIn(owner, words.replace(/^status (?:of )?/, ''));
  const [value, more] = found?.values ?? [];
  return found && value !== undefined && more === undefined ? { field: found.field, value } : null;
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
    `{value} sets (?:its )?{field}${NOW}`,
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
  const named = thing(scope.draft, words);
  if (!named || named === owner) return null;
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

export const BULK_ATOMIC: Family = {
  name: 'bulk_atomic',
  example: 'A bulk update changes all of its tasks or none; an id that does not exist is answered with 404.',
  phrasings: [
    'bulk (?:\\w+ )?(?:update|change) (?:changes|updates) (?:all (?:of )?(?:its )?\\w+|everything) or (?:none|nothing)(?:[;,] id (?:that|which) does not exist)?',
    'bulk (?:\\w+ )?(?:updates?|changes?) (?:is|are) (?:atomic|all or nothing)',
    'bulk (?:\\w+ )?(?:updates?|changes?) with (?:an )?unknown id changes nothing',
  ],
  read: (_slots, scope) => {
    const owner = scope.resource;
    const endpoints = (owner?.endpoints ?? []).filter((endpoint) => endpoint.kind === 'bulk_set').map(({ id }) => id);
    const message = `At least one of these ${spoken(owner?.name ?? 'rows')} was not found.`;
    const refusal = refusalOf(scope, 404, 'NOT_FOUND', message);
    if (!owner || endpoints.length === 0 || !refusal) return null;
    return oneRule(owner, { ...ruleBase(scope, owner, 'bulk-atomic'), refusal, family: 'bulk_atomic', endpoints });
  },
};

function linkRule(
  scope: Scope,
  words: string,
  kind: 'link_add' | 'link_remove',
): { owner: DraftResource; endpoints: string[] } | null {
  const named = thing(scope.draft, words);
  const owner = scope.resource?.link
    ? scope.resource
    : scope.draft.resources.find((one) => one.link?.right === named?.name);
  const endpoints = (owner?.endpoints ?? []).filter((endpoint) => endpoint.kind === kind).map(({ id }) => id);
  return owner?.link && owner.link.right === named?.name && endpoints.length > 0 ? { owner, endpoints } : null;
}

export const LINK_IDEMPOTENT: Family = {
  name: 'link_idempotent',
  example: 'Adding a tag that is already on the task changes nothing.',
  phrasings: [
    'adding {thing} (?:that|which) is already (?:on|in|linked to|part of) {parent} (?:changes nothing|is ignored|has no effect|does nothing|succeeds)',
    'adding {thing} twice (?:changes nothing|is ignored|has no effect|does nothing)',
    '{thing} already (?:on|in|linked to) {parent} (?:are|is) ignored',
  ],
  read: (slots, scope) => {
    const found = linkRule(scope, slots['thing'] ?? '', 'link_add');
    if (!found || (scope.status !== null && scope.status >= 300)) return null;
    const base = ruleBase(scope, found.owner, 'add-idempotent');
    return oneRule(found.owner, { ...base, refusal: null, family: 'link_idempotent', endpoints: found.endpoints });
  },
};

export const LINK_MISSING: Family = {
  name: 'link_missing',
  example: 'Removing a tag that is not on the task is answered with 404.',
  phrasings: [
    'removing {thing} (?:that|which) is not (?:on|in|linked to|part of) {parent}(?: is (?:refused|not found))?',
  ],
  read: (slots, scope) => {
    const found = linkRule(scope, slots['thing'] ?? '', 'link_remove');
    const [left, right] = [found?.owner.link?.left ?? '', found?.owner.link?.right ?? ''].map((name) =>
      spoken(singularOf(name)),
    );
    const refusal = refusalOf(scope, 404, 'NOT_FOUND', `This ${right} is not on the ${left}.`);
    if (!found || !refusal) return null;
    const base = ruleBase(scope, found.owner, 'remove-missing');
    return oneRule(found.owner, { ...base, refusal, family: 'link_missing', endpoints: found.endpoints });
  },
};

export const LINK: Family = {
  name: 'link',
  example: 'Links a task to a tag.',
  phrasings: [
    'links? {first} (?:to|with|and) {second}',
    '{second} is on {first} at most once',
    '{first} (?:has|have) {second} at most once',
  ],
  read: (slots, scope) => {
    const sides = scope.resource?.link;
    const named = [slots['first'], slots['second']].map((words) => thing(scope.draft, words ?? '')?.name ?? '');
    return sides && named.includes(sides.left) && named.includes(sides.right) ? { rules: [] } : null;
  },
};

export const SORT_ORDER: Family = {
  name: 'sort_order',
  example: 'Priority sorts from low to urgent.',
  phrasings: ['(?:by )?{field} (?:sorts|is sorted|is ordered|orders) (?:from |in order )?{first} to {last}'],
  read: (slots, scope) => {
    const field = scope.resource && fieldIn(scope.resource, slots['field'] ?? '');
    const values = field?.type?.kind === 'enum' ? field.type.values : [];
    const same = values[0]?.toLowerCase() === slots['first'] && values.at(-1)?.toLowerCase() === slots['last'];
    return same && values.length > 1 ? { rules: [] } : null;
  },
};

/** Name of a relation for the plan, when it agrees with the references. */
export const RELATION: Family = {
  name: 'relation',
  example: 'A task belongs to a user as creator.',
  phrasings: [
    '{first} (?<kind>has many|have many|has|have|owns|owns many|contains|contain) (?:many |several |multiple |zero or more )?{second} through {link}',
    '{first} (?<kind>has many|have many|has|have|owns|owns many|contains|contain) (?:many |several |multiple |zero or more )?{second} as {label}',
    '{first} (?<kind>has many|have many|has|have|owns|owns many|contains|contain) (?:many |several |multiple |zero or more )?{second}',
    '{first} (?<kind>belongs? to) (?:at most )?(?:one |exactly one )?{second} as {label}',
    '{first} (?<kind>belongs? to) (?:at most )?(?:one |exactly one )?{second}',
  ],
  read: (slots, scope) => {
    const [first, second] = [thing(scope.draft, slots['first'] ?? ''), thing(scope.draft, slots['second'] ?? '')];
    if (!first || !second) return null;
    if (slots['link'] !== undefined) return linkedThrough(scope, first, second, slots['link']);
    const [many, one] = /^belong/.test(slots['kind'] ?? '') ? [first, second] : [second, first];
    const references = referencesOf(many, one.name);
    const label = slots['label'];
    const fits = label === undefined ? references : references.filter((field) => spoken(labelOf(field.name)) === label);
    return fits.length > 0 && !first.link ? { rules: [] } : null;
  },
};

function linkedThrough(scope: Scope, first: DraftResource, second: DraftResource, words: string): Reading | null {
  const sides = thing(scope.draft, words)?.link;
  const both = sides ? [sides.left, sides.right] : [];
  return both.includes(first.name) && both.includes(second.name) ? { rules: [] } : null;
}

export const EFFECT_FAMILIES: readonly Family[] = [
  STAMP,
  ACTING_USER,
  SOFT_DELETE,
  ON_DELETE,
  BULK_ATOMIC,
  LINK_IDEMPOTENT,
  LINK_MISSING,
  LINK,
  SORT_ORDER,
  RELATION,
];
