/**
 * The words that describe a field, as a table: a pattern and what it tells. Longest match wins at each place of the
 * text. Pure and data-driven: a new habit is one more row.
 */
import type { FieldType } from '../spec-model.js';
import type { Scalar } from '../spec-rules.js';
import type { DraftField } from './spec-draft.js';
import { identifier, pluralOf, singularOf } from './spec-names.js';

export interface FieldPhrase {
  /** Sticky and case-insensitive. */
  readonly pattern: RegExp;
  /** False when the words turn out not to fit (the phrase did not match). */
  readonly apply: (field: DraftField, groups: Readonly<Record<string, string | undefined>>) => boolean | undefined;
}

const phrase = (source: string, apply: FieldPhrase['apply']): FieldPhrase => ({
  pattern: new RegExp(`(?:${source})(?=$|[\\s,;.)|!])`, 'iy'),
  apply,
});

const NUMBER = '-?\\d[\\d_]*(?:\\.\\d+)?';
const CHARS = '(?:\\s*(?:chars?|characters|letters|symbols|long|in length))*';
const numeric = (text: string | undefined): number | null =>
  text === undefined ? null : Number(text.replaceAll('_', ''));

const string = (): FieldType => ({ kind: 'string', min_length: null, max_length: null, pattern: null });

/** Sets the type once; a second, different type on the same line is not understood. */
function typed(field: DraftField, type: FieldType): boolean {
  if (field.type && field.type.kind !== type.kind) return false;
  field.type = type;
  return true;
}

const ofType = (make: () => FieldType) => (field: DraftField) => typed(field, make());

function bounds(field: DraftField, low: number | null, high: number | null): boolean {
  if ((low !== null && field.low !== null && field.low !== low) || (low ?? 0) > (high ?? Infinity)) return false;
  if (high !== null && field.high !== null && field.high !== high) return false;
  field.low = low ?? field.low;
  field.high = high ?? field.high;
  return true;
}

