/**
 * What a table holds besides its columns: checks, unique constraints and indexes, each with the name that the naming
 * convention of the project gives it.
 */
import { fieldNamed, rulesOf, type SpecField, type SpecResource } from '../spec-model.js';
import type { RuleOf, Scalar } from '../spec-rules.js';
import type { Build } from './build.js';
import { exclusionName, hasTimestampMixin, isIndexed, storedFields, uniqueName } from './columns.js';
import { pyString } from './python-text.js';

/** A CHECK; `sql` is an expression over columns. */
export interface Check {
  /** As in the model: the convention puts `ck_<table>_` before it. */
  readonly name: string;
  readonly sql: string;
}

/** A unique rule as the database holds it. */
export interface Unique {
  readonly name: string;
  readonly fields: readonly string[];
  /** SQL expressions of an index where plain columns don't do. */
  readonly expressions: readonly string[] | null;
  /** Condition of a partial index. */
  readonly where: string | null;
}

export interface PlainIndex {
  readonly name: string;
  readonly field: string;
  /** Declared at the column itself. */
  readonly atColumn: boolean;
}

/** Ranges of numbers. */
export function rangeChecks(resource: SpecResource): Check[] {
  return storedFields(resource).flatMap((field): Check[] => {
    const { type, name } = field;
    if (type.kind !== 'integer' && type.kind !== 'decimal') return [];
    const bounds = [
      type.min === null ? [] : `${name} >= ${type.min}`,
      type.max === null ? [] : `${name} <= ${type.max}`,
    ];
    const sql = bounds.flat().join(' AND ');
    return sql === '' ? [] : [{ name: `${name}_range`, sql }];
  });
}

/** Two columns of which one must not lie after the other. */
export function orderChecks(resource: SpecResource): Check[] {
  return rulesOf(resource, 'order').map(({ first, second, strict }) => ({
    name: `${first}_before_${second}`.slice(0, 63 - `ck_${resource.name}_`.length),
    sql: `${first} ${strict ? '<' : '<='} ${second}`,
  }));
}

/** An exclusion constraint: elements with their operators, and which rows it is about. */
export interface Exclusion {
  readonly name: string;
  readonly per: string;
  /** `tstzrange(starts_at, ends_at)` */
  readonly range: string;
  readonly where: string | null;
}

export function exclusionsOf(resource: SpecResource): Exclusion[] {
  return rulesOf(resource, 'no_overlap').map((rule) => {
    const range = fieldNamed(resource, rule.start)?.type.kind === 'date' ? 'daterange' : 'tstzrange';
    const where = rule.unless ? `NOT (${condition(rule.unless)})` : null;
    return { name: exclusionName(resource, rule), per: rule.per, range: `${range}(${rule.start}, ${rule.end})`, where };
  });
}

/** `status = 'pending'`, `is_active`: values come from enums, whose form the model bounds, or are true and false. */
function condition({ field, values }: { field: string; values: readonly Scalar[] }): string {
  const [only, more] = values;
  if (typeof only === 'boolean') return only ? field : `NOT ${field}`;
  const quoted = values.map((value) => `'${String(value)}'`);
  return more === undefined ? `${field} = ${quoted[0]}` : `${field} IN (${quoted.join(', ')})`;
}

/** The values of each enum column. In a model the enum type brings the check itself. */
export function choiceChecks(resource: SpecResource): Check[] {
  return storedFields(resource).flatMap(({ name, type }) =>
    type.kind === 'enum' ? [{ name, sql: `${name} IN (${type.values.map((value) => `'${value}'`).join(', ')})` }] : [],
  );
}

export function uniquesOf(resource: SpecResource): Unique[] {
  return rulesOf(resource, 'unique').map((rule) => uniqueOf(resource, rule));
}

function uniqueOf(resource: SpecResource, rule: RuleOf<'unique'>): Unique {
  const soft = resource.soft_delete;
  const conditions = [
    ...(soft?.kind === 'timestamp' ? [`${soft.field} IS NULL`] : []),
    ...(rule.where ? [condition(rule.where)] : []),
  ];
  const where = conditions.length > 0 ? conditions.join(' AND ') : null;
  const folded = (name: string) =>
    rule.case_insensitive && isText(fieldNamed(resource, name)) ? `lower(${name})` : name;
  const expressions = rule.case_insensitive || where ? rule.fields.map(folded) : null;
  return { name: uniqueName(resource, rule), fields: rule.fields, expressions, where };
}

function isText(field: SpecField | undefined): boolean {
  return field !== undefined && ['string', 'text', 'email', 'hex_colour'].includes(field.type.kind);
}

export function indexesOf(build: Build, resource: SpecResource): PlainIndex[] {
  const mixin = hasTimestampMixin(resource) ? ['created_at', 'updated_at'] : [];
  return storedFields(resource)
    .filter((field) => isIndexed(build.model, resource, field))
    .map(({ name }) => ({
      name: `ix_${resource.name}_${name}`.slice(0, 63),
      field: name,
      atColumn: !mixin.includes(name),
    }));
}

/** Column list of an index in code: `"name"`, or `text("lower(name)")` for an expression. */
export function indexColumns(unique: Unique, text: string): string {
  return (unique.expressions ?? unique.fields)
    .map((expression, at) =>
      expression === unique.fields[at] ? pyString(expression) : `${text}(${pyString(expression)})`,
    )
    .join(', ');
}
