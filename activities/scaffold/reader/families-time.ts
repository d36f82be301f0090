/**
 * Families about two fields of a row that belong together: order, no_overlap. Pure.
 */
import { type Family, oneRule, type Reading, refusalOf, ruleBase, type Scope, type Slots } from './rule-family.js';
import { type DraftField, type DraftResource, referencesOf, userResource } from './spec-draft.js';
import { errorCode, labelOf, spoken } from './spec-names.js';
import { fieldIn, thing, valuesIn } from './vocabulary.js';

const COMPARABLE: ReadonlySet<string> = new Set(['date', 'datetime', 'integer', 'decimal']);

function orderOf(
  scope: Scope,
  owner: DraftResource | null,
  first: DraftField | null | undefined,
  second: DraftField | null | undefined,
  strict: boolean,
): Reading | null {
  if (!owner || !first || !second || first === second || first.type?.kind !== second.type?.kind) return null;
  if (!COMPARABLE.has(first.type?.kind ?? '')) return null;
  const how = strict ? 'must be before' : 'must not be after';
  const number = first.type?.kind === 'integer' || first.type?.kind === 'decimal';
  const words = number ? (strict ? 'must be less than' : 'must not be greater than') : how;
  const code = errorCode(second.name, number ? 'below' : 'before', first.name);
  const refusal = refusalOf(scope, 400, code, `${first.name} ${words} ${second.name}.`);
  const rule = refusal && {
    ...ruleBase(scope, owner, first.name, 'before', second.name),
    refusal,
    family: 'order' as const,
    first: first.name,
    second: second.name,
    strict,
  };
  return oneRule(owner, rule);
}

/** The start and the end of a row: the two times that are called so. */
function spanOf(owner: DraftResource): { start: DraftField; end: DraftField } | null {
  const times = owner.fields.filter(({ type }) => type?.kind === 'datetime' || type?.kind === 'date');
  const starts = times.filter(({ name }) => /^(?:starts?|begins?|from|check_?in)(?:_|$)/.test(name));
  const ends = times.filter(({ name }) => /^(?:ends?|until|to|check_?out)(?:_|$)/.test(name));
  const [start] = starts;
  const [end] = ends;
  return start && end && starts.length === 1 && ends.length === 1 ? { start, end } : null;
}

function readOrder(slots: Slots, scope: Scope): Reading | null {
  const owner = slots['thing'] ? thing(scope.draft, slots['thing']) : scope.resource;
  if (!owner) return null;
  const strict = slots['equal'] === undefined;
  if (slots['later'] === undefined || slots['earlier'] === undefined) {
    const span = spanOf(owner);
    return span && orderOf(scope, owner, span.start, span.end, strict);
  }
  return orderOf(scope, owner, fieldIn(owner, slots['earlier']), fieldIn(owner, slots['later']), strict);
}

const MUST = '(?:must|has to|have to)(?: always)?';

export const ORDER: Family = {
  name: 'order',
  example: 'The due date must be after the start date (400).',
  phrasings: [
    `{thing} ${MUST} end (?:after|later than) it (?:starts|begins)`,
    `{thing} ${MUST} (?:start|begin) before it ends`,
    '{thing} cannot end before it (?:starts|begins)(?<equal>)',
    `{later} ${MUST} (?:be|lie) (?<equal>on or after|at or after|not before|no earlier than|equal to or after) {earlier}`,
    `{later} ${MUST} (?:be|lie) (?:after|later than|greater than|higher than|more than) {earlier}`,
    `{earlier} ${MUST} (?:be|lie) (?<equal>on or before|at or before|at most) {later}`,
    `{earlier} ${MUST} (?:be|lie) (?:before|earlier than|less than|lower than|below) {later}`,
    '{later} cannot be (?<equal>before|earlier than|less than|lower than|below|smaller than) {earlier}',
    '{earlier} cannot (?:be )?(?<equal>after|later than|more than|greater than|higher than|above|exceed) {later}',
  ],
  read: readOrder,
};

function readOverlap(slots: Slots, scope: Scope): Reading | null {
  const owner = slots['thing'] ? thing(scope.draft, slots['thing']) : scope.resource;
  const span = owner && spanOf(owner);
  const per = owner && perField(scope, owner, slots['per'] ?? '');
  const unless = owner && slots['values'] !== undefined ? valuesIn(owner, slots['values']) : null;
  if (!owner || !span || !per || (slots['values'] !== undefined && !unless)) return null;
  const label = spoken(labelOf(per.name));
  const code = errorCode(labelOf(per.name), 'not_free');
  const refusal = refusalOf(scope, 409, code, `The ${label} is taken at that time.`);
  const rule = refusal && {
    ...ruleBase(scope, owner, per.name, 'no-overlap'),
    refusal,
    family: 'no_overlap' as const,
    per: per.name,
    start: span.start.name,
    end: span.end.name,
    unless,
  };
  return oneRule(owner, rule);
}

/** `room` -> room_id; `vet` -> vet_id, a label or the only reference to that resource. */
function perField(scope: Scope, owner: DraftResource, words: string): DraftField | null {
  const direct = fieldIn(owner, words);
  if (direct?.type?.kind === 'reference') return direct;
  const target = thing(scope.draft, words);
  const references = target && target !== userResource(scope.draft) ? referencesOf(owner, target.name) : [];
  return references.length === 1 ? (references[0] ?? null) : null;
}

const AT_ONCE = '(?:at same time|at once|at overlapping times|for overlapping times|that overlap)';
const UNLESS = '(?:,? (?:unless|except (?:when|if)) (?:they are|it is|one is|one of them is) {values})?';

export const NO_OVERLAP: Family = {
  name: 'no_overlap',
  example: 'Bookings of the same room cannot overlap unless they are cancelled (409).',
  phrasings: [
    `{thing} (?:of|for|in) (?:same|one|each) {per} cannot overlap${UNLESS}`,
    `two {thing} (?:of|for|in) (?:same|one) {per} cannot overlap${UNLESS}`,
    `no two {thing} (?:of|for|in) (?:same |one )?{per} (?:can )?overlap${UNLESS}`,
    `{per} cannot have (?:two|overlapping|several) {thing}(?: ${AT_ONCE})?${UNLESS}`,
    `{per} cannot be booked (?:twice|double)(?: ${AT_ONCE})?${UNLESS}`,
    `{thing} cannot overlap (?:for|per|in|of) (?:same |each )?{per}${UNLESS}`,
  ],
  read: readOverlap,
};

export const TIME_FAMILIES: readonly Family[] = [NO_OVERLAP, ORDER];
