/**
 * From Markdown to a flat list of items, each with its line and the headings above it. Owns the Markdown parser; knows
 * nothing of meaning beyond what is a heading. Pure. Nothing visible in the text is left out.
 */
import type { List, ListItem, Paragraph, RootContent, Table } from 'mdast';
import { toString as textOf } from 'mdast-util-to-string';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { isFacet, plainHeading, sectionKind } from './spec-section.js';

export interface OutlineHeading {
  readonly text: string;
  readonly line: number;
  /** 1-6 for real headings; more for bold lines and labels that act as one. */
  readonly depth: number;
}

export interface OutlineItem {
  readonly kind: 'bullet' | 'paragraph' | 'row' | 'code' | 'heading';
  /** 1-based line of the first character of `text`. */
  readonly line: number;
  /** Plain text; line breaks inside are kept. */
  readonly text: string;
  /** Cells of a table row by lower-case header. */
  readonly cells: Readonly<Record<string, string>>;
  /** Outermost first; a heading item is the last of its own path. */
  readonly path: readonly OutlineHeading[];
}

interface Walk {
  readonly items: OutlineItem[];
  path: OutlineHeading[];
}

const LABEL_DEPTH = 8;
const parser = unified().use(remarkParse).use(remarkGfm);

/** The items of a Markdown text in their order. Never throws on any text. */
export function outlineOf(text: string): OutlineItem[] {
  const walk: Walk = { items: [], path: [] };
  for (const node of parser.parse(text).children) visitBlock(walk, node, 0);
  return walk.items;
}

function lineOf(node: { position?: { start: { line: number } } | undefined }): number {
  return node.position?.start.line ?? 1;
}

function openHeading(walk: Walk, text: string, line: number, depth: number): void {
  const heading = { text: plainHeading(text), line, depth };
  walk.path = [...walk.path.filter((above) => above.depth < depth), heading];
  walk.items.push({ kind: 'heading', line, text: heading.text, cells: {}, path: walk.path });
}

function push(
  walk: Walk,
  kind: OutlineItem['kind'],
  line: number,
  text: string,
  cells: OutlineItem['cells'] = {},
): void {
  if (text.trim() !== '') walk.items.push({ kind, line, text, cells, path: walk.path });
}

function visitBlock(walk: Walk, node: RootContent, nesting: number): void {
  switch (node.type) {
    case 'heading':
      openHeading(walk, textOf(node), lineOf(node), node.depth);
      return;
    case 'paragraph':
      visitParagraph(walk, node, 'paragraph', nesting);
      return;
    case 'list':
      visitList(walk, node, nesting);
      return;
    case 'table':
      visitTable(walk, node);
      return;
    case 'code':
      visitCode(walk, node.value, lineOf(node), node.lang ?? null, node.position?.end.line ?? 0);
      return;
    case 'blockquote':
      for (const child of node.children) visitBlock(walk, child, nesting);
      return;
    case 'thematicBreak':
    case 'yaml':
      return;
    case 'html':
      visitHtml(walk, node.value, lineOf(node));
      return;
    default:
      push(walk, 'paragraph', lineOf(node), textOf(node));
  }
}

/** XML-like tags as in older specs: an opening tag is a heading, the lines between are text. Comments are skipped. */
function visitHtml(walk: Walk, value: string, line: number): void {
  const withoutComments = value.replace(/<!--[\s\S]*?(?:-->|$)/g, (comment) => comment.replace(/[^\n]/g, ' '));
  withoutComments.split('\n').forEach((text, offset) => {
    const opening = /^\s*<([a-z][a-z0-9_-]*)[^<>]*>\s*$/i.exec(text);
    if (opening) openHeading(walk, spokenTag(opening[1] ?? ''), line + offset, 6);
    else if (!/^\s*<\/[a-z][a-z0-9_-]*>\s*$/i.test(text)) {
      push(walk, 'bullet', line + offset, text.replace(/^\s*[-*+]\s+/, '').trim());
    }
  });
}

const spokenTag = (tag: string): string => tag.replace(/[_-]+/g, ' ');

/** A paragraph whose later lines begin with a label of their own (`Endpoints: …`) is several. */
function visitParagraph(walk: Walk, node: Paragraph, kind: 'paragraph' | 'bullet', nesting: number): void {
  const [first, ...labelled] = labelledParts(textOf(node), lineOf(node));
  visitText(walk, node, first?.text ?? '', kind, nesting);
  for (const { text, line } of labelled) visitLabelled(walk, text, line);
}

function labelledParts(text: string, line: number): { text: string; line: number }[] {
  const parts: { text: string; line: number }[] = [];
  text.split('\n').forEach((one, offset) => {
    const label = /^([A-Za-z][A-Za-z ]{2,30}):(?:\s|$)/.exec(one)?.[1] ?? '';
    const last = parts.at(-1);
    if (!last || isFacet(sectionKind(label))) parts.push({ text: one, line: line + offset });
    else last.text += `\n${one}`;
  });
  return parts;
}

