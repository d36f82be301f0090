/**
 * Families that refuse an operation because of the status of the row or of its parent. Pure.
 */
import type { SpecRule } from '../spec-rules.js';
import { covers } from './families-permission.js';
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
import { type DraftResource, referencesOf } from './spec-draft.js';
import { errorCode, singularOf, spoken } from './spec-names.js';
import { endpointsFor, spokenVerb, type Verb, verbsIn } from './verbs.js';
import { type FieldValues, thing, valuesIn } from './vocabulary.js';

const spokenValues = (found: FieldValues): string[] =>
  found.values.map((value) =>
    typeof value === 'boolean' ? `${value ? '' : 'not '}${spoken(found.field).replace(/^is /, '')}` : String(value),
  );

/** The endpoints that a guard holds on, when every verb has some. */
export function target(
  scope: Scope,
  words: string,
  verbWords: string,
): { owner: DraftResource; verbs: Verb[]; endpoints: string[] } | null {
  const owner = /^(?:it|they|)$/.test(words) ? scope.resource : thing(scope.draft, words);
  const verbs = verbsIn(verbWords, owner);
  const endpoints = owner && verbs && endpointsFor(owner, verbs);
  return owner && verbs && endpoints ? { owner, verbs, endpoints } : null;
}

function readStatus(slots: Slots, scope: Scope): Reading | null {
  const done = target(scope, slots['thing'] ?? '', slots['verbs'] ?? '');
  const blocked = done && valuesIn(done.owner, slots['values'] ?? '');
  if (!done || !blocked || done.verbs.includes('create')) return null;
  return oneRule(done.owner, statusRule(scope, done, blocked), covers(done));
}

function statusRule(
  scope: Scope,
  done: { owner: DraftResource; verbs: Verb[]; endpoints: string[] },
  blocked: FieldValues,
): SpecRule | null {
  const { owner, verbs, endpoints } = done;
  const values = spokenValues(blocked);
  const state = joined(values, 'or');
  const refusal = refusalOf(
    scope,
    409,
    errorCode(owner.singular, 'is', state),
    `This ${spoken(owner.singular)} is ${state}.`,
  );
  if (!refusal) return null;
  return {
    ...ruleBase(scope, owner, ...verbs.map((verb) => spokenVerb(verb, owner)), 'while', ...values),
    refusal,
    family: 'guard_status',
    endpoints,
    blocked,
  };
}

/** Every other value of the field; null when there is none. */
function othersOf(resource: DraftResource, open: FieldValues): FieldValues | null {
  const type = resource.fields.find((field) => field.name === open.field)?.type;
  const all = type?.kind === 'enum' ? type.values : [true, false];
  const values = all.filter((value) => !open.values.includes(value));
  return values.length > 0 ? { field: open.field, values } : null;
}

/** `only pending orders can be deleted`: every other value blocks. */
function readOnlyStatus(slots: Slots, scope: Scope): Reading | null {
  const done = target(scope, slots['thing'] ?? '', slots['verbs'] ?? '');
  const open = done && valuesIn(done.owner, slots['values'] ?? '');
  if (!done || !open || done.verbs.includes('create')) return null;
  const blocked = othersOf(done.owner, open);
  return blocked && oneRule(done.owner, statusRule(scope, done, blocked), covers(done));
}

export const GUARD_STATUS: Family = {
  name: 'guard_status',
  example: 'A task cannot be deleted while it is in_progress (409).',
  phrasings: [
    '{thing} cannot be {verbs} (?:while|when|if) (?:it is|they are|its status is|their status is|status is) {values}',
    '{thing} (?:that|which) (?:is|are) {values} cannot be {verbs}',
    'cannot {verbs} {thing} (?:while|when|if) (?:it is|they are|its status is|status is) {values}',
    'cannot {verbs} {thing} (?:that|which) (?:is|are) {values}',
    'no {verbs} (?:of {thing} )?while (?:it is )?{values}',
    '{verbs} {thing} (?:while|when|if) (?:it is|they are|its status is) {values} is (?:refused|rejected|forbidden|not allowed|not possible)',
  ],
  read: readStatus,
};

