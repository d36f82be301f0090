/**
 * The model while it is being read: mutable, with gaps. Owned by one call of the reader; never leaves it. Pure.
 */
import type { ListFilter, SpecEndpoint } from '../spec-endpoints.js';
import type { FieldType, SpecResource, StatementClass } from '../spec-model.js';
import type { Grant, Scalar, SpecRule } from '../spec-rules.js';
import type { SpecProblem } from './spec-text.js';

/** Something guessed: the rule that guessed and what. */
export interface Guess {
  readonly rule: string;
  readonly note: string;
}

/** A field as far as its own line tells. */
export interface DraftField {
  name: string;
  line: number;
  text: string;
  type: FieldType | null;
  /** Bounds as written; lengths for texts, values for numbers. */
  low: number | null;
  high: number | null;
  required: boolean | null;
  nullable: boolean;
  default?: Scalar;
  unique: { caseInsensitive: boolean; with: readonly string[] } | null;
  key: boolean;
  server: boolean;
  createNever: boolean;
  updateNever: boolean;
  secret: boolean;
  stamp: 'created' | 'updated' | null;
  /** Words after 'changed only through'. */
  through: string | null;
  /** Words after 'number of'. */
  count: string | null;
  /** Set by rules. */
  user: boolean;
  stamped: boolean;
  guesses: Guess[];
  /** Fragments that nothing understands. */
  unknown: string[];
}

export interface DraftList {
  filters: ListFilter[];
  search: string[] | null;
  searchParam: string;
  sort: string[];
  default: { field: string; descending: boolean; line: number } | null;
  pageSize: number | null;
  pageMax: number | null;
  pageLine: number;
}

export interface DraftResource {
  name: string;
  singular: string;
  className: string;
  title: string;
  description: string;
  line: number;
  fields: DraftField[];
  endpoints: SpecEndpoint[];
  rules: SpecRule[];
  list: DraftList;
  link: SpecResource['link'];
  softDelete: SpecResource['soft_delete'];
  guesses: Guess[];
}

/** What a statement became: the reader's answer for one sentence. */
export interface Verdict {
  readonly class: StatementClass;
  readonly rule: string | null;
  readonly note: string | null;
}

/** Grants added to whatever permit holds on these endpoints: `admins can update any task`. */
export interface ExtraGrant {
  readonly owner: DraftResource;
  readonly endpoints: readonly string[];
  readonly allow: readonly Grant[];
}

export interface DraftModel {
  readonly extras: ExtraGrant[];
  readonly resources: DraftResource[];
  readonly problems: SpecProblem[];
}

export const generated = (rule: string): Verdict => ({ class: 'GENERATED', rule, note: null });
export const inferred = (guess: Guess): Verdict => ({ class: 'INFERRED', rule: guess.rule, note: guess.note });
export const unresolved = (note: string): Verdict => ({ class: 'UNRESOLVED', rule: null, note });

/** GENERATED when nothing was guessed, else INFERRED with every guess. */
export function verdictOf(rule: string, guesses: readonly Guess[]): Verdict {
  const [first] = guesses;
  if (!first) return generated(rule);
  return inferred({ rule: first.rule, note: guesses.map((guess) => guess.note).join('; ') });
}

export function emptyField(name: string, line: number, text: string): DraftField {
  return {
    name,
    line,
    text,
    type: null,
    low: null,
    high: null,
    required: null,
    nullable: false,
    unique: null,
    key: false,
    server: false,
    createNever: false,
    updateNever: false,
    secret: false,
    stamp: null,
    through: null,
    count: null,
    user: false,
    stamped: false,
    guesses: [],
    unknown: [],
  };
}

export function emptyList(): DraftList {
  return {
    filters: [],
    search: null,
    searchParam: 'search',
    sort: [],
    default: null,
    pageSize: null,
    pageMax: null,
    pageLine: 0,
  };
}

/** The resource of that name, or undefined. */
export function draftNamed(draft: DraftModel, name: string): DraftResource | undefined {
  return draft.resources.find((resource) => resource.name === name);
}

/** Reference fields of a resource, optionally only those to `target`. */
export function referencesOf(resource: DraftResource, target?: string): DraftField[] {
  return resource.fields.filter(
    (field) => field.type?.kind === 'reference' && (target === undefined || field.type.target === target),
  );
}

/** Name of the resource that users are rows of, if the spec has one. */
export function userResource(draft: DraftModel): DraftResource | undefined {
  const called = ['user', 'account', 'member', 'person', 'employee'];
  return called
    .map((singular) => draft.resources.find((resource) => resource.singular === singular))
    .find((resource) => resource !== undefined);
}
