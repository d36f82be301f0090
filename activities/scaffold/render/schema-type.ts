/**
 * Types of fields as Pydantic sees them: strict where JSON has the type, bounded where PostgreSQL is.
 */
import type { SpecField, SpecResource } from '../spec-model.js';
import { pythonType } from './columns.js';
import { enumName } from './names.js';
import { pascal, pyString } from './python-text.js';

const INT4 = { min: -2147483648, max: 2147483647 };

/** `TaskTitle = Annotated[Text, Field(…)]` for a field whose type is more than a name. */
export function aliasOf(resource: SpecResource, field: SpecField): { name: string; definition: string } | null {
  const definition = annotated(field);
  return definition === null ? null : { name: resource.class_name + pascal(field.name), definition };
}

/** Type of a field in a body, or as a query parameter, where everything arrives as text. */
export function requestType(resource: SpecResource, field: SpecField, place: 'body' | 'query' = 'body'): string {
  const { kind } = field.type;
  if (place === 'query') return queryType(resource, field);
  const alias = aliasOf(resource, field);
  if (alias) return alias.name;
  switch (kind) {
    case 'enum':
      return enumName(resource, field.name);
    case 'reference':
      return 'EntityId';
    case 'boolean':
      return 'StrictBool';
    case 'datetime':
      return 'UtcDatetime';
    case 'date':
      return 'IsoDate';
    case 'hex_colour':
      return 'HexColour';
    case 'json':
      return 'Any';
    default:
      return 'Text';
  }
}

function queryType(resource: SpecResource, field: SpecField): string {
  switch (field.type.kind) {
    case 'reference':
      return 'QueryId';
    case 'integer':
      return 'QueryInt';
    case 'decimal':
      return 'Decimal';
    case 'boolean':
      return 'bool';
    case 'string':
    case 'text':
    case 'email':
      return 'Text';
    default:
      return requestType(resource, field);
  }
}

/** Type of a field in a response. */
export function responseType(resource: SpecResource, field: SpecField): string {
  return pythonType(resource, field) + (field.nullable ? ' | None' : '');
}

function annotated({ type }: SpecField): string | null {
  switch (type.kind) {
    case 'string':
    case 'text': {
      const pattern = type.kind === 'string' && type.pattern !== null ? type.pattern : null;
      const length = bounds([
        ['min_length', type.min_length],
        ['max_length', type.max_length],
      ]);
      if (pattern !== null) {
        const options = ['strip_whitespace=True', `pattern=${pyString(`^(?:${pattern})$`)}`, ...length];
        return `Annotated[str, StringConstraints(${options.join(', ')})]`;
      }
      return length.length === 0 ? null : `Annotated[Text, Field(${length.join(', ')})]`;
    }
    case 'email':
      return `Annotated[Email, Field(max_length=${type.max_length})]`;
    case 'integer':
      return `Annotated[int, Field(strict=True, ge=${type.min ?? INT4.min}, le=${type.max ?? INT4.max})]`;
    case 'decimal': {
      const range = bounds([
        ['max_digits', type.precision],
        ['decimal_places', type.scale],
        ['ge', type.min],
        ['le', type.max],
      ]);
      return `Annotated[Decimal, Field(${range.join(', ')})]`;
    }
    default:
      return null;
  }
}

function bounds(named: readonly (readonly [string, number | null])[]): string[] {
  return named.flatMap(([name, value]) => (value === null ? [] : [`${name}=${value}`]));
}