/** `completed tasks cannot be edited`: the value is the first words, the resource the last. */
export const GUARD_STATUS_ADJECTIVE: Family = {
  name: 'guard_status',
  example: 'Completed tasks cannot be updated.',
  phrasings: ['{values} {thing} cannot be {verbs}', 'cannot {verbs} {values} {thing}'],
  read: readStatus,
};

export const GUARD_STATUS_ONLY: Family = {
  name: 'guard_status',
  example: 'Only pending orders can be deleted.',
  phrasings: [
    'only {values} {thing} can be {verbs}',
    '{thing} can only be {verbs} (?:while|when|if) (?:it is|they are) {values}',
    '{thing} can be {verbs} only (?:while|when|if) (?:it is|they are) {values}',
  ],
  read: readOnlyStatus,
};

function readParent(slots: Slots, scope: Scope, only: boolean): Reading | null {
  const done = target(scope, slots['thing'] ?? '', slots['verbs'] ?? 'add');
  const parent = thing(scope.draft, slots['parent'] ?? '');
  const named = parent && valuesIn(parent, slots['values'] ?? '');
  const blocked = named && only ? othersOf(parent, named) : named;
  const through = done && parent ? referencesOf(done.owner, parent.name) : [];
  const [reference] = through;
  if (!done || !parent || !blocked || !reference || through.length > 1 || parent === done.owner) return null;
  const state = joined(spokenValues(blocked), 'or');
  const code = errorCode(parent.singular, 'is', state);
  const refusal = refusalOf(scope, 409, code, `The ${spoken(parent.singular)} is ${state}.`);
  if (!refusal) return null;
  return oneRule(done.owner, {
    ...ruleBase(
      scope,
      done.owner,
      ...done.verbs.map((verb) => spokenVerb(verb, done.owner)),
      'while',
      singularOf(parent.name),
      state,
    ),
    refusal,
    family: 'guard_parent',
    endpoints: done.endpoints,
    through: reference.name,
    parent: parent.name,
    blocked,
  });
}

export const GUARD_PARENT: Family = {
  name: 'guard_parent',
  example: 'Comments cannot be added to completed or cancelled tasks (409).',
  phrasings: [
    '{thing} cannot be {verbs} (?:to|on|in|for|of|from) {values} {parent}',
    '{thing} cannot be {verbs} (?:while|when|if|after) (?:its |their )?{parent} (?:is|are|has been|was) {values}',
    '{thing} cannot be {verbs} (?:to|on|in|for|of) {parent} (?:that|which) (?:is|are) {values}',
    'no (?:new |further |more )?{thing} (?:can be (?:added|created|made|written) )?(?:to|on|in|for) {values} {parent}',
    '{thing} of {values} {parent} cannot be {verbs}',
    '{values} {parent} (?:cannot (?:receive|take|get|have)|accept no|take no|get no) (?:new |further |more )?{thing}',
    'cannot {verbs} {thing} (?:to|on|in|for) {values} {parent}',
  ],
  read: (slots, scope) => readParent(slots, scope, false),
};

export const GUARD_PARENT_ONLY: Family = {
  name: 'guard_parent',
  example: 'Comments can be added only to open tasks.',
  phrasings: [
    '{thing} can be {verbs} only (?:to|on|in|for|of|from) {values} {parent}',
    '{thing} can only be {verbs} (?:to|on|in|for|of|from) {values} {parent}',
    '{thing} (?:are|is) {verbs} only (?:to|on|in|for|of) {values} {parent}',
    '{thing} (?:are|is) {verbs} only while (?:its |their )?{parent} (?:is|are) {values}',
    'only {values} {parent} (?:can (?:have|receive|get|take)|take|accept) (?:new )?{thing}',
  ],
  read: (slots, scope) => readParent(slots, scope, true),
};

export const GUARD_FAMILIES: readonly Family[] = [
  GUARD_STATUS,
  GUARD_PARENT,
  GUARD_PARENT_ONLY,
  GUARD_STATUS_ONLY,
  GUARD_STATUS_ADJECTIVE,
];