/** `Rules: only admins can create users`, outside of the bullet above it. */
function visitLabelled(walk: Walk, text: string, line: number): void {
  const colon = text.indexOf(':');
  openHeading(walk, text.slice(0, colon), line, LABEL_DEPTH);
  for (const part of inlineParts(text.slice(colon + 1).trim())) push(walk, 'bullet', line, part);
}

/** Endpoints in a row stand for themselves; anything else is one text. */
function inlineParts(text: string): string[] {
  return text.split(/[,;]\s*(?=(?:GET|POST|PUT|PATCH|DELETE|CRUD)\s+\/)/);
}

function visitText(walk: Walk, node: Paragraph, text: string, kind: 'paragraph' | 'bullet', nesting: number): void {
  const line = lineOf(node);
  const only = node.children[0];
  const bold =
    node.children.length <= 2 && only?.type === 'strong' && /^\s*:?\s*$/.test(text.slice(textOf(only).length));
  const label = /^([^:\n]{2,40}):\s*$/.exec(text);
  if (kind === 'paragraph' && bold) {
    openHeading(walk, text, line, isFacet(sectionKind(text)) ? LABEL_DEPTH : LABEL_DEPTH - 1);
    return;
  }
  if (kind === 'paragraph' && label && isFacet(sectionKind(text))) {
    openHeading(walk, text, line, LABEL_DEPTH);
    return;
  }
  const inline = inlineLabel(walk, text);
  if (!inline) {
    push(walk, kind, line, text);
    return;
  }
  const above = walk.path;
  openHeading(walk, inline.label, line, LABEL_DEPTH + nesting);
  for (const part of inlineParts(inline.rest)) push(walk, kind, line, part);
  if (kind === 'bullet') walk.path = above;
}

/** `Fields: name!, email unique` directly under a resource. */
function inlineLabel(walk: Walk, text: string): { label: string; rest: string } | null {
  const top = walk.path.filter((heading) => heading.depth < LABEL_DEPTH).at(-1);
  if (!top || sectionKind(top.text) !== null || walk.path.length < 2) return null;
  const match = /^([A-Za-z][A-Za-z ]{2,30}):\s+([\s\S]+)$/.exec(text);
  const label = match?.[1] ?? '';
  return match && isFacet(sectionKind(label)) ? { label, rest: match[2] ?? '' } : null;
}

function visitList(walk: Walk, list: List, nesting: number): void {
  for (const item of list.children) visitListItem(walk, item, nesting);
}

function visitListItem(walk: Walk, item: ListItem, nesting: number): void {
  const above = walk.path;
  const [first, ...rest] = item.children;
  const nested = rest.some((child) => child.type === 'list' || child.type === 'table' || child.type === 'code');
  const title = first?.type === 'paragraph' ? textOf(first) : '';
  const trailing = first?.type === 'paragraph' ? labelledParts(title, lineOf(first)).slice(1) : [];
  if (first?.type === 'paragraph' && nested && (isFacet(sectionKind(title)) || /^[^.]{1,60}:\s*$/.test(title))) {
    openHeading(walk, title, lineOf(first), LABEL_DEPTH + 1 + nesting);
  } else if (first?.type === 'paragraph') {
    visitParagraph(walk, first, 'bullet', nesting + 1);
  } else if (first) {
    visitBlock(walk, first, nesting + 1);
  }
  for (const child of rest) visitBlock(walk, child, nesting + 1);
  if (trailing.length === 0) walk.path = above;
}

function visitTable(walk: Walk, table: Table): void {
  const [head, ...rows] = table.children;
  const headers = (head?.children ?? []).map((cell) => textOf(cell).trim().toLowerCase());
  for (const row of rows) {
    const cells: Record<string, string> = {};
    row.children.forEach((cell, column) => {
      cells[headers[column] || `column ${column + 1}`] = textOf(cell).trim();
    });
    push(walk, 'row', lineOf(row), row.children.map((cell) => textOf(cell).trim()).join(' | '), cells);
  }
}

/** A fence is one item; indented text is not meant as code and becomes lines. */
function visitCode(walk: Walk, value: string, line: number, lang: string | null, endLine: number): void {
  const lines = value.split('\n');
  const fenced = lang !== null || endLine - line + 1 > lines.length;
  if (fenced) {
    push(walk, 'code', line + 1, value, { lang: lang ?? '' });
    return;
  }
  lines.forEach((text, offset) => {
    push(walk, 'bullet', line + offset, text.replace(/^\s*[-*+]\s+/, '').trim());
  });
}
