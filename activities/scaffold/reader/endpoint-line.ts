/**
 * An endpoint as written: method, path and words in a line, and the path split at the resources it names. Pure.
 */
import type { EndpointKind } from '../spec-endpoints.js';
import { type DraftModel, type DraftResource, draftNamed } from './spec-draft.js';
import { pluralOf, singularOf } from './spec-names.js';

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];

/** An endpoint as written. */
export interface EndpointLine {
  readonly method: Method | 'CRUD';
  /** With `{name}` parameters, without query string and trailing slash. */
  readonly path: string;
  readonly description: string;
  readonly line: number;
  readonly sentence: string;
}

const LINE =
  /^(?:`)?\**(GET|POST|PUT|PATCH|DELETE|CRUD)\**(?:`)?[\s|:]+`?(\/[^\s`|,;]*)`?\s*(?:[-:|]+>?\s*|\s+(?=[(\w]))?([\s\S]*)$/i;

/** The endpoint in a line of text, or null when it holds none. */
export function endpointLine(text: string, line: number): EndpointLine | null {
  const flat = text.replace(/\s*\n\s*/g, ' ').trim();
  const match = LINE.exec(flat);
  if (!match) return null;
  return {
    method: (match[1] ?? '').toUpperCase() as EndpointLine['method'],
    path: plainPath(match[2] ?? ''),
    description: (match[3] ?? '')
      .trim()
      .replace(/^->\s*/, '')
      .replace(/\.$/, ''),
    line,
    sentence: flat,
  };
}

function plainPath(path: string): string {
  return path
    .replace(/[?#].*$/, '')
    .replace(/<(?:\w+:)?([A-Za-z_]\w*)>/g, '{$1}')
    .replace(/:([A-Za-z_]\w*)/g, '{$1}')
    .replace(/[.,:;]+$/, '')
    .replace(/(.)\/+$/, '$1');
}

/** One part of a path: a word, or a parameter. */
export interface PathPart {
  readonly text: string;
  readonly parameter: boolean;
  /** The resource that a word names. */
  readonly resource: DraftResource | null;
}

/** A path split behind its prefix (`/api/v1`). */
export interface PathShape {
  readonly prefix: string;
  readonly parts: readonly PathPart[];
}

/** Splits a path at the first part that names a resource; null when none does. */
export function pathShape(path: string, draft: DraftModel): PathShape | null {
  const parts: PathPart[] = path
    .split('/')
    .filter((text) => text !== '')
    .map((text) => {
      const parameter = /^\{\w+\}$/.test(text);
      return { text: parameter ? text.slice(1, -1) : text, parameter, resource: parameter ? null : named(draft, text) };
    });
  const first = parts.findIndex((part) => part.resource !== null || /^(?:me|profile)$/.test(part.text));
  if (first < 0 || parts.slice(0, first).some((part) => part.parameter)) return null;
  const prefix = parts
    .slice(0, first)
    .map((part) => `/${part.text}`)
    .join('');
  return /^[a-z0-9/._-]*$/.test(prefix) ? { prefix, parts: parts.slice(first) } : null;
}

function named(draft: DraftModel, text: string): DraftResource | null {
  const word = text.toLowerCase().replaceAll('-', '_');
  return draftNamed(draft, word) ?? draftNamed(draft, pluralOf(singularOf(word))) ?? null;
}

/** The part of an endpoint that its kind adds. */
export type EndpointDetail = { readonly kind: EndpointKind; readonly rows: string } & Readonly<Record<string, unknown>>;

/** `CRUD /x` stands for five endpoints. */
export function expandCrud(written: EndpointLine): (EndpointLine & { method: Method })[] {
  if (written.method !== 'CRUD') return [{ ...written, method: written.method }];
  const item = `${written.path}/{id}`;
  const rows: readonly (readonly [Method, string])[] = [
    ['GET', written.path],
    ['POST', written.path],
    ['GET', item],
    ['PATCH', item],
    ['DELETE', item],
  ];
  return rows.map(([method, path]) => ({ ...written, method, path, description: '' }));
}
