/**
 * A spec without users still has a signed-in user: a small table of our own, without endpoints.
 */
import type { SpecField, SpecModel, SpecResource } from '../spec-model.js';

const field = { create: 'never', update: false, nullable: false, readable: true, line: 1 } as const;
const USER: Omit<SpecResource, 'fields'> = {
  name: 'users',
  singular: 'user',
  class_name: 'User',
  title: 'Users',
  path: '/users',
  description: '',
  link: null,
  soft_delete: null,
  relations: [],
  endpoints: [],
  rules: [],
  line: 1,
};

/** The model itself when it has users; else the model with a table of users in front. */
export function withUsers(model: SpecModel): SpecModel {
  if (model.auth.user_resource !== null) return model;
  const { roles } = model.auth;
  const role_field = roles.length > 0 ? 'role' : null;
  const auth = { ...model.auth, user_resource: USER.name, active_field: 'is_active', role_field };
  return { ...model, auth, resources: [{ ...USER, fields: fieldsOf(roles) }, ...model.resources] };
}

function fieldsOf(roles: string[]): SpecField[] {
  const role: SpecField = {
    ...field,
    name: 'role',
    type: { kind: 'enum', values: roles },
    source: 'client',
    default: roles.at(-1) ?? null,
  };
  const name = { kind: 'string' as const, min_length: 1, max_length: 100, pattern: null };
  return [
    { ...field, name: 'id', type: { kind: 'integer', min: null, max: null }, source: 'key' },
    { ...field, name: 'name', type: name, source: 'client' },
    ...(roles.length > 0 ? [role] : []),
    { ...field, name: 'is_active', type: { kind: 'boolean' }, source: 'client', default: true },
    { ...field, name: 'created_at', type: { kind: 'datetime' }, source: 'created' },
    { ...field, name: 'updated_at', type: { kind: 'datetime' }, source: 'updated' },
  ];
}
