/**
 * Owns the text before any meaning: limits, line endings, odd characters, and the canonical form that phrasings are
 * matched against. Pure. It never changes the number of a line.
 */
import { MAX_SPEC_BYTES } from '../../../workflows/contract.js';

/** Longest line and most lines that are read: far above what people write, far below what would cost time. */
export const MAX_LINE_CHARS = 4000;
export const MAX_LINES = 8000;

/** One thing wrong with a spec: which line(s), what, and what to do now. */
export interface SpecProblem {
  /** 1-based; 0 = the whole text. */
  readonly line: number;
  readonly message: string;
  readonly cure: string;
}

const ODD_CHARACTERS: readonly (readonly [RegExp, string])[] = [
  [/^\uFEFF/, ''],
  [/\r\n?/g, '\n'],
  [/[\u2018\u2019\u201A\u2032]/g, "'"],
  [/[\u201C\u201D\u201E\u2033]/g, '"'],
  [/[\u2010\u2011\u2012\u2013\u2014\u2212]/g, '-'],
  [/\u2026/g, '...'],
  [/\u2265/g, '>='],
  [/\u2264/g, '<='],
  [/[\u2192\u21D2]/g, '->'],
  [/[\u00A0\u2007\u202F]/g, ' '],
  [/\u200B|\u200C|\u200D|\u2060/g, ''],
  [/\t/g, '    '],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed here.
  [/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/g, ' '],
];

/** The text with plain characters and the same lines. */
export function plainText(text: string): string {
  return ODD_CHARACTERS.reduce((current, [odd, plain]) => current.replace(odd, plain), text);
}

/** What makes a text unreadable before it is parsed, if anything. */
export function textProblem(text: string): SpecProblem | null {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > MAX_SPEC_BYTES) {
    return {
      line: 0,
      message: `The spec has ${bytes} bytes; at most ${MAX_SPEC_BYTES} are read.`,
      cure: 'Shorten it, or split it into several projects.',
    };
  }
  const lines = text.split('\n');
  if (lines.length > MAX_LINES) {
    return {
      line: MAX_LINES + 1,
      message: `The spec has ${lines.length} lines; at most ${MAX_LINES} are read.`,
      cure: 'Shorten it.',
    };
  }
  const long = lines.findIndex((line) => line.length > MAX_LINE_CHARS);
  if (long >= 0) {
    return {
      line: long + 1,
      message: `Line ${long + 1} has ${lines[long]?.length} characters; at most ${MAX_LINE_CHARS} are read.`,
      cure: 'Break it into several lines.',
    };
  }
  if (text.trim() === '') {
    return { line: 0, message: 'The spec is empty.', cure: 'Write at least one resource with its fields.' };
  }
  return null;
}

/** The refusal that a sentence names itself: `(409)`, `(409 TASK_IS_DONE)`, `is refused with 409`. */
export interface NamedRefusal {
  readonly status: number | null;
  readonly code: string | null;
}

export interface Canonical extends NamedRefusal {
  /** Lower case, no articles, one modal for each meaning, no trailing stop. */
  readonly text: string;
}

const REFUSED = '(?:is|are)?\\s*(?:refused|rejected|answered|returns?|gives?)\\s*(?:with)?';
const REASON = 'bad request|unauthorized|forbidden|not found|conflict|unprocessable(?: entity| content)?';
/** `(409)`, `-> 409`, `is refused with 409 Conflict`, `(409 TASK_IS_DONE)` at the end of a sentence. */
const STATUS_TAIL = new RegExp(
  `\\s*(?:\\(|,?\\s*(?:otherwise|else)?:?\\s*(?:(?:it|this|which|that) )?(?:${REFUSED}|->)|,\\s*(?:otherwise|else):?|->)\\s*(?:an?\\s+)?(?:http\\s+|status\\s+|error\\s+)*(?:returns?\\s+|with\\s+|->\\s*)?([24]\\d\\d)(?:\\s+(?:([A-Z][A-Z0-9]*_[A-Z0-9_]+)|${REASON}))?\\s*\\)?\\s*$`,
  'i',
);

const SYNONYMS: readonly (readonly [RegExp, string])[] = [
  [/[`*"]/g, ''],
  [/\s+/g, ' '],
  [/\b(?:can ?not|can't|may not|mayn't|must not|mustn't|should not|shouldn't|shall not|could not)\b/g, 'cannot'],
  [/\b(?:can|may|must|should|is|are) never\b/g, 'cannot'],
  [/\b(?:is|are|be) (?:not|never) (?:allowed|permitted|able) to\b/g, 'cannot'],
  [/\b(?:is|are) (?:forbidden|prohibited) (?:to|from)\b/g, 'cannot'],
  [/\b(?:is|are) (?:allowed|permitted|able) to\b/g, 'can'],
  [/\b(?:may|is free to|are free to)\b/g, 'can'],
  [/\bcannot ever\b/g, 'cannot'],
  [/\b(?:as long as|whilst|whenever|for as long as|(?<!at |at most |than )once)\b/g, 'while'],
  [/\b(?:administrators?)\b/g, 'admin'],
  [/\b(?:logged[- ]in|authenticated|signed[- ]in)\b/g, 'signed-in'],
  [/\b(?:the|a|an)\b ?/g, ''],
  [/\bbe not\b/g, 'not be'],
];

/** Canonical form of a sentence, for matching only: what people are shown is the sentence itself. */
export function canonical(sentence: string): Canonical {
  const trimmed = sentence.trim().replace(/[.!]+$/, '');
  const tail = STATUS_TAIL.exec(trimmed);
  const body = tail ? trimmed.slice(0, tail.index) : trimmed;
  const text = SYNONYMS.reduce((current, [from, to]) => current.replace(from, to), body.toLowerCase())
    .replace(/\bcannot be (both )?not\b/g, 'cannot be $1not')
    .replace(/\s+/g, ' ')
    .trim();
  return {
    text,
    status: tail ? Number(tail[1]) : null,
    code: tail?.[2] && /^[A-Z0-9_]+$/.test(tail[2]) ? tail[2] : null,
  };
}
