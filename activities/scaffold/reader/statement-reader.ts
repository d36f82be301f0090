/**
 * Reads the sentences of a spec: which part they stand in decides who may read them; what nobody reads is UNRESOLVED
 * with the nearest phrasing that compiles. A sentence is read whole or not at all. Pure.
 */
import { EFFECT_FAMILIES } from './families-effect.js';
import { GUARD_FAMILIES } from './families-guard.js';
import { LINK_FAMILIES } from './families-link.js';
import { PERMISSION_FAMILIES } from './families-permission.js';
import { GUARD_RELATED } from './families-related.js';
import { TIME_FAMILIES } from './families-time.js';
import { VALUE_FAMILIES } from './families-value.js';
import { type ListReading, readFilters, readPaging, readSorting } from './list-reader.js';
import {
  type ProjectDraft,
  readEnvelope,
  readProjectStatement,
  readStatusRow,
  readTechnology,
} from './project-reader.js';
import { type Family, type Reading, readClause, type Scope } from './rule-family.js';
import {
  type DraftModel,
  type DraftResource,
  type Guess,
  generated,
  unresolved,
  type Verdict,
  verdictOf,
} from './spec-draft.js';
import type { OutlineItem } from './spec-outline.js';
import type { Place, PlacedItem } from './spec-place.js';
import type { Sentence } from './spec-sentence.js';
import { canonical } from './spec-text.js';

/** In the order in which they are tried: the specific before the general. */
export const FAMILIES: readonly Family[] = [
  ...EFFECT_FAMILIES,
  ...LINK_FAMILIES,
  GUARD_RELATED,
  ...GUARD_FAMILIES,
  ...PERMISSION_FAMILIES,
  ...TIME_FAMILIES,
  ...VALUE_FAMILIES,
];

/** What reading one sentence needs. */
export interface StatementContext {
  readonly draft: DraftModel;
  readonly project: ProjectDraft;
}

/** Reads one sentence where it stands; changes the draft only when all of it is understood. */
export function readStatement(sentence: Sentence, placed: PlacedItem, context: StatementContext): Verdict {
  const { place, item } = placed;
  if (place.resource) return readForResource(sentence, place, context, item);
  switch (place.part) {
    case 'overview':
      return generated('overview');
    case 'technology':
      return readTechnology(sentence.text)
        ? generated('stack')
        : unresolved(
            'not part of the stack that is built (Python, FastAPI, PostgreSQL, SQLAlchemy, Alembic, Pydantic, pytest)',
          );
    case 'authentication':
    case 'validation':
    case 'errors':
      return readForProject(place.part, sentence, item, context);
    case 'page_format':
    case 'pagination':
      return readForProject('page_format', sentence, item, context);
    default:
      return item.path.length <= 1 && item.kind === 'paragraph'
        ? generated('overview')
        : readRules(sentence, place, context);
  }
}

function readForProject(
  part: 'authentication' | 'validation' | 'errors' | 'page_format',
  sentence: Sentence,
  item: OutlineItem,
  context: StatementContext,
): Verdict {
  if (item.kind === 'code') {
    const envelope = part === 'errors' || part === 'page_format' ? readEnvelope(part, sentence.text) : null;
    envelope?.(context.project);
    return envelope ? generated('envelope') : unresolved('a JSON object with the keys of the envelope is read here');
  }
  if (part === 'errors' && /^\W*(?:http )?\d{3}\b/i.test(sentence.text)) {
    return readStatusRow(sentence.text)
      ? generated('status')
      : unresolved('this status is not used so by what is built');
  }
  const effect = readProjectStatement(part, sentence.text);
  effect?.(context.project);
  return effect ? generated(part) : readRules(sentence, { part, resource: null, section: '' }, context);
}

type ListPart = 'filters' | 'sorting' | 'pagination';
const LIST_HINTS: Readonly<Record<ListPart, { rule: string; hint: string }>> = {
  filters: {
    rule: 'filter',
    hint: 'a filter is a field, <date>_before, <date>_after, is_overdue or "search: looks in …"',
  },
  sorting: { rule: 'sort', hint: 'nearest: "By name or created_at; default -created_at"' },
  pagination: { rule: 'page_size', hint: 'nearest: "Default page size 20, maximum 100"' },
};

function readForResource(sentence: Sentence, place: Place, context: StatementContext, item: OutlineItem): Verdict {
  const { resource, part } = place;
  if (!resource || item.kind === 'code') {
    return unresolved('code is not read here; describe it as fields, endpoints or rules');
  }
  if (part === 'filters' || part === 'sorting' || part === 'pagination') {
    return readForList(part, sentence, resource, place, context);
  }
  if ((part === null || part === 'resources') && item.kind === 'paragraph') {
    return readDescription(sentence, place, context);
  }
  return readRules(sentence, place, context);
}

