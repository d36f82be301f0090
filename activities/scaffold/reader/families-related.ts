/**
 * The family that refuses an operation while related rows exist: guard_related. Pure.
 */
import type { SpecRule } from '../spec-rules.js';
import { target } from './families-guard.js';
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
import { type DraftResource, type Guess, referencesOf } from './spec-draft.js';
import { errorCode, labelOf, spoken } from './spec-names.js';
import { spokenVerb } from './verbs.js';
import { type FieldValues, openValues, thing, valuesIn } from './vocabulary.js';

interface Related {
  readonly resource: DraftResource;
  readonly where: FieldValues | null;
  readonly adjective: string;
  readonly guesses: Guess[];
}

/** `active tasks (pending or in_progress)` / `pending or in_progress tasks` / `open loans` / `books`. */
function related(scope: Scope, words: string): Related | null {
  const match =
    /^(?:(?:any|some|still|one or more|at least one|non-deleted) )*(?<adjective>[\w, -]+? )?(?<thing>[\w-]+(?: \w+)?)(?: \((?<values>[^)]+)\))?$/.exec(
      words,
    )?.groups;
  if (!match) return null;
  const tries = [
    ['', `${match['adjective'] ?? ''}${match['thing'] ?? ''}`],
    [match['adjective'] ?? '', match['thing'] ?? ''],
    ...splitLast(`${match['adjective'] ?? ''}${match['thing'] ?? ''}`),
  ];
  for (const [adjective = '', name = ''] of tries) {
    const resource = thing(scope.draft, name);
    const found = resource ? relatedRows(resource, adjective.trim(), match['values']) : null;
    if (found) return found;
  }
  return null;
}

function splitLast(words: string): string[][] {
  const cut = words.lastIndexOf(' ');
  return cut < 0 ? [] : [[words.slice(0, cut), words.slice(cut + 1)]];
}

function relatedRows(resource: DraftResource, adjective: string, listed: string | undefined): Related | null {
  if (listed !== undefined) {
    const where = valuesIn(resource, listed);
    return where ? { resource, where, adjective, guesses: [] } : null;
  }
  if (adjective === '') return { resource, where: null, adjective, guesses: [] };
  const where = valuesIn(resource, adjective);
  if (where) return { resource, where, adjective, guesses: [] };
  const open = /^(?:active|open|unfinished|outstanding|ongoing|current)$/.test(adjective) ? openValues(resource) : null;
  const note = `'${adjective}' is read as ${joined(open?.values.map(String) ?? [], 'or')}`;
  return open ? { resource, where: open, adjective, guesses: [{ rule: 'open-values', note }] } : null;
}

/** The reference that the verb names (`assigned to` -> assignee), else the only one. */
function relatedField(owner: DraftResource, rows: DraftResource, verb: string): string | null {
  const references = referencesOf(rows, owner.name);
  const stem = verb
    .replace(/^(?:assigned)$/, 'assign')
    .replace(/(?:ed|en|ten)$/, '')
    .slice(0, 6);
  const fits = stem.length > 2 ? references.filter((field) => labelOf(field.name).startsWith(stem)) : [];
  if (fits.length === 1) return fits[0]?.name ?? null;
  return references.length === 1 ? (references[0]?.name ?? null) : null;
}

function readRelated(slots: Slots, scope: Scope): Reading | null {
  const done = target(scope, slots['thing'] ?? '', slots['verbs'] ?? '');
  const absent = slots['without'] !== undefined;
  const rows = done && related(scope, slots['related'] ?? '');
  const field = done && rows && relatedField(done.owner, rows.resource, slots['how'] ?? '');
  if (!done || !rows || !field || rows.resource === done.owner) return null;
  const { owner } = done;
  const what = [rows.adjective, spoken(rows.resource.name)].filter((word) => word !== '').join(' ');
  const refusal = refusalOf(
    scope,
    409,
    errorCode(owner.singular, absent ? 'has_no' : 'has', what),
    absent ? `This ${spoken(owner.singular)} has no ${what}.` : `This ${spoken(owner.singular)} still has ${what}.`,
  );
  if (!refusal) return null;
  const rule: SpecRule = {
    ...ruleBase(
      scope,
      owner,
      ...done.verbs.map((verb) => spokenVerb(verb, owner)),
      absent ? 'without' : 'while',
      rows.resource.name,
    ),
    refusal,
    family: 'guard_related',
    endpoints: done.endpoints,
    related: rows.resource.name,
    field,
    where: rows.where,
    absent,
  };
  return oneRule(owner, rule, rows.guesses);
}

const HOW =
  '(?:still )?(?<how>assigned to|linked to|attached to|owned by|created by|written by|made by|placed by|led by|managed by|in|on)';

export const GUARD_RELATED: Family = {
  name: 'guard_related',
  example: 'A user cannot be deleted while active tasks (pending or in_progress) are assigned to them (409).',
  phrasings: [
    `{thing} cannot be {verbs} (?:while|when|if) {related} (?:are|is) ${HOW} (?:it|them|him or her|this \\w+)`,
    '{thing} cannot be {verbs} (?:while|when|if) (?:it|they) (?:still )?(?:has|have) {related} (?<how>assigned|written|created|owned)',
    '{thing} cannot be {verbs} (?:while|when|if) (?:it|they) (?:still )?(?:has|have|contains?|owns?) (?<without>no )?{related}',
    '{thing} cannot be {verbs} (?:while|when|if) (?:there (?:are|is) )?(?:still )?{related} (?:exists?|refers? to (?:it|them)|references? (?:it|them)|uses? (?:it|them)|belongs? to (?:it|them))',
    '{thing} (?<without>without) {related} cannot be {verbs}',
    '{verbs} {thing} (?:with|that has) {related} is (?:not allowed|refused|forbidden)',
    '{thing} (?:with|who (?:still )?ha(?:s|ve)|that (?:still )?ha(?:s|ve)|which (?:still )?ha(?:s|ve)) {related} cannot be {verbs}',
    'cannot {verbs} {thing} (?:while|when|if) (?:it|they) (?:still )?(?:has|have|contains?) {related}',
    'cannot {verbs} {thing} (?:with|that (?:still )?has|who (?:still )?has) {related}',
    `no {verbs} while {related} (?:are|is) ${HOW} (?:it|them|him or her|this \\w+)`,
  ],
  read: readRelated,
};
