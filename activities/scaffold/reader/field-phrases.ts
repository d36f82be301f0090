/**
 * The words that describe a field, as a table: a pattern and what it tells. Longest match wins at each place of the
 * text. Pure and data-driven: a new habit is one more row.
 */
import type { Scalar } from '../spec-rules.js';
import { bounds, CHARS, type FieldPhrase, NUMBER, numeric, phrase, TYPE_PHRASES } from './field-type-phrases.js';
import type { DraftField } from './spec-draft.js';

export { type FieldPhrase, valueList } from './field-type-phrases.js';

/** A default as written -> its value in JSON. */
export function defaultValue(text: string): Scalar {
  const plain = text.trim().replace(/^['"`]|['"`]$/g, '');
  if (/^(?:true|false)$/i.test(plain)) return plain.toLowerCase() === 'true';
  if (/^(?:null|none)$/i.test(plain)) return null;
  return /^-?\d+(?:\.\d+)?$/.test(plain) ? Number(plain) : plain;
}

function defaults(field: DraftField, words: string | undefined): boolean {
  const value = defaultValue(words ?? '');
  if (/^(?:now(?:\(\))?|current_timestamp|current time)$/i.test(String(value))) {
    field.stamp = 'created';
    field.server = true;
    return true;
  }
  if (value === null) field.nullable = true;
  else field.default = value;
  return true;
}

const set =
  (...changes: ((field: DraftField) => void)[]) =>
  (field: DraftField): boolean => {
    for (const change of changes) change(field);
    return true;
  };

const server = set((field) => {
  field.server = true;
});
const optional = (field: DraftField): boolean => {
  if (field.required === true) return false;
  field.required = false;
  field.nullable = true;
  return true;
};
const required = (field: DraftField): boolean => {
  if (field.required === false) return false;
  field.required = true;
  return true;
};
const unique = (caseInsensitive: boolean) =>
  set((field) => {
    field.unique = { caseInsensitive, with: [] };
  });

const BOUNDS: readonly FieldPhrase[] = [
  phrase(`(?:exactly )?(?<size>\\d{1,4})\\s*(?:chars?|characters|letters)(?: long)?`, (f, g) =>
    bounds(f, numeric(g['size']), numeric(g['size'])),
  ),
  phrase(
    `(?:length |between |from )?(?<low>${NUMBER})\\s*(?:-|\\.\\.\\.?|to|and)\\s*(?<high>${NUMBER})${CHARS}`,
    (f, g) => bounds(f, numeric(g['low']), numeric(g['high'])),
  ),
  phrase(
    `(?:max(?:imum)?(?: of)?(?:[ -]?length)?|up to|at most|<=|no (?:longer|more) than|not (?:longer|more) than)\\s*[:=]?\\s*(?<high>${NUMBER})${CHARS}`,
    (f, g) => bounds(f, null, numeric(g['high'])),
  ),
  phrase(
    `(?:min(?:imum)?(?: of)?(?:[ -]?length)?|at least|>=|no (?:shorter|less) than|not (?:shorter|less) than)\\s*[:=]?\\s*(?<low>${NUMBER})${CHARS}`,
    (f, g) => bounds(f, numeric(g['low']), null),
  ),
  phrase('(?:>|greater than|more than|above)\\s*0', (f) => strictlyPositive(f)),
  phrase('positive', (f) => strictlyPositive(f)),
  phrase('non-?negative|not negative|cannot be negative|zero or more|never (?:negative|below zero)', (f) =>
    bounds(f, 0, null),
  ),
  phrase('not (?:empty|blank)|non-?(?:empty|blank)', (f) => bounds(f, 1, null)),
];

function strictlyPositive(field: DraftField): boolean {
  const type = field.type;
  if (type && type.kind !== 'integer' && type.kind !== 'decimal') return false;
  return bounds(field, type?.kind === 'decimal' ? Number((10 ** -type.scale).toFixed(type.scale)) : 1, null);
}

const MODIFIERS: readonly FieldPhrase[] = [
  phrase('required|mandatory|not[ -]?null(?:able)?|always (?:set|present)', required),
  phrase('optional|nullable|can be null|null(?:able)? allowed|not required|may be (?:null|empty|left out)', optional),
  phrase('null', optional),
  phrase(
    'unique,?\\s*\\(?(?:case[- ]?insensitive(?:ly)?|ignoring case|without case|regardless of case|not case[- ]sensitive)\\)?',
    unique(true),
  ),
  phrase('(?:case[- ]?insensitive(?:ly)?|ignoring case)\\s+unique', unique(true)),
  phrase('unique(?:,?\\s*\\(?case[- ]sensitive\\)?)?', unique(false)),
  phrase("(?:defaults?(?:\\s+to\\b|\\s+is\\b|\\s*[:=])?|=)\\s*(?<value>'[^']*'|[^\\s,;()]+(?:\\(\\))?)", (f, g) =>
    defaults(f, g['value']),
  ),
  phrase(
    'primary key|pk|identifier',
    set((f) => {
      f.key = true;
    }),
  ),
  phrase(
    '(?:set|filled(?: in)?|assigned|generated|managed|maintained|given) (?:automatically|by (?:the )?(?:server|system|backend|database|api))',
    server,
  ),
  phrase(
    'server[- ](?:set|side|generated|managed)|auto(?:matic(?:ally)?)?(?:[- ](?:set|generated|filled))?|read[- ]?only|generated',
    server,
  ),
  phrase(
    '(?:(?:set|taken|filled) from )?(?:the )?(?:logged-in|signed-in|current|acting) user|(?:the )?(?:user|person) who (?:creates?|created|writes?|wrote|opens?|opened) (?:it|the \\w+)',
    server,
  ),
  phrase('(?:auto|set|filled)?\\s*(?:on|at) creat(?:e|ion)', (f) => markStamp(f, 'created')),
  phrase('(?:auto|set|changed)?\\s*on (?:each |every )?(?:update|change)', (f) => markStamp(f, 'updated')),
  phrase(
    'not (?:accepted|settable|allowed|sent) (?:on|at|in) creat(?:e|ion)',
    set((f) => {
      f.createNever = true;
    }),
  ),
  phrase(
    'immutable|cannot be changed(?: later| afterwards)?|not (?:editable|updatable|changeable)|set once',
    set((f) => {
      f.updateNever = true;
    }),
  ),
  phrase(
    '(?:changed|updated|set|modified) only (?:through|via|by|with) (?:the |its )?(?:(?<through>[\\w /-]+?) endpoints?|(?:[\\w /-]+? )?(?<actions>actions?))',
    (f, g) => keep(f, 'through', g['through'] ?? g['actions']),
  ),
  phrase(
    '(?:computed|calculated|derived)',
    set((f) => {
      f.server = true;
    }),
  ),
  phrase('(?:the )?(?:number|count) of (?:its )?(?<count>[\\w -]+)', (f, g) => keep(f, 'count', g['count'])),
  phrase('how many (?<count>[\\w -]+)', (f, g) => keep(f, 'count', g['count'])),
  phrase(
    'write[- ]?only|secret|never (?:returned|shown|exposed)|hidden',
    set((f) => {
      f.secret = true;
    }),
  ),
  phrase(
    'index(?:ed)?',
    set(() => {}),
  ),
  phrase(
    "(?:like|e\\.g\\.?|for example|such as|example:?)\\s+(?:'[^']*'|[^,;)]+)",
    set(() => {}),
  ),
];

function keep(field: DraftField, slot: 'through' | 'count', words: string | undefined): boolean {
  if (field[slot] !== null || words === undefined) return false;
  field[slot] = words.trim();
  if (slot === 'count') field.server = true;
  return true;
}

function markStamp(field: DraftField, stamp: 'created' | 'updated'): boolean {
  const kind = field.type?.kind;
  if (kind !== undefined && kind !== 'datetime') return false;
  field.stamp = stamp;
  field.server = true;
  return true;
}

export const FIELD_PHRASES: readonly FieldPhrase[] = [...TYPE_PHRASES, ...BOUNDS, ...MODIFIERS];
