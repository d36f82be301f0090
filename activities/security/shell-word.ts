/**
 * Words as the shell will hand them to a program: quotes removed, braces expanded, unknown values marked. Pure text.
 */
import { refuse } from './refusal.js';

/** Stands for text that is only known when the command runs. */
export const UNKNOWN = '\ufffc';
/** Stands for a list of paths inside the project, as `git ls-files` prints it. */
export const PROJECT_PATHS = '\ufffb';

/** How each character came in: `a` written without quotes, `q` quoted, `v` from an unquoted variable. */
export interface Piece {
  readonly text: string;
  readonly mask: string;
}

export interface Word {
  readonly text: string;
  /** Expands to file names. */
  readonly glob: boolean;
  /** Part of it is only known at run time. */
  readonly unknown: boolean;
  /** May become several words, or an option. */
  readonly splits: boolean;
  /** Exactly a list of paths inside the project. */
  readonly paths: boolean;
}

const MAX_WORDS = 128;

export const quoted = (text: string): Piece => ({ text, mask: 'q'.repeat(text.length) });
export const bare = (text: string, mask: 'a' | 'v' = 'a'): Piece => ({ text, mask: mask.repeat(text.length) });
export const joined = (a: Piece, b: Piece): Piece => ({ text: a.text + b.text, mask: a.mask + b.mask });
export const literal = (text: string): Word => ({ text, glob: false, unknown: false, splits: false, paths: false });

/** A word from a text that may hold unknown parts. */
export const settled = (text: string): Word => ({ ...literal(text), unknown: /[\ufffb\ufffc]/.test(text) });

/** Removes the backslashes of unquoted text. */
export function unescaped(raw: string): Piece {
  let piece = bare('');
  for (let index = 0; index < raw.length; index++) {
    const character = raw[index] ?? '';
    if (character !== '\\') piece = joined(piece, bare(character));
    else {
      index++;
      const next = raw[index] ?? '';
      if (next !== '\n') piece = joined(piece, quoted(next));
    }
  }
  return piece;
}

/** Removes the backslashes that count between double quotes. */
export function unescapedInQuotes(raw: string): Piece {
  return quoted(raw.replace(/\\([$`"\\\n])/g, (_, character: string) => (character === '\n' ? '' : character)));
}

/** What one written word becomes: braces, then splitting, then the marks. */
export function wordsOf(piece: Piece): Word[] {
  const words = expandBraces(piece).flatMap(splitUnquotedValues).map(finish);
  if (words.length > MAX_WORDS) refuse('a word expands to too many words', 'write fewer of them');
  return words;
}

function finish(piece: Piece): Word {
  if (piece.text.startsWith('~') && piece.mask[0] !== 'q') {
    refuse(`${piece.text} names a home directory`, 'use a path inside the project, written relative to it');
  }
  const glob = [...piece.text].some((character, index) => '*?['.includes(character) && piece.mask[index] !== 'q');
  const paths = piece.text === PROJECT_PATHS;
  const unknown = !paths && /[\ufffb\ufffc]/.test(piece.text);
  const splits = [...piece.text].some((character, index) => character === UNKNOWN && piece.mask[index] !== 'q');
  return { text: piece.text, glob, unknown, splits, paths };
}

function splitUnquotedValues(piece: Piece): Piece[] {
  if (!piece.mask.includes('v')) return [piece];
  const words: Piece[] = [];
  let current: Piece | null = null;
  for (let index = 0; index < piece.text.length; index++) {
    const text = piece.text[index] ?? '';
    const mask = piece.mask[index] ?? 'q';
    if (mask === 'v' && /\s/.test(text)) {
      if (current) words.push(current);
      current = null;
    } else current = joined(current ?? bare(''), { text, mask });
  }
  if (current) words.push(current);
  return words;
}

/** `a{b,c}` and `{1..3}`, as bash does before anything else; only braces that were written without quotes. */
function expandBraces(piece: Piece): Piece[] {
  const open = findBare(piece, '{', 0);
  if (open < 0) return [piece];
  const close = matchingBrace(piece, open);
  if (close < 0) return [piece];
  const parts = bracedParts(slice(piece, open + 1, close));
  if (parts === null) {
    const rest = expandBraces(slice(piece, close + 1));
    const inner = expandBraces(slice(piece, open + 1, close));
    return cross([cross([[slice(piece, 0, open + 1)], inner, [slice(piece, close, close + 1)]]), rest]);
  }
  return cross([[slice(piece, 0, open)], parts.flatMap(expandBraces), expandBraces(slice(piece, close + 1))]);
}

/** The alternatives between braces; null when these braces expand to nothing but themselves. */
function bracedParts(inner: Piece): Piece[] | null {
  const range = /^(-?\d{1,6})\.\.(-?\d{1,6})$/.exec(inner.text);
  if (range) return [bare(range[1] ?? '1'), bare(range[2] ?? '1')]; // its ends stand for all of its numbers
  if (inner.text.includes('..') && !inner.mask.includes('q') && !inner.text.includes(',')) {
    refuse(`{${inner.text}} is a range that is not of numbers`, 'write the words out');
  }
  const parts: Piece[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < inner.text.length; index++) {
    if (inner.mask[index] !== 'a') continue;
    if (inner.text[index] === '{') depth++;
    if (inner.text[index] === '}') depth--;
    if (inner.text[index] === ',' && depth === 0) {
      parts.push(slice(inner, start, index));
      start = index + 1;
    }
  }
  return parts.length === 0 ? null : [...parts, slice(inner, start)];
}

function findBare(piece: Piece, character: string, from: number): number {
  for (let index = from; index < piece.text.length; index++) {
    if (piece.text[index] === character && piece.mask[index] === 'a') return index;
  }
  return -1;
}

function matchingBrace(piece: Piece, open: number): number {
  let depth = 0;
  for (let index = open; index < piece.text.length; index++) {
    if (piece.mask[index] !== 'a') continue;
    if (piece.text[index] === '{') depth++;
    if (piece.text[index] === '}' && --depth === 0) return index;
  }
  return -1;
}

function cross(parts: readonly (readonly Piece[])[]): Piece[] {
  return parts.reduce<Piece[]>(
    (done, part) => {
      const next = done.flatMap((left) => part.map((right) => joined(left, right)));
      if (next.length > MAX_WORDS) refuse('braces expand to too many words', 'write fewer of them');
      return next;
    },
    [bare('')],
  );
}

const slice = (piece: Piece, start: number, end?: number): Piece => ({
  text: piece.text.slice(start, end),
  mask: piece.mask.slice(start, end),
});
