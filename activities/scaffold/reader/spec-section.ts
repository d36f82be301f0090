/**
 * What a heading means: which part of a spec stands under it. Data-driven, pure.
 */

/** Parts that describe one resource. */
export type Facet =
  | 'fields'
  | 'relationships'
  | 'endpoints'
  | 'rules'
  | 'validation'
  | 'filters'
  | 'sorting'
  | 'pagination';
/** Parts that describe the whole project. */
export type GlobalPart = 'overview' | 'technology' | 'authentication' | 'errors' | 'page_format' | 'resources';
export type SectionKind = Facet | GlobalPart;

const HEADINGS: readonly (readonly [SectionKind, RegExp])[] = [
  ['overview', /^(?:project )?(?:overview|introduction|about|summary|purpose|description|goals?|background)$/],
  ['technology', /^(?:technology|tech|technical|software) ?stack$|^(?:stack|technologies|technology|tooling|tools)$/],
  ['authentication', /^(?:authentication|auth|authentication (?:and|&) authorization|security|sign[- ]?in|access)$/],
  ['errors', /^(?:error handling|errors?|error (?:format|responses?|codes?|envelope)|status codes)$/],
  ['page_format', /^(?:pagination|page|paging|list) (?:format|envelope|response|responses)$/],
  [
    'resources',
    /^(?:(?:core|main|api|data) )?(?:resources?|entit(?:y|ies)|models|data models?|domain(?: models?)?|objects|schema|database(?: schema)?)$/,
  ],
  ['fields', /^(?:(?:model|data|table) )?(?:fields?|attributes|properties|columns|model)$/],
  ['relationships', /^(?:relationships?|relations?|associations?|references)$/],
  ['endpoints', /^(?:(?:api|rest|http) )?(?:endpoints?|routes?|operations)(?: summary)?$/],
  [
    'rules',
    /^(?:(?:business|domain|access|authorization|permission) )?(?:rules?|logic|constraints|permissions?|policies|behaviou?rs?)(?: and constraints)?$/,
  ],
  ['validation', /^(?:validations?|validation rules?|input validation)$/],
  ['filters', /^(?:filters?|filtering|query (?:parameters|params)|search(?:ing)?|filters? (?:and|&) search)$/],
  ['sorting', /^(?:sort(?:ing)?|order(?:ing)?|sort (?:order|fields))$/],
  ['pagination', /^(?:pagination|paging|page size)$/],
];

/** Heading text without numbering, marks and colon. */
export function plainHeading(text: string): string {
  return text
    .replace(/[`*_#]+/g, (mark) => (mark.includes('_') ? mark : ''))
    .replace(/^\s*(?:\d+(?:\.\d+)*[.)]?|[ivx]+\.)\s+/i, '')
    .replace(/\s*:\s*$/, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The part a heading opens, or null: then it names a resource, the project, or nothing known. */
export function sectionKind(heading: string): SectionKind | null {
  const plain = plainHeading(heading).toLowerCase();
  return HEADINGS.find(([, pattern]) => pattern.test(plain))?.[0] ?? null;
}

const FACETS: ReadonlySet<string> = new Set<Facet>([
  'fields',
  'relationships',
  'endpoints',
  'rules',
  'validation',
  'filters',
  'sorting',
  'pagination',
]);

/** Whether a part can stand under one resource. */
export function isFacet(kind: SectionKind | null): kind is Facet {
  return kind !== null && FACETS.has(kind);
}
