/**
 * What an action such as `POST /orders/{id}/ship` does: the value it sets, and from which values it may start. Pure.
 */
import { valueList } from './field-phrases.js';
import type { DraftResource, Guess } from './spec-draft.js';
import { isFormOf } from './verbs.js';

/** One step of a state machine; `from` is empty when the words name no start. */
export interface StateStep {
  readonly field: string;
  readonly from: readonly string[];
  readonly to: string;
  readonly guesses: readonly Guess[];
}

const BECOMES = /^(?<from>.+?)\s+(?:becomes?|turns? into|goes to|changes to|moves to|->|to)\s+(?<to>[\w -]+)$/i;

/** Values that a verb brings about and whose name does not tell. */
const MEANS: Readonly<Record<string, RegExp>> = {
  start: /^(?:in_progress|running|started|active|ongoing)$/,
  finish: /^(?:finished|done|completed?)$/,
  complete: /^(?:completed?|done|finished)$/,
  reopen: /^(?:open|reopened)$/,
  activate: /^active$/,
  deactivate: /^inactive$/,
};

const plain = (word: string): string =>
  word
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');

/** Reads the description (`draft becomes published`) first, then the verb (`publish` sets `published`). */
export function stepOf(resource: DraftResource, verb: string, description: string): StateStep | null {
  return writtenStep(resource, description) ?? stepByVerb(resource, plain(verb), description);
}

function writtenStep(resource: DraftResource, description: string): StateStep | null {
  const groups = BECOMES.exec(description.trim())?.groups;
  if (!groups) return null;
  const from = valueList(groups['from'] ?? '').map(plain);
  const to = plain(groups['to'] ?? '');
  const fits = enumsOf(resource).filter(({ values }) => [...from, to].every((value) => values.includes(value)));
  const [field] = fits;
  return field && fits.length === 1 && !from.includes(to) ? { field: field.name, from, to, guesses: [] } : null;
}

function stepByVerb(resource: DraftResource, verb: string, description: string): StateStep | null {
  const found = enumsOf(resource).flatMap(({ name, values }) =>
    values
      .filter((value) => value === verb || isFormOf(value, verb) || MEANS[verb]?.test(value))
      .map((to) => ({ name, values, to })),
  );
  const [only] = found;
  if (!only || found.length > 1) return null;
  const words = description.toLowerCase().split(/[^a-z_]+/);
  const from = only.values.filter((value) => value !== only.to && words.includes(value));
  const note = `sets ${only.name} to ${only.to}${from.length > 0 ? ` from ${from.join(' or ')}` : ', from any value'}`;
  return { field: only.name, from, to: only.to, guesses: [{ rule: 'action-by-verb', note }] };
}

/** `cancel` -> cancelled: the value itself where it is a form of the verb. */
export function participleOf(verb: string, value: string): string {
  if (isFormOf(value, verb)) return value;
  return verb.endsWith('e') ? `${verb}d` : `${verb.replace(/(?<=[^aeiou])y$/, 'i')}ed`;
}

function enumsOf(resource: DraftResource): { name: string; values: string[] }[] {
  return resource.fields.flatMap(({ name, type }) => (type?.kind === 'enum' ? [{ name, values: type.values }] : []));
}
