/**
 * Finds the resources of a spec and their fields: first pass over the outline. Pure.
 */

import { endpointLine } from './endpoint-reader.js';
import { readFields } from './field-reader.js';
import {
  type DraftField,
  type DraftModel,
  type DraftResource,
  draftNamed,
  emptyField,
  emptyList,
  referencesOf,
  unresolved,
  userResource,
  type Verdict,
} from './spec-draft.js';
import { pluralOf, resourceNames, singularOf } from './spec-names.js';
import type { OutlineHeading, OutlineItem } from './spec-outline.js';
import { isFacet, type SectionKind, sectionKind } from './spec-section.js';

/** Where an item stands: the part of the spec, and the resource if any. */
export interface Place {
  readonly part: SectionKind | null;
  readonly resource: DraftResource | null;
  readonly section: string;
}

/** An outline item with its place. */
export interface PlacedItem {
  readonly item: OutlineItem;
  readonly place: Place;
}

/** Creates the resources that headings name, and says of every item where it stands. */
export function placeItems(items: readonly OutlineItem[], draft: DraftModel): PlacedItem[] {
  const title = titleOf(items);
  const named = new Map<OutlineHeading, DraftResource>();
  for (const item of items) {
    const heading = item.kind === 'heading' ? item.path.at(-1) : undefined;
    if (heading && heading !== title && namesResource(heading, item.path, items, title)) {
      const resource = resourceOf(heading, draft);
      if (resource) named.set(heading, resource);
    }
  }
  nameAgain(items, draft, named, title);
  return items.map((item) => ({ item, place: placeOf(item, named, title) }));
}

/** The heading that is the project's title: the first one, when it means nothing else and stands above the rest. */
export function titleOf(items: readonly OutlineItem[]): OutlineHeading | null {
  const heading = items.find((item) => item.kind === 'heading')?.path.at(-1);
  if (!heading || sectionKind(heading.text) !== null || heading.depth > 1) return null;
  return items.filter((item) => item.kind === 'heading' && item.path.at(-1)?.depth === 1).length === 1 ? heading : null;
}

/** A heading names a resource when fields stand under it, or when it stands directly under 'resources'. */
function namesResource(
  heading: OutlineHeading,
  path: readonly OutlineHeading[],
  items: readonly OutlineItem[],
  title: OutlineHeading | null,
): boolean {
  if (sectionKind(heading.text) !== null || heading.text.length > 60) return false;
  const above = path.slice(0, -1).filter((one) => one !== title);
  const parts = above.map((one) => sectionKind(one.text));
  if (parts.some((part) => part !== null && part !== 'resources')) return false;
  if (parts.at(-1) === 'resources') return true;
  return items.some(
    (item) => item.kind === 'heading' && item.path.includes(heading) && sectionKind(item.text) === 'fields',
  );
}

function resourceOf(heading: OutlineHeading, draft: DraftModel): DraftResource | null {
  const title = heading.text.replace(/\s*\([^)]*\)\s*$/, '').trim();
  const names = resourceNames(title);
  if (!names) return null;
  const known = draftNamed(draft, names.name);
  if (known) return known;
  const resource: DraftResource = {
    name: names.name,
    singular: names.singular,
    className: names.className,
    title,
    description: '',
    line: heading.line,
    fields: [],
    endpoints: [],
    rules: [],
    list: emptyList(),
    link: null,
    softDelete: null,
    guesses: names.renamed ? [{ rule: 'reserved-name', note: names.renamed }] : [],
  };
  draft.resources.push(resource);
  return resource;
}

/** Further headings that name a known resource (`API Endpoints > Users`). */
function nameAgain(
  items: readonly OutlineItem[],
  draft: DraftModel,
  named: Map<OutlineHeading, DraftResource>,
  title: OutlineHeading | null,
): void {
  for (const item of items) {
    const heading = item.kind === 'heading' ? item.path.at(-1) : undefined;
    if (!heading || heading === title || named.has(heading) || sectionKind(heading.text) !== null) continue;
    const names = resourceNames(heading.text.replace(/\s+(?:endpoints|routes|rules|business rules)$/i, ''));
    const known = names ? draftNamed(draft, names.name) : undefined;
    if (known) named.set(heading, known);
  }
}

function placeOf(
  item: OutlineItem,
  named: ReadonlyMap<OutlineHeading, DraftResource>,
  title: OutlineHeading | null,
): Place {
  const resource =
    item.path
      .map((heading) => named.get(heading))
      .filter((found) => found !== undefined)
      .at(-1) ?? null;
  const below = item.path.slice(item.path.findLastIndex((heading) => named.has(heading)) + 1);
  const within =
    below
      .map((heading) => sectionKind(heading.text))
      .filter((kind) => kind !== null)
      .at(-1) ?? null;
  const around =
    item.path
      .map((heading) => sectionKind(heading.text))
      .filter((kind) => kind !== null)
      .at(-1) ?? null;
  const section = item.path
    .filter((heading) => heading !== title)
    .map((heading) => heading.text)
    .join(' > ');
  return {
    part: within ?? (isFacet(around) || around === 'resources' || !resource ? around : null),
    resource,
    section,
  };
}

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
  const words = placed.filter(({ place }) => place.resource === resource && parts.includes(place.part)).map(({ item }) => item.text);
  for (const name of ['created_at', 'updated_at'] as const) {
    const wanted = words.some((text) => text.includes(name) || (name === 'created_at' && /\b(?:newest|oldest|latest) first\b/i.test(text)));
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
