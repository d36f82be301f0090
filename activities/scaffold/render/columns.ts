/**
 * The columns, constraints and indexes of a resource's table: once for its model, once for its migration. What is in
 * the table never depends on which other resources are built, so that a migration stays as it was written.
 */
import { fieldNamed, rulesOf, type SpecField, type SpecModel, type SpecResource } from '../spec-model.js';
import type { RuleOf } from '../spec-rules.js';
import { type Build, isBuilt, isDeferred } from './build.js';
import { enumName, literalOf } from './names.js';
import { pyScalar, pyString } from './python-text.js';

export interface Column {
  readonly name: string;
  /** `str | None` */
  readonly annotation: string;
  /** Arguments of `mapped_column`, of which the first may be the type. */
  readonly modelArguments: readonly string[];
  /** Arguments of `sa.Column` after the name. */
  readonly migrationArguments: readonly string[];
}

/** `uq_users_email`: the name by which the service knows a broken unique rule. */
export function uniqueName(resource: SpecResource, rule: RuleOf<'unique'>): string {
  const only =
    rule.where?.values
      .map(
        (value) =>
          `_${String(value)
            .toLowerCase()
            .replace(/[^a-z0-9]+/g, '_')}`,
      )
      .join('') ?? '';
  return `uq_${resource.name}_${rule.fields.join('_')}${only}`.slice(0, 63);
}

/** `ex_bookings_room_id`: the name by which the service knows two rows at the same time. */
export function exclusionName(resource: SpecResource, rule: RuleOf<'no_overlap'>): string {
  return `ex_${resource.name}_${rule.per}`.slice(0, 63);
}

/** Fields that have a column. */
export function storedFields(resource: SpecResource): SpecField[] {
  return resource.fields.filter(({ source }) => source !== 'count');
}

export function hasTimestampMixin(resource: SpecResource): boolean {
  return (
    fieldNamed(resource, 'created_at')?.source === 'created' && fieldNamed(resource, 'updated_at')?.source === 'updated'
  );
}

/** The column that marks a row as deleted, unless the spec lists it among the fields. */
export function extraDeletedAt(resource: SpecResource): string | null {
  const soft = resource.soft_delete;
  return soft?.kind === 'timestamp' && !fieldNamed(resource, soft.field) ? soft.field : null;
}

export function columnsOf(build: Build, resource: SpecResource): Column[] {
  const columns = storedFields(resource).map((field) => columnOf(build, resource, field));
  const deletedAt = extraDeletedAt(resource);
  if (deletedAt === null) return columns;
  const migrationArguments = ['sa.DateTime(timezone=True)', 'nullable=True'];
  return [...columns, { name: deletedAt, annotation: 'datetime | None', modelArguments: [], migrationArguments }];
}

function columnOf(build: Build, resource: SpecResource, field: SpecField): Column {
  const modelArguments = modelTypeArguments(resource, field);
  if (field.type.kind === 'reference' && isBuilt(build, field.type.target)) {
    modelArguments.push(foreignKey(build, resource, field, field.type.target));
  }
  const isKey = field.source === 'key' || isLinkKey(resource, field);
  if (isKey) modelArguments.push('primary_key=True');
  if (field.source === 'created' || field.source === 'updated') {
    modelArguments.push('default=utc_now');
    if (field.source === 'updated') modelArguments.push('onupdate=utc_now');
    modelArguments.push('server_default=func.now()');
  } else if (field.default !== undefined && field.default !== null) {
    modelArguments.push(`default=${columnDefault(resource, field)}`);
  }
  if (isIndexed(build.model, resource, field)) modelArguments.push('index=True');
  return {
    name: field.name,
    annotation: pythonType(resource, field) + (field.nullable ? ' | None' : ''),
    modelArguments,
    migrationArguments: [migrationType(field), ...migrationOptions(field)],
  };
}

function foreignKey(build: Build, resource: SpecResource, field: SpecField, target: string): string {
  const options = [`${pyString(`${target}.id`)}`];
  const action = onDeleteOf(build.model, resource, field, target);
  if (action) options.push(`ondelete=${pyString(action)}`);
  if (isDeferred(build, resource, target)) options.push('use_alter=True');
  return `ForeignKey(${options.join(', ')})`;
}

