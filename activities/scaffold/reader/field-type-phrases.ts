/**
 * The words for types of fields, as a table of patterns. Pure and data-driven: a new habit is one more row.
 */
import type { FieldType } from '../spec-model.js';
import type { DraftField } from './spec-draft.js';
import { identifier, pluralOf, singularOf } from './spec-names.js';

export interface FieldPhrase {
  /** Sticky and case-insensitive. */
  readonly pattern: RegExp;
  /** False when the words turn out not to fit (the phrase did not match). */
  readonly apply: (field: DraftField, groups: Readonly<Record<string, string | undefined>>) => boolean | undefined;
}

export const phrase = (source: string, apply: FieldPhrase['apply']): FieldPhrase => ({
  pattern: new RegExp(`(?:${source})(?=$|[\\s,;.)|!])`, 'iy'),
  apply,
});

export const NUMBER = '-?\\d[\\d_]*(?:\\.\\d+)?';
export const CHARS = '(?:\\s*(?:chars?|characters|letters|symbols|long|in length))*';
export const numeric = (text: string | undefined): number | null =>
  text === undefined ? null : Number(text.replaceAll('_', ''));

const string = (): FieldType => ({ kind: 'string', min_length: null, max_length: null, pattern: null });

/** Sets the type once; a second, different type on the same line is not understood. */
function typed(field: DraftField, type: FieldType): boolean {
  if (field.type && field.type.kind !== type.kind) return false;
  field.type = type;
  return true;
}

const ofType = (make: () => FieldType) => (field: DraftField) => typed(field, make());

export function bounds(field: DraftField, low: number | null, high: number | null): boolean {
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

function markKey(field: DraftField): boolean {
  field.key = true;
  return true;
}

export const TYPE_PHRASES: readonly FieldPhrase[] = [
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
    'slug',
    ofType(() => ({ kind: 'string', min_length: null, max_length: null, pattern: '[a-z0-9]+(?:-[a-z0-9]+)*' })),
  ),
  phrase(
    '(?:positive )?(?:int(?:eger)?|bigint|smallint|whole number)(?:\\s*\\(\\s*(?<low>\\d+)\\s*(?:\\.\\.|-|to)\\s*(?<high>\\d+)\\s*\\))?',
    (f, g) => typed(f, { kind: 'integer', min: null, max: null }) && bounds(f, numeric(g['low']), numeric(g['high'])),
  ),
  phrase(
    '(?:serial|bigserial|auto-?increment(?:ed|ing)?)',
    (f) => typed(f, { kind: 'integer', min: null, max: null }) && markKey(f),
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
  phrase("(?<values>'?[a-z][\\w-]*'?(?:\\s*[/|]\\s*'?[\\w-]+'?)+)", (f, g) => enumerated(f, g['values'])),
];