/** `a, b or c` / `a | b` / `a/b` -> values. */
export function valueList(text: string): string[] {
  return text
    .split(/\s*(?:,\s*(?:or|and)\s+|,|\||\/|\bor\b|\band\b)\s*/)
    .map((value) => value.trim().replace(/^['"`]|['"`]$/g, ''))
    .filter((value) => value !== '');
}

function enumerated(field: DraftField, words: string | undefined): boolean {
  const values = valueList(words ?? '');
  if (values.length < 2 || values.length > 100 || new Set(values).size !== values.length) return false;
  if (!values.every((value) => /^[A-Za-z0-9][A-Za-z0-9 _-]{0,62}$/.test(value))) return false;
  return typed(field, { kind: 'enum', values });
}

function refersTo(field: DraftField, words: string | undefined): boolean {
  const name = identifier((words ?? '').replace(/[(.].*$/, ''));
  return name !== null && typed(field, { kind: 'reference', target: pluralOf(singularOf(name)) });
}

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

const TYPES: readonly FieldPhrase[] = [
  phrase('(?:enum|choice|one) ?(?:of|:|in|->)?\\s*[([{](?<values>[^)\\]}]+)[)\\]}]', (f, g) =>
    enumerated(f, g['values']),
  ),
  phrase(
    "(?:enum ?(?::|of)|one of|either|choice of|values?:?)\\s+(?<values>'?[\\w-]+'?(?:(?:\\s*,\\s*or\\s+|\\s*,\\s*|\\s*\\|\\s*|\\s*/\\s*|\\s+or\\s+)'?[\\w-]+'?)+)",
    (f, g) => enumerated(f, g['values']),
  ),
  phrase(
    '(?:string|str|varchar|char|character varying)(?:\\s*\\(\\s*(?:max\\s*)?(?:(?<low>\\d+)\\s*(?:\\.\\.|-|to)\\s*)?(?<high>\\d+)\\s*\\))?',
    (f, g) => typed(f, string()) && bounds(f, numeric(g['low']), numeric(g['high'])),
  ),
  phrase('(?:short text|single line)', ofType(string)),
  phrase(
    '(?:long text|longtext|text|markdown|multi-?line(?: text)?)',
    ofType(() => ({ kind: 'text', min_length: null, max_length: null })),
  ),
  phrase(
    '(?:valid )?e-?mail(?: ?address)?(?: format)?',
    ofType(() => ({ kind: 'email', max_length: 255 })),
  ),
  phrase(
    'hex(?:adecimal)?(?: colou?r)?(?: code)?|colou?r(?: as)?(?: \\(?hex\\)?| code)?(?: hex)?',
    ofType(() => ({ kind: 'hex_colour' })),
  ),
  phrase(
    'url|uri|link',
    ofType(() => ({ kind: 'string', min_length: null, max_length: 2048, pattern: 'https?://.+' })),
  ),
  phrase(
    '(?:positive )?(?:int(?:eger)?|bigint|smallint|whole number)(?:\\s*\\(\\s*(?<low>\\d+)\\s*(?:\\.\\.|-|to)\\s*(?<high>\\d+)\\s*\\))?',
    (f, g) => typed(f, { kind: 'integer', min: null, max: null }) && bounds(f, numeric(g['low']), numeric(g['high'])),
  ),
  phrase(
    '(?:serial|bigserial|auto-?increment(?:ed|ing)?)',
    (f) =>
      set((field) => {
        field.key = true;
      })(f) && typed(f, { kind: 'integer', min: null, max: null }),
  ),
  phrase(
    '(?:decimal|numeric|money|price|currency)(?:\\s*\\(\\s*(?<precision>\\d{1,3})\\s*,\\s*(?<scale>\\d{1,2})\\s*\\))?',
    (f, g) =>
      typed(f, {
        kind: 'decimal',
        precision: numeric(g['precision']) ?? 12,
        scale: numeric(g['scale']) ?? 2,
        min: null,
        max: null,
      }),
  ),
  phrase('float|double(?: precision)?|real', (f) => {
    f.guesses.push({ rule: 'float-as-decimal', note: `'${f.name}' is stored exactly, as decimal(12,4)` });
    return typed(f, { kind: 'decimal', precision: 12, scale: 4, min: null, max: null });
  }),
  phrase(
    'bool(?:ean)?|flag|true/false|yes/no',
    ofType(() => ({ kind: 'boolean' })),
  ),
  phrase(
    'date-?time|timestamp(?:tz)?|date and time|utc (?:datetime|timestamp)',
    ofType(() => ({ kind: 'datetime' })),
  ),
  phrase(
    'date',
    ofType(() => ({ kind: 'date' })),
  ),
  phrase(
    'json(?:b)?|object|dictionary',
    ofType(() => ({ kind: 'json' })),
  ),
  phrase(
    '(?:reference|references|ref|refers|relation|fk|foreign key|belongs) ?(?:to|of|:|->|\\()?\\s*(?:the |an? )?(?<target>[a-z][\\w-]*(?:\\.\\w+|\\(\\w+\\))?)\\s*\\)?',
    (f, g) => refersTo(f, g['target']),
  ),
  phrase('(?:->)\\s*(?<target>[a-z][\\w-]*(?:\\.\\w+|\\(\\w+\\))?)', (f, g) => refersTo(f, g['target'])),
  phrase('id of (?:the |an? )?(?<target>[a-z][\\w-]*)', (f, g) => refersTo(f, g['target'])),
  phrase('(?<values>[a-z][\\w-]*(?:\\s*[/|]\\s*[\\w-]+)+)', (f, g) => enumerated(f, g['values'])),
];

const BOUNDS: readonly FieldPhrase[] = [
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
  phrase('non-?negative|not negative|zero or more|never (?:negative|below zero)', (f) => bounds(f, 0, null)),
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
  phrase("(?:defaults?(?:\\s+to|\\s+is|\\s*[:=])?|=)\\s*(?<value>'[^']*'|[^\\s,;()]+(?:\\(\\))?)", (f, g) =>
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
    '(?:changed|updated|set|modified) only (?:through|via|by|with) (?:the |its )?(?<through>[\\w /-]+?) endpoints?',
    (f, g) => keep(f, 'through', g['through']),
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
    'index(?:ed)?|searchable',
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

export const FIELD_PHRASES: readonly FieldPhrase[] = [...TYPES, ...BOUNDS, ...MODIFIERS];