/** CASCADE for both ends of a link and where the parent's rules say so; none = the row can't go while referred to. */
export function onDeleteOf(model: SpecModel, resource: SpecResource, field: SpecField, target: string): string | null {
  if (isLinkKey(resource, field)) return 'CASCADE';
  const parent = model.resources.find(({ name }) => name === target);
  const rule = parent && rulesOf(parent, 'on_delete').find((r) => r.child === resource.name && r.field === field.name);
  if (!rule) return null;
  return rule.action === 'cascade' ? 'CASCADE' : 'SET NULL';
}

export function isLinkKey({ link }: SpecResource, { name }: SpecField): boolean {
  return link !== null && (link.left_field === name || link.right_field === name);
}

/** Python type of a value: `datetime`, `TaskStatus`. */
export function pythonType(resource: SpecResource, field: SpecField): string {
  switch (field.type.kind) {
    case 'integer':
    case 'reference':
      return 'int';
    case 'decimal':
      return 'Decimal';
    case 'boolean':
      return 'bool';
    case 'datetime':
      return 'datetime';
    case 'date':
      return 'date';
    case 'enum':
      return enumName(resource, field.name);
    case 'json':
      return 'Any';
    default:
      return 'str';
  }
}

function modelTypeArguments(resource: SpecResource, field: SpecField): string[] {
  const { type } = field;
  if (type.kind === 'enum') return [`one_of(${enumName(resource, field.name)}, ${pyString(field.name)})`];
  const named = ['string', 'text', 'email', 'hex_colour', 'decimal', 'json'].includes(type.kind);
  return named ? [migrationType(field).replace(/\b(sa|postgresql)\./g, '')] : [];
}

function migrationType({ type }: SpecField): string {
  switch (type.kind) {
    case 'string':
      return type.max_length === null ? 'sa.String()' : `sa.String(length=${type.max_length})`;
    case 'text':
      return 'sa.Text()';
    case 'email':
      return `sa.String(length=${type.max_length})`;
    case 'hex_colour':
      return 'sa.String(length=7)';
    case 'integer':
    case 'reference':
      return 'sa.Integer()';
    case 'decimal':
      return `sa.Numeric(precision=${type.precision}, scale=${type.scale})`;
    case 'boolean':
      return 'sa.Boolean()';
    case 'datetime':
      return 'sa.DateTime(timezone=True)';
    case 'date':
      return 'sa.Date()';
    case 'enum':
      return `sa.String(length=${Math.max(...type.values.map((value) => value.length))})`;
    case 'json':
      return 'postgresql.JSONB()';
  }
}

function migrationOptions(field: SpecField): string[] {
  const timestamp = field.source === 'created' || field.source === 'updated';
  return [...(timestamp ? ['server_default=sa.func.now()'] : []), `nullable=${pyScalar(field.nullable)}`];
}

function columnDefault(resource: SpecResource, field: SpecField): string {
  const value = field.default ?? null;
  if (field.type.kind === 'decimal') return `Decimal(${pyString(Number(value).toFixed(field.type.scale))})`;
  return literalOf(resource, field.name, value);
}

/** Foreign keys, filters and sorts get an index, unless a key or a unique rule brings one. */
export function isIndexed(model: SpecModel, resource: SpecResource, field: SpecField): boolean {
  const { link } = resource;
  if (link) return field.name !== link.left_field && field.type.kind === 'reference';
  if (field.source === 'key' || field.type.kind === 'text' || field.type.kind === 'json') return false;
  const covered = rulesOf(resource, 'unique').some(
    (r) => !r.case_insensitive && !r.where && r.fields[0] === field.name,
  );
  if (covered) return false;
  return field.type.kind === 'reference' || listedFields(model, resource).has(field.name);
}

function listedFields(model: SpecModel, resource: SpecResource): Set<string> {
  const lists = model.resources.flatMap((owner) =>
    owner.endpoints.flatMap((endpoint) =>
      'list' in endpoint && endpoint.rows === resource.name ? [endpoint.list] : [],
    ),
  );
  return new Set(
    lists.flatMap(({ filters, sort }) => [
      ...filters.map(({ field }) => field),
      ...sort.fields.filter(({ order }) => order === 'value').map(({ name }) => name),
      sort.default.field,
    ]),
  );
}
