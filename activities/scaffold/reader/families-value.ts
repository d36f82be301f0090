/**
 * Families about the values of a request: reference_active, not_past, forbidden_combination. Pure.
 */
import type { Scalar } from '../spec-rules.js';
import { UNIQUE, UNIQUE_PAIR } from './families-unique.js';
import { type Family, oneRule, refusalOf, ruleBase, type Slots } from './rule-family.js';
import { type DraftField, type DraftResource, draftNamed, referencesOf } from './spec-draft.js';
import { errorCode, labelOf, spoken } from './spec-names.js';
import { fieldIn, thing, valuesIn } from './vocabulary.js';

export const REFERENCE_ACTIVE: Family = {
  name: 'reference_active',
  example: 'A task cannot be assigned to an inactive user (400).',
  phrasings: [
    '{thing} cannot be (?<how>assigned|given|linked|lent|sold|sent) to (?:{inactive} )?{target}',
    '(?<inactive>inactive|deactivated|disabled) {target} cannot be (?:(?<how>assigned|chosen|used)|{label})(?: to {thing})?',
    '{thing} cannot (?<how>use|contain|refer to|choose) {inactive} {target}',
    '{thing} cannot be (?<verb>\\w+) (?:by|from|for) {inactive} {target}',
    '(?<inactive>inactive|deactivated|disabled) {target} cannot be (?<how>booked|ordered|lent|sold|joined|used)',
    '(?<inactive>inactive|deactivated|disabled) {target} cannot (?<how>join|enter|receive|get|take) {into}',
    '{label} (?:must be|has to be|must always be) (?:active|enabled)(?: (?<target>\\w+))?',
    '{label} cannot be {inactive}(?: (?<target>\\w+))?',
    'no {inactive} {label}',
  ],
  read: (slots, scope) => {
    const owner = (slots['thing'] ? thing(scope.draft, slots['thing']) : null) ?? scope.resource;
    if (!owner || (slots['inactive'] !== undefined && !/^(?:inactive|deactivated|disabled)$/.test(slots['inactive'])))
      return null;
    if (slots['into'] !== undefined && !thing(scope.draft, slots['into'])) return null;
    const stated = slots['target'] ? thing(scope.draft, slots['target']) : null;
    if (slots['target'] && (!stated || (slots['inactive'] === undefined && slots['label'] === undefined))) return null;
    const field = activeField(owner, stated, slots);
    const target = field?.type?.kind === 'reference' ? draftNamed(scope.draft, field.type.target) : undefined;
    const flag = target?.fields.find(
      (one) => one.type?.kind === 'boolean' && /^(?:is_)?(?:active|enabled)$/.test(one.name),
    );
    if (!field || !target || !flag) return null;
    const label = labelOf(field.name);
    const refusal = refusalOf(scope, 400, errorCode(label, 'inactive'), `The ${spoken(label)} is not active.`);
    return oneRule(
      owner,
      refusal && {
        ...ruleBase(scope, owner, field.name, 'active'),
        refusal,
        family: 'reference_active',
        field: field.name,
        target: target.name,
        active_field: flag.name,
      },
    );
  },
};

function activeField(owner: DraftResource, target: DraftResource | null, slots: Slots): DraftField | null {
  const references = referencesOf(owner, target?.name);
  if (slots['verb'] !== undefined) {
    const stem = slots['verb'].replace(/(?:ned|ed|d)$/, '').slice(0, 5);
    const fits = references.filter(
      (field) => labelOf(field.name).startsWith(stem) || (stem === 'le' && field.name.startsWith('lead')),
    );
    return fits.length === 1 ? (fits[0] ?? null) : null;
  }
  if (slots['label'] !== undefined) {
    const named = fieldIn(owner, slots['label']);
    return named && references.includes(named) ? named : null;
  }
  const assigned = references.filter((field) => labelOf(field.name).startsWith('assign'));
  if (slots['how'] === 'assigned' && assigned.length === 1) return assigned[0] ?? null;
  return references.length === 1 ? (references[0] ?? null) : null;
}

const WHEN =
  '(?: (?<when>(?:on|at) creat(?:e|ion)|when (?:creating |creating|created)?(?:it|{thing})?(?: is created)?))?';
