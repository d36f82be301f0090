/**
 * Cuts items into sentences, each with its line. Pure.
 */
import type { OutlineItem } from './spec-outline.js';

export interface Sentence {
  readonly text: string;
  readonly line: number;
}

const ABBREVIATION = /\b(?:e\.g|i\.e|etc|vs|no|approx|max|min|incl)\.$/i;

/** The sentences of an item with their lines. Code and table rows stay whole. */
export function sentencesOf(item: OutlineItem): Sentence[] {
  if (item.kind === 'code' || item.kind === 'row') return [{ text: item.text, line: item.line }];
  const found: Sentence[] = [];
  const lineByLine = item.text.includes('\n') && item.text.split('\n').every((line) => /^[A-Z`*]/.test(line.trim()));
  let start = 0;
  const cut = (end: number): void => {
    const raw = item.text.slice(start, end);
    const lead = raw.length - raw.trimStart().length;
    const line = item.line + item.text.slice(0, start + lead).split('\n').length - 1;
    if (raw.trim() !== '') found.push({ text: raw.trim().replace(/\s*\n\s*/g, ' '), line });
    start = end;
  };
  for (const match of item.text.matchAll(/[.!?](?=\s+["'`(]?[A-Z0-9])|\n/g)) {
    const end = match.index + 1;
    const stop =
      match[0] === '\n'
        ? lineByLine && /[^,;:]\s*$/.test(item.text.slice(start, match.index))
        : !ABBREVIATION.test(item.text.slice(start, end));
    if (stop) cut(end);
  }
  cut(item.text.length);
  return found;
}
