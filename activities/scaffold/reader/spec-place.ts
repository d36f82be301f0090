/**
 * Where everything stands: which headings name resources, and for each item its part of the spec and its resource. Pure.
 */
import { type DraftModel, type DraftResource, draftNamed, emptyList } from './spec-draft.js';
import { resourceNames } from './spec-names.js';
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

/** The heading that is the project's title: the first one, when it means nothing else and stands above or alone. */
export function titleOf(items: readonly OutlineItem[]): OutlineHeading | null {
  const headings = items.filter((item) => item.kind === 'heading').flatMap((item) => item.path.at(-1) ?? []);
  const [heading, second] = headings;
  if (!heading || sectionKind(heading.text) !== null || heading.depth > 1) return null;
  const alone = headings.filter((one) => one.depth === 1).length === 1;
  return alone || second?.depth === 1 ? heading : null;
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
