/**
 * Types of fields that a spec doesn't name, and the strict field from a draft. Pure. Every guess is recorded.
 */
import type { FieldType, SpecField } from '../spec-model.js';
import type { DraftField } from './spec-draft.js';
import { labelOf, pluralOf } from './spec-names.js';

const string: FieldType = { kind: 'string', min_length: null, max_length: null, pattern: null };
const text: FieldType = { kind: 'text', min_length: null, max_length: null };
const decimal: FieldType = { kind: 'decimal', precision: 12, scale: 2, min: null, max: null };
const integer: FieldType = { kind: 'integer', min: null, max: null };

/** Type by name, first match: the table that docs/spec-format.md shows. */
const BY_NAME: readonly (readonly [RegExp, (name: string) => FieldType])[] = [
  [/^id$/, () => integer],
  [/.+_id$/, (name) => ({ kind: 'reference', target: pluralOf(labelOf(name)) })],
  [/_at$|^timestamp$/, () => ({ kind: 'datetime' })],
  [/_(?:on|date)$|^date$|^(?:birthday|deadline)$/, () => ({ kind: 'date' })],
  [
    /^(?:is|has|can|allow|allows)_|^(?:active|enabled|archived|published|deleted|verified|done)$/,
    () => ({ kind: 'boolean' }),
  ],
  [/(?:^|_)email$/, () => ({ kind: 'email', max_length: 255 })],
  [/(?:^|_)colou?r$/, () => ({ kind: 'hex_colour' })],
  [
    /(?:^|_)(?:url|website|link)$/,
    () => ({ kind: 'string', min_length: null, max_length: 2048, pattern: 'https?://.+' }),
  ],
  [/(?:^|_)(?:price|amount|cost|total|balance|fee|salary)$/, () => decimal],
  [/(?:^|_)(?:count|quantity|qty|number|stock|age|year|pages|position|capacity|rating|score)$/, () => integer],
  [/(?:^|_)(?:description|content|body|notes?|text|bio|comment|message|details)$/, () => text],
  [/./, () => string],
];

const SECRET = /(?:^|_)(?:password|passwd|secret|token|api_key|pin_hash|password_hash)$/;

/** Secrets by name are never shown; that they must be hashed is left to a model, and said. */
export function guardSecret(field: DraftField): void {
  if (!SECRET.test(field.name)) return;
  if (!field.secret)
    field.guesses.push({ rule: 'secret-by-name', note: `'${field.name}' is never in responses, filters or sorts` });
  field.secret = true;
  field.unknown.push('is stored as it is sent; hashing it is left to a model');
}

/** Fills a missing type: bounds first, then the name; records the guess. */
export function guessType(field: DraftField): void {
  if (field.type) return;
  const kind = BY_NAME.find(([pattern]) => pattern.test(field.name));
  field.type = kind?.[1](field.name) ?? string;
  if (typeof field.default === 'boolean') field.type = { kind: 'boolean' };
  if (field.name === 'id') return;
  field.guesses.push({ rule: 'type-from-name', note: `'${field.name}' is read as ${field.type.kind}` });
}

/** The type with the bounds of its line put where they belong. */
function boundedType(field: DraftField): FieldType {
  const type = field.type ?? string;
  const { low, high } = field;
  switch (type.kind) {
    case 'string':
    case 'text':
      return { ...type, min_length: low === 0 ? null : low, max_length: high ?? type.max_length };
    case 'email':
      return { ...type, max_length: high ?? type.max_length };
    case 'integer':
    case 'decimal':
      return { ...type, min: low, max: high };
    default:
      return type;
  }
}

const sourceOf = (field: DraftField): SpecField['source'] => {
  if (field.key) return 'key';
  if (field.count !== null) return 'count';
  if (field.user) return 'user';
  if (field.stamped) return 'rule';
  if (field.stamp) return field.stamp;
  return 'client';
};

/** The strict field. `path`: its value comes from the path (nested create, link). */
export function strictField(field: DraftField, path: boolean): SpecField {
  const source = path ? 'path' : sourceOf(field);
  const client = source === 'client';
  const hasDefault = field.default !== undefined;
  const nullable = source === 'key' || source === 'count' ? false : field.nullable && !(field.required === true);
  const optional = hasDefault || nullable || field.required === false;
  return {
    name: field.name,
    type: boundedType(field),
    source,
    create: !client || field.createNever ? 'never' : optional ? 'optional' : 'required',
    update: client && !field.updateNever && field.through === null,
    nullable: nullable && !(client && hasDefault),
    ...(field.default === undefined ? {} : { default: field.default }),
    readable: !field.secret,
    line: field.line,
  };
}
