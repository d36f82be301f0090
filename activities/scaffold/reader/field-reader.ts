/**
 * Reads fields: from bullets, table rows and terse lines to draft fields. Pure. What it doesn't understand stays in
 * `unknown`, word for word.
 */
import { FIELD_PHRASES, type FieldPhrase } from './field-phrases.js';
import { guardSecret, guessType } from './field-types.js';
import { type DraftField, emptyField } from './spec-draft.js';
import { identifier, safeFieldName } from './spec-names.js';
import type { OutlineItem } from './spec-outline.js';

/** The fields of one item under a 'fields' heading; empty when it holds none. */
export function readFields(item: OutlineItem, singular: string): DraftField[] {
  const found = item.kind === 'row' ? readRow(item) : readLines(item);
  for (const field of found) {
    const safe = safeFieldName(field.name, singular);
    field.name = safe.name;
    if (safe.renamed) field.guesses.push({ rule: 'reserved-name', note: safe.renamed });
    guessType(field);
    guardSecret(field);
  }
  return found;
}

const NAME_COLUMN = /^(?:name|field|column|attribute|property|key)(?: name)?$/;
const DEFAULT_COLUMN = /^defaults?(?: value)?$/;
const REQUIRED_COLUMN = /^(?:required|mandatory)\??$/;
const NULLABLE_COLUMN = /^(?:null(?:able)?|optional)\??$/;
const UNIQUE_COLUMN = /^unique\??$/;
const YES = /^(?:yes|y|true|x|✓|✔|required)$/i;
const NO = /^(?:no|n|false|-|)$/i;

function readRow(item: OutlineItem): DraftField[] {
  const columns = Object.entries(item.cells);
  const named = columns.find(([header]) => NAME_COLUMN.test(header)) ?? columns[0];
  const name = identifier(named?.[1] ?? '');
  if (!named || !name) return [];
  const field = emptyField(name, item.line, item.text);
  for (const [header, value] of columns) if (header !== named[0]) readCell(field, header, value);
  return [field];
}

function readCell(field: DraftField, header: string, value: string): void {
  const plain = value.trim();
  if (plain === '' || plain === '-') return;
  if (DEFAULT_COLUMN.test(header)) scan(field, `default ${plain.replace(/^default\s+/i, '')}`);
  else if (REQUIRED_COLUMN.test(header)) yesNo(field, plain, 'required', 'optional');
  else if (NULLABLE_COLUMN.test(header)) yesNo(field, plain, 'optional', 'required');
  else if (UNIQUE_COLUMN.test(header)) yesNo(field, plain, 'unique', '');
  else scan(field, plain);
}

function yesNo(field: DraftField, value: string, yes: string, no: string): void {
  if (YES.test(value)) scan(field, yes);
  else if (NO.test(value)) scan(field, no);
  else scan(field, value);
}

const NAMED =
  /^([A-Za-z][\w-]*|[A-Za-z]\w*(?: [A-Za-z]\w*){1,3}(?=\s*:))(\?|!)?\s*(?::\s*|\s+-+\s+|(?=\s*->)|(?=[(,])|$|\s+(?=\S))([\s\S]*)$/;

function readLines(item: OutlineItem): DraftField[] {
  const text = item.text.replace(/\n/g, ' ').trim();
  if (isTerse(text)) return terseFields(text, item);
  const named = NAMED.exec(text);
  const name = identifier(named?.[1] ?? '');
  if (!named || !name) return [];
  const field = emptyField(name, item.line, text);
  if (named[2]) scan(field, named[2] === '!' ? 'required' : 'optional');
  scanMarked(field, named[3] ?? '');
  return [field];
}

/** Words of a field in which `date!` or `integer?` say whether it must be there. */
function scanMarked(field: DraftField, text: string): void {
  const words = text.replace(/(?<=[\w)])=(?=\S)/g, ' = ');
  const mark = /(?<=[\w)])([!?])(?=[\s,]|$)/;
  const found = mark.exec(words)?.[1];
  if (found) scan(field, found === '!' ? 'required' : 'optional');
  scan(field, unwrapped(found ? words.replace(mark, '') : words));
}

/** `(string, unique)` -> `string, unique` when the brackets span everything. */
function unwrapped(rest: string): string {
  const trimmed = rest.trim();
  if (!trimmed.startsWith('(')) return trimmed;
  let depth = 0;
  for (let at = 0; at < trimmed.length; at += 1) {
    if (trimmed[at] === '(') depth += 1;
    if (trimmed[at] === ')') depth -= 1;
    if (depth === 0) {
      const after = trimmed.slice(at + 1).replace(/^\s*[:.-]*\s*/, '');
      return after === '' ? trimmed.slice(1, at) : `${trimmed.slice(1, at)}, ${after}`;
    }
  }
  return trimmed;
}

