/**
 * What deleting a row does to others where the database can't: behind a soft delete no foreign key fires.
 */
import { resourceNamed, rulesOf, type SpecResource } from '../spec-model.js';
import { activeRules, type Build } from './build.js';
import { ofFamily } from './checks.js';
import { namesOf } from './names.js';

/** Lines of the delete method. */
export function onDeleteEffects(build: Build, resource: SpecResource): string[] {
  const { row } = namesOf(resource);
  const soft = resource.soft_delete;
  if (soft === null) return [`await self.session.delete(${row})`];
  if (soft.kind === 'flag') return [`${row}.${soft.field} = False`];
  const children = ofFamily(activeRules(build, resource), 'on_delete').map(({ child, field, action }) => {
    const { class_name, soft_delete } = resourceNamed(build.model, child);
    const condition = `.where(${class_name}.${field} == ${row}.id)`;
    if (action === 'set_null')
      return `await self.session.execute(update(${class_name})${condition}.values(${field}=None))`;
    if (soft_delete?.kind !== 'timestamp') return `await self.session.execute(delete(${class_name})${condition})`;
    const alive = `.where(${class_name}.${soft_delete.field}.is_(None))`;
    return `await self.session.execute(update(${class_name})${condition}${alive}.values(${soft_delete.field}=utc_now()))`;
  });
  return [...children, `${row}.${soft.field} = utc_now()`];
}

/** True when a hard delete can be stopped by rows that refer to this one. */
export function isRestricted(build: Build, resource: SpecResource): boolean {
  if (resource.soft_delete !== null) return false;
  const freed = rulesOf(resource, 'on_delete').map(({ child, field }) => `${child}.${field}`);
  return build.model.resources.some(
    (other) =>
      build.built.has(other.name) &&
      other.link === null &&
      other.fields.some(
        ({ name, type }) =>
          type.kind === 'reference' && type.target === resource.name && !freed.includes(`${other.name}.${name}`),
      ),
  );
}
