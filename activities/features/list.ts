/**
 * `feature_list.json`: reading, writing and the hash that locks an entry. Pure text in, text out.
 * Serialised in one stable way, so that the same features are the same bytes.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { FEATURE_LIST_VERSION, type Feature, type FeatureList, feature } from './feature.js';

export const FEATURE_LIST_FILE = 'feature_list.json';

export type ParsedList =
  | { readonly kind: 'ok'; readonly list: FeatureList }
  | { readonly kind: 'bad'; readonly problems: readonly string[] };

const envelope = z.strictObject({
  version: z.literal(FEATURE_LIST_VERSION),
  project: z.string(),
  features: z.array(z.unknown()),
});

/** A list from its text; problems name the entry and the field. */
export function parseFeatureList(text: string): ParsedList {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { kind: 'bad', problems: [`${FEATURE_LIST_FILE} is not JSON: ${(error as Error).message}`] };
  }
  const outer = envelope.safeParse(json);
  if (!outer.success) {
    return { kind: 'bad', problems: outer.error.issues.map((issue) => `${pathOf(issue.path)}: ${issue.message}`) };
  }
  const { features, problems } = parseFeatures(outer.data.features);
  if (problems.length > 0) return { kind: 'bad', problems };
  return { kind: 'ok', list: { ...outer.data, features } };
}

/** Entries of a list or a proposal; an entry is named by its id, else by its place. */
export function parseFeatures(entries: readonly unknown[]): { features: Feature[]; problems: string[] } {
  const features: Feature[] = [];
  const problems: string[] = [];
  entries.forEach((entry, index) => {
    const parsed = feature.safeParse(entry);
    if (parsed.success) features.push(parsed.data);
    else problems.push(...parsed.error.issues.map((issue) => inWords(entry, index, issue)));
  });
  return { features, problems: [...problems, ...duplicates(features)] };
}

/** Features in the order of the list (the order of building), keys in one fixed order, 2 spaces, final newline. */
export function serializeFeatureList(list: FeatureList): string {
  return `${JSON.stringify(list, sortedKeys, 2)}\n`;
}

/** sha256 of the entry without `passes`: what the lock holds. */
export function entryHash(entry: Feature): string {
  const { passes: _passes, ...rest } = entry;
  return createHash('sha256').update(JSON.stringify(rest, sortedKeys)).digest('hex');
}

/** Key order of an entry as people know it; all other keys by name. */
const KEY_ORDER = [
  'version',
  'project',
  'features',
  'id',
  'category',
  'resource',
  'method',
  'path',
  'name',
  'description',
  'spec_line',
  'state',
  'passes',
];

function sortedKeys(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const rank = (key: string) => (KEY_ORDER.includes(key) ? KEY_ORDER.indexOf(key) : KEY_ORDER.length);
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : Number(a > b))),
  );
}

function duplicates(features: readonly Feature[]): string[] {
  const seen = new Set<string>();
  return features.flatMap((entry) => {
    if (seen.has(entry.id)) return [`feature "${entry.id}": the id is used twice; give each feature its own`];
    seen.add(entry.id);
    return [];
  });
}

function inWords(entry: unknown, index: number, issue: z.core.$ZodIssue): string {
  const id = entry !== null && typeof entry === 'object' && 'id' in entry ? entry.id : undefined;
  const name = typeof id === 'string' && id !== '' ? `feature "${id.slice(0, 100)}"` : `feature at index ${index}`;
  return `${name}: ${pathOf(issue.path)}: ${issue.message}`;
}

function pathOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the entry itself';
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}${text && '.'}${String(key)}`),
    '',
  );
}