/** One line holding several fields: `name!, email unique, role(admin|user)=user`. */
function isTerse(text: string): boolean {
  const parts = splitTop(text);
  return parts.length > 1 && !/^[\w-]+\s*:/.test(text) && parts.every((part) => TERSE.test(part) && !isPhrase(part));
}

const NAME_AND_TYPE =
  /^\w+[!?]?\s+(?:string|text|int(?:eger)?|decimal|numeric|bool(?:ean)?|date(?:time)?|url|email)\b/i;

/** A part that is a modifier by itself (`required`) shows that the line is one field, not several. */
function isPhrase(part: string): boolean {
  if (NAME_AND_TYPE.test(part)) return false;
  const probe = emptyField('probe', 1, part);
  scan(probe, part);
  return probe.unknown.length === 0 && !/^(?:email|price|date|url|text|flag|link|object|key)$/i.test(part);
}

/** Where `!` marks the required fields of a line, the others are optional. */
function terseFields(text: string, item: OutlineItem): DraftField[] {
  const fields = splitTop(text).flatMap((part) => terseField(part, item) ?? []);
  if (!fields.some((field) => field.required === true && field.text.includes('!'))) return fields;
  for (const field of fields.filter((one) => one.required === null && one.default === undefined && !one.server)) {
    field.required = false;
    field.nullable = true;
    field.guesses.push({ rule: 'unmarked-is-optional', note: `'${field.name}' is optional` });
  }
  return fields;
}

const TERSE = /^[a-z]\w*[!?]?(?:\s*\([^)]*\)[!?]?)?(?:\s*=\s*\S+)?(?:\s+[\w<>=(),.|!?-]+)*$/i;

function terseField(part: string, item: OutlineItem): DraftField | null {
  const match = /^([A-Za-z]\w*)([!?]?)\s*(?:\(([^)]*\|[^)]*)\))?([\s\S]*)$/.exec(part);
  const name = identifier(match?.[1] ?? '');
  if (!match || !name) return null;
  const field = emptyField(name, item.line, part);
  if (match[3]) scan(field, `enum (${match[3]})`);
  if (match[2]) scan(field, match[2] === '!' ? 'required' : 'optional');
  scanMarked(field, match[4] ?? '');
  return field;
}

/** Splits at commas and semicolons outside of brackets and quotes. */
export function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if ('([{'.includes(char)) depth += 1;
    else if (')]}'.includes(char)) depth = Math.max(0, depth - 1);
    else if (depth === 0 && (char === ',' || char === ';')) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)].map((part) => part.trim()).filter((part) => part !== '');
}

/** Walks over the words of a field; at each place the longest phrase that applies is taken. */
function scan(field: DraftField, text: string): void {
  let at = 0;
  while (at < text.length) {
    const gap = /[\s,;.()|]*(?:-\s+)?(?:\b(?:and|with|a|an|the|is|as|must be|of type)\b\s*)?/iy;
    gap.lastIndex = at;
    const from = at;
    at += gap.exec(text)?.[0].length ?? 0;
    if (at >= text.length) return;
    const end = longestAt(field, text, at);
    if (end > at) {
      at = end;
      continue;
    }
    const rest = splitTop(text.slice(at))[0] ?? text.slice(at);
    const cut = rest.split(/\.\s/)[0] ?? rest;
    const cutEnd = text.indexOf(cut, at) + Math.max(1, cut.length);
    field.unknown.push(
      text
        .slice(from, cutEnd)
        .replace(/^[\s,;.()|]+/, '')
        .trim(),
    );
    at = cutEnd;
  }
}

function longestAt(field: DraftField, text: string, at: number): number {
  const matches: { phrase: FieldPhrase; match: RegExpExecArray }[] = [];
  for (const phrase of FIELD_PHRASES) {
    phrase.pattern.lastIndex = at;
    const match = phrase.pattern.exec(text);
    if (match && match[0].length > 0) matches.push({ phrase, match });
  }
  matches.sort((a, b) => b.match[0].length - a.match[0].length);
  const taken = matches.find(({ phrase, match }) => phrase.apply(field, match.groups ?? {}) !== false);
  return taken ? at + taken.match[0].length : at;
}
