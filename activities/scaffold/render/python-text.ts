/**
 * Text of a spec as Python: literals, docstrings, identifiers. The only place where data becomes source text, so it
 * must quote everything that it is given.
 */
import type { Scalar } from '../spec-rules.js';

const LINE_LENGTH = 100;
const PYTHON_KEYWORDS = new Set(
  (
    'and as assert async await break class continue def del elif else except finally for from global if import in is ' +
    'lambda nonlocal not or pass raise return try while with yield match case type print id list dict set data self'
  ).split(' '),
);

/** A Python string literal; JSON's escapes are a subset of Python's. */
export function pyString(text: string): string {
  return JSON.stringify(plain(text)).replaceAll('\u007f', '\\u007f');
}

/** A Python literal of a JSON scalar. */
export function pyScalar(value: Scalar): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'number' ? String(value) : pyString(value);
}

/** A docstring at an indent of so many spaces, wrapped; the text is data and can't end it. */
export function docstring(text: string, indent = 0): string {
  const safe = plain(text).replace(/\s+/g, ' ').trim().replaceAll('\\', '\\\\').replaceAll('"""', "'''");
  const closed = safe.endsWith('"') ? `${safe}.` : safe;
  const margin = ' '.repeat(indent);
  if (indent + closed.length + 6 <= LINE_LENGTH) return `"""${closed}"""`;
  const lines = wrapped(closed, LINE_LENGTH - indent - 3);
  return `"""${lines.join(`\n${margin}`)}\n${margin}"""`;
}

/** A sentence of a spec without its status note and its trailing colon; starts upper case, ends with a full stop. */
export function sentence(text: string): string {
  const bare = text
    .replace(/[`*]/g, '')
    .replace(/\s*\(\d{3}\)/g, '')
    .trim()
    .replace(/[.;:,]+$/, '');
  return bare === '' ? '' : `${bare[0]?.toUpperCase()}${bare.slice(1)}.`;
}

/** `due_date` -> `DueDate`. */
export function pascal(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .filter((part) => part !== '')
    .map((part) => `${part[0]?.toUpperCase()}${part.slice(1)}`)
    .join('');
}

/** Name of an enum member: `in progress` -> `IN_PROGRESS`, `2d` -> `VALUE_2D`. */
export function memberName(value: string): string {
  const upper = value
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return /^[A-Z]/.test(upper) ? upper : `VALUE_${upper}`;
}

/** A local variable for a row of that name; Python's own words get an underscore. */
export function variable(name: string): string {
  return PYTHON_KEYWORDS.has(name) ? `${name}_` : name;
}

/** `a`, `a or b`, `a, b or c`. */
export function either(words: readonly string[], conjunction = 'or'): string {
  if (words.length < 2) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} ${conjunction} ${words.at(-1)}`;
}

/** `a task`, `an order`. */
export function withArticle(noun: string): string {
  return /^[aeio]|^un[^i]|^up/i.test(noun) ? `an ${noun}` : `a ${noun}`;
}

/** A long text as a parenthesised literal over several lines. */
export function pyParagraph(text: string): string {
  const lines = wrapped(plain(text).replace(/\s+/g, ' ').trim(), LINE_LENGTH - 12);
  if (lines.length < 2) return pyString(lines[0] ?? '');
  const last = lines.length - 1;
  return `(\n${lines.map((line, at) => `    ${pyString(at < last ? `${line} ` : line)}`).join('\n')}\n)`;
}

function plain(text: string): string {
  return text
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/[\u201c\u201d]/g, '"')
    .replace(/[\u2010-\u2015]/g, '-')
    .replaceAll('\u2026', '...')
    .replaceAll('\u00a0', ' ');
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
