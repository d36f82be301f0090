/**
 * How a family of business rules is recognised: phrasings with slots, tried in order against the canonical sentence;
 * the first whose slots all mean something in this spec reads it. Pure.
 */
import type { RuleFamily, SpecRule } from '../spec-rules.js';
import type { DraftModel, DraftResource, Guess } from './spec-draft.js';
import { slugPart } from './spec-names.js';
import type { NamedRefusal } from './spec-text.js';

/** Where a sentence stands and what it says about its refusal. */
export interface Scope extends NamedRefusal {
  readonly draft: DraftModel;
  /** The resource whose section it stands in. */
  readonly resource: DraftResource | null;
  readonly line: number;
  readonly sentence: string;
}

export interface OwnedRule {
  readonly owner: DraftResource;
  readonly rule: SpecRule;
}

/** What a clause means: rules to add, guesses made, and changes to the draft to make when the whole sentence is read. */
export interface Reading {
  readonly rules: readonly OwnedRule[];
  readonly guesses?: readonly Guess[];
  readonly apply?: () => void;
}

export type Slots = Readonly<Record<string, string>>;

export interface Family {
  /** Name of the family; in the plan and in docs/spec-format.md. */
  readonly name: RuleFamily | 'open' | 'link' | 'sort_order' | 'relation';
  /** In canonical words (lower case, no articles); `{slot}`, `(a|b)`, `(x )?`. */
  readonly phrasings: readonly string[];
  /** One sentence that this family reads, shown as the nearest phrasing that compiles. */
  readonly example: string;
  readonly read: (slots: Slots, scope: Scope) => Reading | null;
}

/** `create, update and delete`: a slot of verbs is a list of single words. */
const VERBS = '[a-z-]+(?:(?:,? (?:and|or) |, |/)[a-z-]+)*';
const compiled = new Map<string, readonly RegExp[]>();

/**
 * A phrasing as anchored expressions with a named group for each slot: the shortest words first, then the longest, so
 * that `{values} {thing}` reads both `open work orders` and `completed or cancelled tasks`.
 */
export function phrasingPatterns(phrasing: string): readonly RegExp[] {
  const known = compiled.get(phrasing);
  if (known) return known;
  const source = phrasing.replaceAll('{verbs}', `(?<verbs>${VERBS})`).replaceAll('{verbs2}', `(?<verbs2>${VERBS})`);
  const patterns = ['?', ''].map(
    (lazy) => new RegExp(`^${source.replace(/\{(\w+)\}/g, `(?<$1>[^;]{1,200}${lazy})`)}$`),
  );
  compiled.set(phrasing, patterns);
  return patterns;
}

/** The first reading that any family gives of a canonical clause. */
export function readClause(
  families: readonly Family[],
  text: string,
  scope: Scope,
): { family: Family['name']; reading: Reading } | null {
  for (const family of families) {
    for (const phrasing of family.phrasings) {
      for (const pattern of phrasingPatterns(phrasing)) {
        const match = pattern.exec(text);
        const reading = match ? family.read(match.groups ?? {}, scope) : null;
        if (reading) return { family: family.name, reading };
      }
    }
  }
  return null;
}

/** Start of every rule of this sentence. */
export function ruleBase(
  scope: Scope,
  owner: DraftResource,
  ...words: string[]
): { id: string; line: number; sentence: string } {
  const id = `${slugPart(owner.name)}-${slugPart(words.join('-'))}`.slice(0, 79).replace(/-+$/, '');
  return { id, line: scope.line, sentence: scope.sentence };
}

export type RefusalStatus = 400 | 403 | 404 | 409 | 422;
const STATUSES: ReadonlySet<number> = new Set([400, 403, 404, 409, 422]);

/** The refusal of a rule: what the sentence names, else the family's own. Null when the named status can't be one. */
export function refusalOf(
  scope: Scope,
  status: RefusalStatus,
  errorCode: string,
  message: string,
): { status: RefusalStatus; error_code: string; message: string } | null {
  const named = scope.status ?? status;
  if (!STATUSES.has(named)) return null;
  return { status: named as RefusalStatus, error_code: scope.code ?? errorCode, message };
}

/** A reading of one rule; null when the rule could not be made. */
export function oneRule(owner: DraftResource, rule: SpecRule | null, guesses: readonly Guess[] = []): Reading | null {
  return rule ? { rules: [{ owner, rule }], guesses } : null;
}

/** `a`, `a and b`, `a, b and c`. */
export function joined(words: readonly string[], last = 'and'): string {
  if (words.length < 2) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}
