/**
 * Families about bulk updates, links, relations and the order of enum values. Pure.
 */
import { type Family, oneRule, type Reading, refusalOf, ruleBase, type Scope } from './rule-family.js';
import { type DraftResource, referencesOf } from './spec-draft.js';
import { labelOf, singularOf, spoken } from './spec-names.js';
import { fieldIn, thing } from './vocabulary.js';

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

export const LINK_FAMILIES: readonly Family[] = [
  BULK_ATOMIC,
  LINK_IDEMPOTENT,
  LINK_MISSING,
  LINK,
  SORT_ORDER,
  RELATION,
];
