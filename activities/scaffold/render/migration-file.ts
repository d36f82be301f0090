/**
 * `alembic/versions/<nnnn>_create_<resource>.py`: one migration per resource. Its text depends on the spec alone; only
 * the revision that it follows depends on which resources are built.
 */
import { createHash } from 'node:crypto';
import { resourceNamed, type SpecField, type SpecResource } from '../spec-model.js';
import { type Build, builtResources, isDeferred } from './build.js';
import { columnsOf, isLinkKey, onDeleteOf, storedFields } from './columns.js';
import {
  choiceChecks,
  exclusionsOf,
  indexColumns,
  indexesOf,
  orderChecks,
  rangeChecks,
  uniquesOf,
} from './constraints.js';
import { namesOf } from './names.js';
import { pyString } from './python-text.js';
import { seedRow } from './seed.js';
import { renderTemplate } from './template.js';

interface ForeignKey {
  readonly table: string;
  readonly name: string;
  readonly field: string;
  readonly target: string;
  readonly ondelete: string | null;
}

export function migrationPath({ order }: Build, resource: SpecResource): string {
  const number = String(order.indexOf(resource.name) + 1).padStart(4, '0');
  return `alembic/versions/${number}_create_${resource.name}.py`;
}

export function migrationFile(build: Build, resource: SpecResource): string {
  const view = migrationView(build, resource);
  const chain = builtResources(build).map(({ name }) => name);
  const before = chain[chain.indexOf(resource.name) - 1];
  const previous = before === undefined ? null : revisionOf(build, resourceNamed(build.model, before));
  const revision = revisionOf(build, resource);
  return renderTemplate('resource/migration.py', { ...view, revision, previous });
}

/** Twelve hex digits of what the migration does. */
function revisionOf(build: Build, resource: SpecResource): string {
  const content = renderTemplate('resource/migration.py', {
    ...migrationView(build, resource),
    revision: '',
    previous: null,
  });
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
}

function migrationView(build: Build, resource: SpecResource) {
  const keys = storedFields(resource).filter((field) => field.source === 'key' || isLinkKey(resource, field));
  const checks = [...choiceChecks(resource), ...rangeChecks(resource), ...orderChecks(resource)];
  return {
    ...namesOf(resource),
    table: resource.name,
    columns: columnsOf(build, resource),
    primaryKey: keys.map(({ name }) => pyString(name)).join(', '),
    checks: checks.map(({ name, sql }) => ({ name: `ck_${resource.name}_${name}`, sql })),
    foreignKeys: ownForeignKeys(build, resource),
    lateForeignKeys: lateForeignKeys(build, resource),
    uniques: uniquesOf(resource).map((unique) => ({ ...unique, columns: indexColumns(unique, 'sa.text') })),
    exclusions: exclusionsOf(resource),
    indexes: indexesOf(build, resource),
    seed: build.userName === resource.name ? seedRow(build) : [],
  };
}

function ownForeignKeys(build: Build, resource: SpecResource): ForeignKey[] {
  return referencesOf(resource)
    .filter(({ target }) => !isDeferred(build, resource, target))
    .map(({ field, target }) => foreignKeyOf(build, resource, field, target));
}

/** Keys of earlier tables that refer to this one: they wait until it is there. */
function lateForeignKeys(build: Build, resource: SpecResource): ForeignKey[] {
  return build.model.resources
    .filter((other) => isDeferred(build, other, resource.name))
    .flatMap((other) =>
      referencesOf(other)
        .filter(({ target }) => target === resource.name)
        .map(({ field, target }) => foreignKeyOf(build, other, field, target)),
    );
}

function referencesOf(resource: SpecResource): { field: SpecField; target: string }[] {
  return storedFields(resource).flatMap((field) =>
    field.type.kind === 'reference' ? [{ field, target: field.type.target }] : [],
  );
}

function foreignKeyOf(build: Build, resource: SpecResource, field: SpecField, target: string): ForeignKey {
  return {
    table: resource.name,
    name: `fk_${resource.name}_${field.name}_${target}`.slice(0, 63),
    field: field.name,
    target,
    ondelete: onDeleteOf(build.model, resource, field, target),
  };
}
