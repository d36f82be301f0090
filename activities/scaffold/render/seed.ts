/**
 * The row of user 1: the admin that mock mode acts as, seeded by the migration of the users.
 */
import { resourceNamed, type SpecField } from '../spec-model.js';
import type { Build } from './build.js';
import { storedFields } from './columns.js';
import { pyScalar, pyString } from './python-text.js';

export interface SeedValue {
  readonly name: string;
  /** Python literal. */
  readonly value: string;
}

/** Every column of the seeded user that the database does not fill itself. */
export function seedRow(build: Build): SeedValue[] {
  return storedFields(resourceNamed(build.model, build.userName)).flatMap((field) => {
    const value = seedValue(build, field);
    return value === null ? [] : [{ name: field.name, value }];
  });
}

function seedValue(build: Build, field: SpecField): string | null {
  const { auth } = build.model;
  if (['key', 'created', 'updated'].includes(field.source)) return null;
  if (field.name === auth.role_field && auth.admin_role !== null) return pyString(auth.admin_role);
  if (field.name === auth.active_field) return 'True';
  if (field.default !== undefined && field.default !== null) return pyScalar(field.default);
  return field.nullable ? null : plainValue(field);
}

function plainValue({ name, type }: SpecField): string {
  switch (type.kind) {
    case 'email':
      return pyString('admin@example.com');
    case 'hex_colour':
      return pyString('#808080');
    case 'integer':
    case 'decimal':
      return String(Math.max(0, type.min ?? 0));
    case 'reference':
      return '1';
    case 'boolean':
      return 'False';
    case 'datetime':
      return 'datetime(2000, 1, 1, tzinfo=UTC)';
    case 'date':
      return 'date(2000, 1, 1)';
    case 'enum':
      return pyString(type.values[0] ?? '');
    case 'json':
      return '{}';
    default:
      return pyString((name.includes('name') ? 'Admin' : 'admin').slice(0, type.max_length ?? 50));
  }
}
