/**
 * What a resource and its parts are called in generated code: modules, variables, functions, enum classes.
 */

import type { SpecEndpoint } from '../spec-endpoints.js';
import { fieldNamed, resourceNamed, type SpecField, type SpecResource } from '../spec-model.js';
import type { Scalar } from '../spec-rules.js';
import type { Build } from './build.js';
import { memberName, pascal, pyScalar, variable } from './python-text.js';

export interface Names {
  /** `Task` */
  readonly className: string;
  /** Module of model and schema: `task`. */
  readonly module: string;
  /** `tasks` */
  readonly plural: string;
  /** Variable that holds a row: `task`. */
  readonly row: string;
  /** Variable that holds an id: `task_id`. */
  readonly id: string;
  /** For people: `task tag`, `task tags`. */
  readonly noun: string;
  readonly nouns: string;
  readonly service: string;
}

export function namesOf(resource: SpecResource): Names {
  return {
    className: resource.class_name,
    module: resource.singular,
    plural: resource.name,
    row: variable(resource.singular),
    id: `${resource.singular}_id`,
    noun: resource.singular.replaceAll('_', ' '),
    nouns: resource.name.replaceAll('_', ' '),
    service: `${resource.class_name}Service`,
  };
}

/** `TaskStatus` */
export function enumName(resource: SpecResource, field: string): string {
  return resource.class_name + pascal(field);
}

/** A value of a field in code: an enum member where the field is a choice. */
export function literalOf(resource: SpecResource, field: string, value: Scalar): string {
  const type = fieldNamed(resource, field)?.type;
  return type?.kind === 'enum' && typeof value === 'string'
    ? `${enumName(resource, field)}.${memberName(value)}`
    : pyScalar(value);
}

/** Several values of a field: `{TaskStatus.PENDING, TaskStatus.IN_PROGRESS}`. */
export function literalsOf(resource: SpecResource, field: string, values: readonly Scalar[]): string[] {
  return values.map((value) => literalOf(resource, field, value));
}

/** What a reference is called without its `_id`: `assignee`. */
export function referenceName(field: string): string {
  return field.replace(/_id$/, '');
}

export function enumFields(resource: SpecResource): SpecField[] {
  return resource.fields.filter(({ type }) => type.kind === 'enum');
}

/** Name of the route and of the service method behind it. */
export function functionName(build: Build, owner: SpecResource, endpoint: SpecEndpoint): string {
  const taken = owner.endpoints.filter((other) => plainName(build, owner, other) === plainName(build, owner, endpoint));
  if (taken[0]?.id === endpoint.id) return plainName(build, owner, endpoint);
  return endpoint.id.replaceAll('-', '_');
}

function plainName(build: Build, owner: SpecResource, endpoint: SpecEndpoint): string {
  const { singular, name } = owner;
  const [first, second] = endpoint.params.map((param) => resourceNamed(build.model, param.resource));
  switch (endpoint.kind) {
    case 'list':
      return `list_${name}`;
    case 'me':
      return `get_own_${singular}`;
    case 'set_field':
      return `set_${singular}_${endpoint.field}`;
    case 'assign':
      return `set_${singular}_${referenceName(endpoint.field)}`;
    case 'action':
      return `${endpoint.path.slice(endpoint.path.lastIndexOf('/') + 1).replaceAll('-', '_')}_${singular}`;
    case 'bulk_set':
      return `set_${endpoint.field}_of_${name}`;
    case 'nested_list':
      return `list_${endpoint.rows}_${endpoint.link ? 'with' : 'of'}_${first?.singular ?? endpoint.parent}`;
    case 'nested_create':
      return `create_${singular}`;
    case 'link_add':
      return `add_${endpoint.rows}_to_${first?.singular}`;
    case 'link_remove':
      return `remove_${second?.singular}_from_${first?.singular}`;
    case 'link_list':
      return `list_${endpoint.rows}_of_${first?.singular}`;
    default:
      return `${endpoint.kind}_${singular}`;
  }
}
