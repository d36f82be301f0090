/**
 * Names: from headings and bullets to safe identifiers, singular and plural, reserved words. Pure. Every name that
 * leaves this file matches ^[a-z][a-z0-9_]{0,62}$ (or is a class name) and can't collide with generated code.
 */
import pluralize from 'pluralize';

/** Attribute names with a meaning in Python, SQLAlchemy's declarative base or Pydantic's BaseModel. */
const RESERVED_FIELDS = new Set(
  `and as assert async await break class continue def del elif else except finally for from global if import in is
  lambda none nonlocal not or pass raise return true false try while with yield match case self cls
  metadata registry query json copy dict schema construct validate fields parse_obj parse_raw from_orm model_config
  awaitable_attrs`.split(/\s+/),
);

/** Module and table names that the generated project, Python or PostgreSQL already use. */
const RESERVED_RESOURCES = new Set(
  `base main config database auth dependencies errors pagination schemas models routers services tests alembic app
  health alembic_versions bases types lists dicts enums`.split(/\s+/),
);

/** Class names that templates import. */
const RESERVED_CLASSES = new Set(
  `Base Any Annotated Enum Date Datetime Decimal Session Engine Column Table Index Integer String Text Boolean Float
  Numeric List Dict Set Tuple Type Path Query Body Header Request Response Depends Settings Field Page Select
  Callable Exception None True False Sequence Literal Self Error Status`.split(/\s+/),
);

/** `Due date` / `dueDate` / `due-date` -> `due_date`; null when nothing usable is left. */
export function identifier(text: string): string | null {
  const name = text
    .trim()
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[_0-9]+|_+$/g, '')
    .slice(0, 63);
  return /^[a-z][a-z0-9_]{0,62}$/.test(name) ? name : null;
}

/** `task_tag` -> `task_tags`; only the last word changes. */
export function pluralOf(name: string): string {
  return mapLastWord(name, (word) => pluralize.plural(word));
}

/** `categories` -> `category`. A word without a singular (`news`) stays. */
export function singularOf(name: string): string {
  return mapLastWord(name, (word) => pluralize.singular(word));
}

function mapLastWord(name: string, change: (word: string) => string): string {
  const words = name.split('_');
  const last = words.pop() ?? '';
  return [...words, change(last)].join('_');
}

/** A name and, when it had to be changed, why: recorded as INFERRED. */
export interface SafeName {
  readonly name: string;
  readonly renamed: string | null;
}

/** Field name that is safe in Python, SQLAlchemy and Pydantic; a reserved one gets the resource in front. */
export function safeFieldName(name: string, singular: string): SafeName {
  const clash = RESERVED_FIELDS.has(name) || name.startsWith('model_');
  if (!clash) return { name, renamed: null };
  const safe = `${singular}_${name}`.slice(0, 63).replace(/_+$/, '');
  return { name: safe, renamed: `'${name}' is reserved in generated code; the field is called '${safe}'` };
}

export interface ResourceNames {
  readonly name: string;
  readonly singular: string;
  readonly className: string;
  readonly renamed: string | null;
}

/** Plural, singular and class name from a heading's words. Null when no identifier can be made of them. */
export function resourceNames(heading: string): ResourceNames | null {
  const words = heading.replace(/\b(?:resources?|models?|entit(?:y|ies)|tables?|api)\b/gi, ' ').trim();
  const raw = identifier(words === '' ? heading : words);
  if (!raw) return null;
  const singular = singularOf(raw);
  const plural = pluralOf(singular);
  const className = singular
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
  const clash = RESERVED_RESOURCES.has(plural) || RESERVED_CLASSES.has(className) || RESERVED_FIELDS.has(singular);
  if (!clash) return { name: plural, singular, className, renamed: null };
  return {
    name: `${singular}_records`,
    singular: `${singular}_record`,
    className: `${className}Record`,
    renamed: `'${plural}' is reserved in generated code; the resource is called '${singular}_records'`,
  };
}

/** `due_date` -> `due date`: how a name is spoken in sentences. */
export function spoken(name: string): string {
  return name.replaceAll('_', ' ');
}

/** `creator_id` -> `creator`: how a reference is called in sentences. */
export function labelOf(field: string): string {
  return field.replace(/_id$/, '');
}

/** Slug part of ids: `in_progress` -> `in-progress`. */
export function slugPart(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

/** Words joined as an error code: `URGENT_AND_PENDING`. */
export function errorCode(...words: string[]): string {
  const code = words
    .join('_')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^[_0-9]+|_+$/g, '')
    .slice(0, 63);
  return code.length > 1 ? code : 'CONFLICT';
}
