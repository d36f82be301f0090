/**
 * The families of values that no two rows share: unique. Pure.
 */
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
import { type DraftField, type DraftResource, referencesOf } from './spec-draft.js';
import { errorCode, spoken } from './spec-names.js';
import { type FieldValues, fieldIn, fieldsIn, thing, valuesIn } from './vocabulary.js';

const CASE = ',? ?\\(?(?<case>case[- ]?insensitive(?:ly)?|ignoring case|without case|regardless of case)?\\)?';

function readUnique(slots: Slots, scope: Scope): Reading | null {
  const owner = slots['thing'] ? thing(scope.draft, slots['thing']) : scope.resource;
  const fields = owner && fieldsIn(owner, slots['fields'] ?? '');
  if (!owner || !fields) return null;
  const per = slots['per'] ? perField(scope, owner, slots['per']) : null;
  if (slots['per'] && !per) return null;
  const where = slots['values'] === undefined ? null : valuesIn(owner, slots['values']);
  if (slots['values'] !== undefined && !where) return null;
  return uniqueReading(scope, owner, [...(per ? [per] : []), ...fields], slots['case'] !== undefined, where);
}

/** `a user is in a team at most once`: the rows that have a reference to both. */
function readPair(slots: Slots, scope: Scope): Reading | null {
  const { resource } = scope;
  if (!resource) return null;
  const fields = [slots['first'] ?? '', slots['second'] ?? ''].map((words) => perField(scope, resource, words));
  const [first, second] = fields;
  if (!first || !second || first === second) return null;
  return uniqueReading(scope, resource, [second, first], false);
}

export const UNIQUE_PAIR: Family = {
  name: 'unique',
  example: 'A user is in a team at most once (409).',
  phrasings: [
    '{first} is in {second} (?:at most|only) once',
    '{first} can (?:join|be added to|be in|enter|enrol in|enroll in|apply to|register for|rate|review|like) {second} (?:at most|only) once',
    '(?:there is )?(?:only |at most )?one {thing} (?:per|for each) {first} and {second}',
    'each {first} (?:scores?|rates?|reviews?|joins?|likes?) {second} (?:at most|only) once',
  ],
  read: readPair,
};

function perField(scope: Scope, owner: DraftResource, words: string): DraftField | null {
  const parent = thing(scope.draft, words);
  const references = parent ? referencesOf(owner, parent.name) : [];
  return fieldIn(owner, words) ?? (references.length === 1 ? (references[0] ?? null) : null);
}

/** Unique over fields. A single field that its own line already calls unique is the same rule said twice. */
export function uniqueReading(
  scope: Scope,
  owner: DraftResource,
  fields: readonly DraftField[],
  insensitive: boolean,
  where: FieldValues | null = null,
): Reading | null {
  const names = fields.map((field) => field.name);
  const [only] = fields;
  const message = `A ${spoken(owner.singular)} with this ${joined(names.map(spoken))} already exists.`;
  const refusal = refusalOf(scope, 409, errorCode(...names, 'already_exists'), message);
  if (!refusal) return null;
  if (
    fields.length === 1 &&
    where === null &&
    only?.unique &&
    (!insensitive || only.unique.caseInsensitive) &&
    refusal.status === 409
  ) {
    return scope.code === null ? { rules: [] } : null;
  }
  return oneRule(owner, {
    ...ruleBase(scope, owner, ...names, 'unique'),
    refusal,
    family: 'unique',
    fields: names,
    case_insensitive: insensitive,
    where,
  });
}

export const UNIQUE: Family = {
  name: 'unique',
  example: 'No two tags can have the same name (409).',
  phrasings: [
    `{fields} of {thing} (?:must be|is|are|has to be) unique${CASE}`,
    `{thing} {fields} (?:must be|is|are|has to be) unique${CASE}`,
    `{thing} {fields} (?:must be|is|are|has to be) unique (?:per|within|in|for each) (?:each |its |one |same )?{per}${CASE}`,
    `{fields} (?:must be|is|are|has to be) unique (?:per|within|for each|among|inside) (?:each |its |one |same )?{per}${CASE}`,
    `(?:combination of )?{fields} (?:together )?(?:must be|is|are|has to be) unique(?: together)?${CASE}`,
    `no two {thing} (?:can )?(?:have|share) same {fields}${CASE}`,
    `no two {thing} of (?:same |one )?{per} (?:can )?(?:have|share) same {fields}${CASE}`,
    `no two {values} {thing} of (?:same |one )?{per} (?:can )?(?:have|share) same {fields}${CASE}`,
    `no two {values} {thing} (?:can )?(?:have|share) same {fields}${CASE}`,
    'second {thing} with same {fields}(?: is (?:refused|rejected|not allowed))?',
    'two {thing} cannot (?:have|share) same {fields}',
    '{thing} with existing {fields} cannot be created',
    'duplicate {fields} (?:is|are) (?:refused|rejected|not allowed)',
    'duplicate {fields}',
  ],
  read: readUnique,
};