const PAST = '(?:in past|before (?:now|today)|earlier than (?:now|today))';
const FUTURE = '(?:in future|now or later|today or later|in present or future|later than now)';

export const NOT_PAST: Family = {
  name: 'not_past',
  example: 'The due date cannot be in the past when a task is created (400).',
  phrasings: [
    `{field} cannot be ${PAST}${WHEN}`,
    `{field} (?:must be|has to be) ${FUTURE}${WHEN}`,
    `{field} (?:must|has to) lie ${FUTURE}${WHEN}`,
    `no past {field}${WHEN}`,
    `(?<when>when creating) {thing},? {field} cannot be ${PAST}`,
    `(?<when>when|if) {thing} is created,? {field} cannot be ${PAST}`,
    '{thing} cannot be (?<when>created) with past {field}',
    '{thing} cannot be (?<when>created) with {field} in past',
  ],
  read: (slots, scope) => {
    const owner = (slots['thing'] ? thing(scope.draft, slots['thing']) : null) ?? scope.resource;
    const field = owner && fieldIn(owner, slots['field'] ?? '');
    if (!owner || !field || (field.type?.kind !== 'datetime' && field.type?.kind !== 'date')) return null;
    const code = errorCode(field.name, 'in_past');
    const refusal = refusalOf(scope, 400, code, `${field.name} must not be in the past.`);
    if (!refusal) return null;
    return oneRule(owner, {
      ...ruleBase(scope, owner, field.name, 'not-past'),
      refusal,
      family: 'not_past',
      field: field.name,
      on: slots['when'] !== undefined ? ['create'] : ['create', 'update'],
    });
  },
};

/** A term of a combination: `urgent`, `priority urgent`, `with status pending`. */
function term(owner: DraftResource, words: string): { field: string; value: Scalar } | null {
  const plain = words.replace(/^(?:with|of|in|has|have) /, '');
  const direct = valuesIn(owner, plain);
  const split = /^(?<field>[\w ]+?) (?<value>[\w-]+)$/.exec(plain)?.groups;
  const field = split ? fieldIn(owner, split['field'] ?? '') : null;
  const found = direct ?? (field ? valuesIn(owner, split?.['value'] ?? '') : null);
  const [value, more] = found?.values ?? [];
  if (!found || value === undefined || more !== undefined || (!direct && found.field !== field?.name)) return null;
  return { field: found.field, value };
}

export const FORBIDDEN_COMBINATION: Family = {
  name: 'forbidden_combination',
  example: 'An urgent task can never be pending (400).',
  phrasings: [
    '{first} {thing} cannot (?:be|have|stay|remain)? ?{second}',
    '{thing} (?:with|that is|of) {first} cannot (?:be|have|stay) {second}',
    '{thing} cannot be (?:both )?{first} and {second}(?: at same time| at once)?',
    '{first} and {second} (?:cannot be combined|exclude each other|do not go together)',
    '{first} cannot (?:be combined|go) with {second}',
    '{first} cannot be {second}',
    'if {first},? {second2} cannot be {second}',
  ],
  read: (slots, scope) => {
    const owner = slots['thing'] ? thing(scope.draft, slots['thing']) : scope.resource;
    const first = owner && term(owner, slots['first'] ?? '');
    const second = owner && term(owner, `${slots['second2'] ? `${slots['second2']} ` : ''}${slots['second'] ?? ''}`);
    if (!owner || !first || !second || first.field === second.field) return null;
    const message = `${spoken(first.field)} ${first.value} does not go with ${spoken(second.field)} ${second.value}.`;
    const code = errorCode(String(first.value), 'and', String(second.value));
    const refusal = refusalOf(scope, 400, code, message);
    if (!refusal) return null;
    const words = [String(first.value), 'not', String(second.value)];
    return oneRule(owner, {
      ...ruleBase(scope, owner, ...words),
      refusal,
      family: 'forbidden_combination',
      terms: [first, second],
    });
  },
};

export const VALUE_FAMILIES: readonly Family[] = [
  UNIQUE,
  UNIQUE_PAIR,
  REFERENCE_ACTIVE,
  NOT_PAST,
  FORBIDDEN_COMBINATION,
];
