/**
 * Reads the fields of every resource: first pass over the outline. Pure.
 */

import { endpointLine } from './endpoint-line.js';
import { readFields } from './field-reader.js';
import {
  type DraftField,
  type DraftModel,
  type DraftResource,
  draftNamed,
  emptyField,
  referencesOf,
  unresolved,
  userResource,
  type Verdict,
} from './spec-draft.js';
import { pluralOf, singularOf } from './spec-names.js';
import type { PlacedItem } from './spec-place.js';

/** Whether an item holds fields: under 'fields', or directly under a resource of a 'resources' part. */
export function holdsFields({ item, place }: PlacedItem): boolean {
  if (!place.resource || item.kind === 'heading' || item.kind === 'code') return false;
  if (place.part === 'fields') return endpointLine(item.text, item.line) === null;
  if (place.part !== 'resources' || item.kind === 'paragraph') return false;
  return endpointLine(item.text, item.line) === null && /^[\w-]+[!?]?\s*(?:[:(|]|->?\s|$|\w+$)/.test(item.text);
}

/** What a line of fields gave: each field with its own verdict, later completed by the rules. */
export interface FieldLine {
  readonly placed: PlacedItem;
  readonly fields: readonly DraftField[];
}

/** Reads every field; a field said twice must say the same. */
export function readAllFields(placed: readonly PlacedItem[], draft: DraftModel): FieldLine[] {
  const lines = placed.filter(holdsFields).map((one) => fieldLine(one, draft));
  for (const resource of draft.resources) {
    completeReferences(resource, draft);
    completeKey(resource, draft);
    addSortedTimes(resource, placed);
  }
  return lines;
}

function fieldLine(placed: PlacedItem, draft: DraftModel): FieldLine {
  const { resource } = placed.place;
  const fields = resource ? readFields(placed.item, resource.singular) : [];
  for (const field of fields) {
    const known = resource?.fields.find((other) => other.name === field.name);
    if (!known) resource?.fields.push(field);
    else if (said(known) !== said(field)) {
      draft.problems.push({
        line: field.line,
        message: `The field '${field.name}' of ${resource?.name} is described twice and differently: line ${known.line} "${known.text}", line ${field.line} "${field.text}".`,
        cure: 'Keep one of the two lines.',
      });
    }
  }
  return { placed, fields };
}

const said = (field: DraftField): string =>
  JSON.stringify([field.type, field.low, field.high, field.required, field.default ?? null, field.unique]);

const PEOPLE =
  /^(?:user|owner|creator|author|assignee|reviewer|manager|member|customer|reporter|approver|sender|recipient|editor|created_by|updated_by|assigned_to)$/;

/** References that were only guessed from `…_id` and point at nothing of this spec. */
function completeReferences(resource: DraftResource, draft: DraftModel): void {
  const users = userResource(draft);
  for (const field of resource.fields) {
    if (field.type?.kind !== 'reference' || draftNamed(draft, field.type.target)) continue;
    const target = pluralOf(singularOf(field.type.target));
    if (users && PEOPLE.test(singularOf(target))) {
      field.type = { kind: 'reference', target: users.name };
      field.guesses.push({ rule: 'person-is-user', note: `'${field.name}' refers to ${users.name}` });
    } else if (field.guesses.some((guess) => guess.rule === 'type-from-name')) {
      field.type = { kind: 'string', min_length: null, max_length: 255, pattern: null };
      field.guesses.push({
        rule: 'outside-id',
        note: `'${field.name}' refers to no resource of this spec; read as string`,
      });
    } else {
      draft.problems.push({
        line: field.line,
        message: `'${field.text}' refers to '${field.type.target}', which is no resource of this spec.`,
        cure: `Describe ${field.type.target} as a resource with its fields, or correct the name (known: ${draft.resources.map(({ name }) => name).join(', ')}).`,
      });
    }
  }
}

/** Makes a link of a pair of references; gives every other resource an integer id. */
function completeKey(resource: DraftResource, draft: DraftModel): void {
  const references = referencesOf(resource);
  const [left, right] = references;
  const pair =
    left?.type?.kind === 'reference' && right?.type?.kind === 'reference' && left.type.target !== right.type.target;
  const others = resource.fields.filter(
    (field) => !references.includes(field) && !(field.name === 'id' || field.name === 'created_at'),
  );
  const bare =
    others.length === 0 && !resource.fields.some((field) => field.name === 'id' || field.name === 'created_at');
  if (pair && references.length === 2 && bare && left.type?.kind === 'reference' && right.type?.kind === 'reference') {
    const users = userResource(draft)?.name;
    if (left.type.target !== users && right.type.target !== users) {
      resource.link = {
        left: left.type.target,
        left_field: left.name,
        right: right.type.target,
        right_field: right.name,
      };
      return;
    }
  }
  const id = resource.fields.find((field) => field.name === 'id' || field.key);
  if (id) {
    id.key = true;
    return;
  }
  const added = emptyField('id', resource.line, 'id');
  added.type = { kind: 'integer', min: null, max: null };
  added.key = true;
  resource.fields.unshift(added);
  resource.guesses.push({ rule: 'key-added', note: 'an integer id is the primary key' });
}

/** `created_at` and `updated_at` that the spec sorts or filters by without listing them. */
function addSortedTimes(resource: DraftResource, placed: readonly PlacedItem[]): void {
  const parts: readonly unknown[] = ['sorting', 'filters'];
  const words = placed
    .filter(({ place }) => place.resource === resource && parts.includes(place.part))
    .map(({ item }) => item.text);
  for (const name of ['created_at', 'updated_at'] as const) {
    const wanted = words.some(
      (text) => text.includes(name) || (name === 'created_at' && /\b(?:newest|oldest|latest) first\b/i.test(text)),
    );
    if (!wanted || resource.link || resource.fields.some((field) => field.name === name)) continue;
    const field = emptyField(name, resource.line, name);
    field.type = { kind: 'datetime' };
    field.stamp = name === 'created_at' ? 'created' : 'updated';
    field.server = true;
    resource.fields.push(field);
    resource.guesses.push({ rule: 'time-added', note: `'${name}' is kept by the server, because lists use it` });
  }
}

/** Verdict of an item that should hold fields and holds none. */
export const noField: Verdict = unresolved("no field is read here; write it as '`name`: type, required, …'");