function readForList(
  part: ListPart,
  sentence: Sentence,
  resource: DraftResource,
  place: Place,
  context: StatementContext,
): Verdict {
  const { text, line } = sentence;
  const reading: ListReading | null =
    part === 'filters'
      ? readFilters(resource, text)
      : part === 'sorting'
        ? readSorting(resource, text, line)
        : readPaging(resource, text, line);
  if (!reading) {
    const rules = readRules(sentence, place, context);
    return rules.class === 'UNRESOLVED' ? unresolved(LIST_HINTS[part].hint) : rules;
  }
  reading.apply();
  if (reading.clash !== undefined) {
    context.draft.problems.push({
      line,
      message: `Lines ${reading.clash} and ${line} contradict each other about the lists of ${resource.name}: "${text}" is not what line ${reading.clash} says.`,
      cure: 'Keep one of the two lines.',
    });
  }
  return verdictOf(LIST_HINTS[part].rule, reading.guesses);
}

/** Words that make prose a rule: then it must be read as one. */
const RULE_WORDS =
  /\b(?:must|cannot|can not|can't|may|should|shall|only|never|always|unless|when|if|while|until|at most|at least|no more|not|can|automatically|limit(?:ed)?)\b/i;

function readDescription(sentence: Sentence, place: Place, context: StatementContext): Verdict {
  const { resource } = place;
  const text = sentence.text;
  if (resource) resource.description = `${resource.description} ${text}`.trim();
  const verdict = readRules(sentence, place, context);
  return verdict.class === 'UNRESOLVED' && !RULE_WORDS.test(text) ? generated('description') : verdict;
}

/** A sentence as business rules: whole, else every clause of it. */
export function readRules(sentence: Sentence, place: Place, context: StatementContext): Verdict {
  const whole = canonical(sentence.text);
  const scope: Scope = {
    draft: context.draft,
    resource: place.resource,
    line: sentence.line,
    sentence: sentence.text.slice(0, 1000),
    status: whole.status,
    code: whole.code,
  };
  if (whole.text.length > 400) return unresolved('this sentence is too long to be read; split it');
  const readings =
    readWith(sentence.text, whole.text, scope) ??
    (place.resource ? null : readAnywhere(sentence.text, whole.text, scope));
  if (!readings) return unresolved(nearest(whole.text));
  const guesses: Guess[] = [];
  for (const { reading } of readings) guesses.push(...commit(reading));
  return verdictOf(readings[0]?.family ?? 'rule', guesses);
}

type ClauseReading = { readonly family: Family['name']; readonly reading: Reading };

function readWith(text: string, whole: string, scope: Scope): ClauseReading[] | null {
  const direct = readClause(FAMILIES, whole, scope);
  return direct ? [direct] : readClauses(text, scope);
}

/** A sentence outside of any resource that names none: read when exactly one resource makes sense of it. */
function readAnywhere(text: string, whole: string, scope: Scope): ClauseReading[] | null {
  const found = scope.draft.resources
    .map((resource) => readWith(text, whole, { ...scope, resource }))
    .filter((readings) => readings !== null);
  return found.length === 1 ? (found[0] ?? null) : null;
}

function readClauses(text: string, scope: Scope): ClauseReading[] | null {
  const clauses = text.split(/;\s+|,\s+and\s+(?=(?:only|when|no)\b)/i).filter((clause) => clause.trim() !== '');
  if (clauses.length < 2) return null;
  const readings = clauses.map((clause) => {
    const plain = canonical(clause);
    return readClause(FAMILIES, plain.text, { ...scope, status: plain.status, code: plain.code });
  });
  return readings.every((reading) => reading !== null) ? readings : null;
}

function commit(reading: Reading): readonly Guess[] {
  for (const { owner, rule } of reading.rules) owner.rules.push(rule);
  reading.apply?.();
  return reading.guesses ?? [];
}

/** The example that shares most words with the sentence. */
export function nearest(text: string): string {
  const words = new Set(
    text
      .toLowerCase()
      .split(/[^a-z]+/)
      .filter((word) => word.length > 2),
  );
  const scored = FAMILIES.map((family) => {
    const own = family.example
      .toLowerCase()
      .split(/[^a-z]+/)
      .filter((word) => word.length > 2);
    return { family, score: own.filter((word) => words.has(word)).length / Math.max(4, own.length) };
  });
  const best = scored.reduce((a, b) => (b.score > a.score ? b : a));
  return best.score > 0
    ? `nearest that compiles: "${best.family.example}"`
    : 'no family of rules matches this sentence';
}
